"""POST /v1/admin/categories: add a category to the tree."""

from commerce.catalog import operations
from commerce.catalog.staff_schemas import NewCategory, StaffCategory
from commerce.entrypoints.http import admin

api = admin("catalog:write")


@api.post("/v1/admin/categories", status=201, replay=operations.category_again)
def create_category(body: NewCategory) -> StaffCategory:
    """Its slug and its parent are for ever."""
    return operations.create_category(new=body, call=api.call())


handler = api.handler
