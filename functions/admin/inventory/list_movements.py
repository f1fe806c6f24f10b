"""GET /v1/admin/stock/{sku}/movements: the history of a SKU's stock, newest first."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Cursor, Id, Limit
from commerce.inventory import staff_queries
from commerce.inventory.schemas import MovementView
from commerce.kernel.paging import Page

api = admin("inventory:read")


@api.get("/v1/admin/stock/{sku}/movements")
def list_movements(sku: Id, limit: Limit = 20, cursor: Cursor | None = None) -> Page[MovementView]:
    return staff_queries.movements(sku=sku, limit=limit, cursor=cursor, call=api.call())


handler = api.handler
