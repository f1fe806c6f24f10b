"""GET /v1/admin/products: list all products, or those of one status, the newest first."""

from commerce.catalog import staff_queries
from commerce.catalog.model import Status
from commerce.catalog.staff_schemas import StaffProduct
from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Cursor, Limit
from commerce.kernel.paging import Page

api = admin("catalog:read")


@api.get("/v1/admin/products")
def list_products(status: Status | None = None, limit: Limit = 20, cursor: Cursor | None = None) -> Page[StaffProduct]:
    """End a page early when its products are large; it goes on all the same."""
    return staff_queries.products(status=status, limit=limit, cursor=cursor, call=api.call())


handler = api.handler
