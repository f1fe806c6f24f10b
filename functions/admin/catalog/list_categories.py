"""GET /v1/admin/categories: list all categories in the order of the shop."""

from commerce.catalog import staff_queries
from commerce.catalog.staff_schemas import StaffCategory
from commerce.entrypoints.http import admin
from commerce.kernel.paging import Page

api = admin("catalog:read")


@api.get("/v1/admin/categories")
def list_categories() -> Page[StaffCategory]:
    """All of them at once: the tree is bounded."""
    return staff_queries.categories()


handler = api.handler
