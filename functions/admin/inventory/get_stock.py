"""GET /v1/admin/stock/{sku}: the stock of a SKU at every location."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.inventory import staff_queries
from commerce.inventory.schemas import StockView

api = admin("inventory:read")


@api.get("/v1/admin/stock/{sku}")
def get_stock(sku: Id) -> StockView:
    return staff_queries.stock(sku=sku)


handler = api.handler
