"""PATCH /v1/admin/categories/{category_id}: change a category's texts or its place among its neighbors."""

from commerce.catalog import operations
from commerce.catalog.staff_schemas import CategoryChanges, StaffCategory
from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id

api = admin("catalog:write")


@api.patch("/v1/admin/categories/{category_id}", replay=operations.category_again, takes_if_match=True)
def update_category(category_id: Id, body: CategoryChanges) -> StaffCategory:
    """Fields that are left out stay as they are."""
    return operations.update_category(category_id=category_id, changes=body, call=api.call())


handler = api.handler
