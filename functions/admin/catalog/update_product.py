"""PATCH /v1/admin/products/{product_id}: change a product, publish it or archive it."""

from commerce.catalog import operations
from commerce.catalog.staff_schemas import ProductChanges, StaffProduct
from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id

api = admin("catalog:write")


@api.patch("/v1/admin/products/{product_id}", replay=operations.product_again, takes_if_match=True)
def update_product(product_id: Id, body: ProductChanges) -> StaffProduct:
    """Fields that are left out stay as they are; lists are given whole."""
    return operations.update_product(product_id=product_id, changes=body, call=api.call())


handler = api.handler
