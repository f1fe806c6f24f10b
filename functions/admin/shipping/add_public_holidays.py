"""POST /v1/admin/shipping-calendar/public-holidays: add a country's public holidays to the calendar."""

from commerce.entrypoints.http import admin
from commerce.shipping import operations
from commerce.shipping.staff_schemas import AddPublicHolidays, StaffShippingCalendar

api = admin("shipping:write")


@api.post("/v1/admin/shipping-calendar/public-holidays", replay=operations.calendar_put_again, takes_if_match=True)
def add_public_holidays(body: AddPublicHolidays) -> StaffShippingCalendar:
    """Leave days that the calendar knows as they are."""
    return operations.add_public_holidays(wanted=body, call=api.call())


handler = api.handler
