"""PUT /v1/admin/stock/{sku}/levels/{location}/low-stock-threshold: say when stock is low."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.inventory import staff_operations
from commerce.inventory.schemas import LowStockThreshold, StockView

api = admin("inventory:write")


@api.put(
    "/v1/admin/stock/{sku}/levels/{location}/low-stock-threshold", replay=staff_operations.low_stock_threshold_again
)
def set_low_stock_threshold(sku: Id, location: Id, body: LowStockThreshold) -> StockView:
    return staff_operations.set_low_stock_threshold(sku=sku, location=location, new=body, call=api.call())


handler = api.handler
