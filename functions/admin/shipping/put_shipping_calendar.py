"""PUT /v1/admin/shipping-calendar: say when goods leave and arrive."""

from commerce.entrypoints.http import admin
from commerce.shipping import operations
from commerce.shipping.staff_schemas import PutShippingCalendar, StaffShippingCalendar

api = admin("shipping:write", largest_body_bytes=128 * 1024)


@api.put("/v1/admin/shipping-calendar", replay=operations.calendar_put_again, takes_if_match=True)
def put_shipping_calendar(body: PutShippingCalendar) -> StaffShippingCalendar:
    """Replace it whole; what carts promise follows at once."""
    return operations.put_calendar(new=body, call=api.call())


handler = api.handler
