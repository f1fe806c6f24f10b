"""Staff's questions about shipping."""

from commerce.kernel.reads import get
from commerce.shipping.calendar import Calendar
from commerce.shipping.model import ShippingMethodNotFound
from commerce.shipping.records import KEY, ShippingRulesRecord
from commerce.shipping.schemas import StaffShippingMethod, StaffShippingMethods
from commerce.shipping.staff_schemas import StaffShippingCalendar, StaffShippingZones
from commerce.shipping.stored import StoredRules


def stored_rules() -> StoredRules:
    """Return all rules and the versions of their parts."""
    return StoredRules.of(get(ShippingRulesRecord, KEY, KEY))


def staff_methods() -> StaffShippingMethods:
    """Return all methods and the version of their list."""
    stored = stored_rules()
    return StaffShippingMethods(items=stored.rules.methods, version=stored.version)


def staff_method(*, method_id: str) -> StaffShippingMethod:
    """Return one method.

    :raises ShippingMethodNotFound: when there is none.
    """
    stored = stored_rules()
    found = stored.rules.method(method_id)
    if found is None:
        detail = f"There is no shipping method '{method_id}'."
        raise ShippingMethodNotFound(detail)
    return StaffShippingMethod(**dict(found), version=stored.version)


def staff_zones() -> StaffShippingZones:
    """Return all zones and the version of their list."""
    return zones_shown(stored_rules())


def staff_calendar() -> StaffShippingCalendar:
    """Return the calendar; what it would be by default while there is none."""
    return calendar_shown(stored_rules())


def zones_shown(stored: StoredRules) -> StaffShippingZones:
    """Return zones as staff read them."""
    return StaffShippingZones(items=stored.rules.zones, version=stored.zones_version)


def calendar_shown(stored: StoredRules) -> StaffShippingCalendar:
    """Return a calendar as staff read it."""
    return StaffShippingCalendar(**dict(stored.rules.calendar or Calendar()), version=stored.calendar_version)
