"""POST /v1/admin/products: add a product to the catalog."""

from commerce.catalog import operations
from commerce.catalog.staff_schemas import NewProduct, StaffProduct
from commerce.entrypoints.http import admin

api = admin("catalog:write")


@api.post("/v1/admin/products", status=201, replay=operations.product_again)
def create_product(body: NewProduct) -> StaffProduct:
    """Keep it a draft unless its status says otherwise."""
    return operations.create_product(new=body, call=api.call())


handler = api.handler
