"""GET /v1/admin/shipping-methods: list all shipping methods."""

from commerce.entrypoints.http import admin
from commerce.shipping import staff_queries
from commerce.shipping.schemas import StaffShippingMethods

api = admin("shipping:read")


@api.get("/v1/admin/shipping-methods")
def list_shipping_methods() -> StaffShippingMethods:
    """Answer the list whole, with the version that changes of it take as If-Match."""
    return staff_queries.staff_methods()


handler = api.handler
