"""GET /v1/admin/shipping-calendar: read when goods leave and arrive."""

from commerce.entrypoints.http import admin
from commerce.shipping import staff_queries
from commerce.shipping.staff_schemas import StaffShippingCalendar

api = admin("shipping:read")


@api.get("/v1/admin/shipping-calendar")
def get_shipping_calendar() -> StaffShippingCalendar:
    """Answer what it would be by default while there is none, with version 0."""
    return staff_queries.staff_calendar()


handler = api.handler
