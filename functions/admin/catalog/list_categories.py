"""GET /v1/admin/categories: list all categories in the order of the shop."""

from commerce.catalog import queries
from commerce.catalog.schemas import StaffCategory
from commerce.entrypoints.http import admin
from commerce.kernel.paging import Page

api = admin("catalog:read")


@api.get("/v1/admin/categories")
def list_categories() -> Page[StaffCategory]:
    """All of them at once: the tree is bounded."""
    return queries.categories()


handler = api.handler
