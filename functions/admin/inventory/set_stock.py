"""PUT /v1/admin/stock/{sku}/levels/{location}: make this many units available, whatever there was."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import DryRun, Id
from commerce.inventory import staff_operations
from commerce.inventory.schemas import StockChange, StockSetting

api = admin("inventory:write")


@api.put("/v1/admin/stock/{sku}/levels/{location}", replay=staff_operations.stock_change_again)
def set_stock(sku: Id, location: Id, body: StockSetting, dry_run: DryRun = False) -> StockChange:
    return staff_operations.set_available(sku=sku, location=location, new=body, call=api.call(), dry_run=dry_run)


handler = api.handler
