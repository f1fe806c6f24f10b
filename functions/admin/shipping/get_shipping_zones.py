"""GET /v1/admin/shipping-zones: list all shipping zones."""

from commerce.entrypoints.http import admin
from commerce.shipping import staff_queries
from commerce.shipping.staff_schemas import StaffShippingZones

api = admin("shipping:read")


@api.get("/v1/admin/shipping-zones")
def get_shipping_zones() -> StaffShippingZones:
    """Answer the list whole, with the version that changes of it take as If-Match."""
    return staff_queries.staff_zones()


handler = api.handler
