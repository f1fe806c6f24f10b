"""GET /v1/admin/products/{product_id}: show a product, whatever its status."""

from commerce.catalog import staff_queries
from commerce.catalog.staff_schemas import StaffProduct
from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id

api = admin("catalog:read")


@api.get("/v1/admin/products/{product_id}")
def get_product(product_id: Id) -> StaffProduct:
    """Its ETag is what a change sends as If-Match."""
    return staff_queries.product(product_id=product_id)


handler = api.handler
