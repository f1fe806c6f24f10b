"""PUT /v1/admin/shipping-zones: replace all shipping zones."""

from commerce.entrypoints.http import admin
from commerce.shipping import operations
from commerce.shipping.staff_schemas import PutShippingZones, StaffShippingZones

api = admin("shipping:write", largest_body_bytes=128 * 1024)


@api.put("/v1/admin/shipping-zones", replay=operations.zones_put_again, takes_if_match=True)
def put_shipping_zones(body: PutShippingZones) -> StaffShippingZones:
    """Take effect in carts at once; a zone that a method names cannot go."""
    return operations.put_zones(new=body, call=api.call())


handler = api.handler
