"""Changes of the shop's shipping methods, zones and calendar.

Each writes all of them, conditioned on the state that it read. A clash with another change is tried again from the
start, as each names one method or one part and leaves the others alone; a caller who sent If-Match gets the 412 when
it was that part that somebody else changed.
"""

from collections.abc import Iterable

from commerce.customers.model import Address, PostalAddress
from commerce.kernel.call import Call
from commerce.kernel.errors import Fault, WriteConflict
from commerce.kernel.retrying import again_after
from commerce.kernel.transactions import commit
from commerce.shipping import staff_queries as queries
from commerce.shipping.calendar import Calendar, DeliveryHoliday
from commerce.shipping.days import Day
from commerce.shipping.model import (
    MOST_METHODS,
    CarrierRates,
    MethodIdTooLong,
    NoCalendar,
    RulesTooLarge,
    ShippingMethod,
    ShippingMethodNotFound,
    TooManyMethods,
    UnknownZone,
    ZoneInUse,
)
from commerce.shipping.options import PickupPoint
from commerce.shipping.public_holidays import public_holidays
from commerce.shipping.schemas import (
    MOST_CLOSED_DAYS,
    PutShippingMethod,
    StaffShippingMethod,
    StaffShippingMethods,
)
from commerce.shipping.staff_schemas import (
    MOST_DELIVERY_HOLIDAYS,
    AddPublicHolidays,
    PutArea,
    PutShippingCalendar,
    PutShippingZones,
    StaffShippingCalendar,
    StaffShippingZones,
    region_name,
)
from commerce.shipping.stored import StoredRules, rules_write
from commerce.shipping.zones import Area, Zone

LONGEST_METHOD_ID = 80
"""A cart takes no longer one."""

ZONES, CALENDAR = "shipping-zones", "shipping-calendar"

_again_after_a_clash = again_after(WriteConflict)


@_again_after_a_clash
def put_method(*, method_id: str, method: PutShippingMethod, call: Call) -> StaffShippingMethod:
    """Add a method, or replace it whole.

    :raises StaleVersion: when `If-Match` named another version of the list.
    :raises TooManyMethods: when the list is full.
    :raises UnknownZone: when it names a zone that the shop does not have.
    :raises RulesTooLarge: when there is no room for so much.
    """
    if len(method_id) > LONGEST_METHOD_ID:
        raise MethodIdTooLong
    before = queries.stored_rules()
    call.check_version(before.version)
    changed = _method(method_id, method)
    _check_zones(changed, before.rules.zones)
    others = [other for other in before.rules.methods if other.id != method_id]
    if len(others) >= MOST_METHODS:
        raise TooManyMethods
    after = before.with_methods((*others, changed))
    _replace(after, resource=method_id, call=call)
    return StaffShippingMethod(**dict(changed), version=after.version)


@_again_after_a_clash
def delete_method(*, method_id: str, call: Call) -> StaffShippingMethods:
    """Remove a method. Carts that chose it are told so by a problem; orders keep what they were sold.

    :raises ShippingMethodNotFound: when there is none.
    :raises StaleVersion: when `If-Match` named another version of the list.
    """
    before = queries.stored_rules()
    call.check_version(before.version)
    others = tuple(other for other in before.rules.methods if other.id != method_id)
    if len(others) == len(before.rules.methods):
        detail = f"There is no shipping method '{method_id}'."
        raise ShippingMethodNotFound(detail)
    after = before.with_methods(others)
    _replace(after, resource=method_id, call=call)
    return StaffShippingMethods(items=after.rules.methods, version=after.version)


@_again_after_a_clash
def put_zones(*, new: PutShippingZones, call: Call) -> StaffShippingZones:
    """Replace all zones.

    :raises StaleVersion: when `If-Match` named another version of the zones.
    :raises ZoneInUse: when a method names a zone that would be gone.
    :raises RulesTooLarge: when there is no room for so much.
    """
    before = queries.stored_rules()
    call.check_version(before.zones_version)
    zones = [Zone(id=zone.id, title=zone.title, areas=[_area(area) for area in zone.areas]) for zone in new.items]
    left = {zone.id for zone in zones}
    for method in before.rules.methods:
        for named in method.named_zones:
            if named not in left:
                detail = f"The shipping method '{method.id}' names the zone '{named}'."
                raise ZoneInUse(detail)
    after = before.with_zones(tuple(sorted(zones, key=lambda zone: zone.id)))
    _replace(after, resource=ZONES, call=call)
    return queries.zones_shown(after)


@_again_after_a_clash
def put_calendar(*, new: PutShippingCalendar, call: Call) -> StaffShippingCalendar:
    """Replace the calendar. Promises follow it at once; what was promised to orders stays.

    :raises StaleVersion: when `If-Match` named another version of the calendar.
    :raises RulesTooLarge: when there is no room for so much.
    """
    before = queries.stored_rules()
    call.check_version(before.calendar_version)
    after = before.with_calendar(Calendar(**dict(new)))
    _replace(after, resource=CALENDAR, call=call)
    return queries.calendar_shown(after)


@_again_after_a_clash
def add_public_holidays(*, wanted: AddPublicHolidays, call: Call) -> StaffShippingCalendar:
    """Add the public holidays of a country to the calendar; days that it knows already keep their titles.

    :raises NoCalendar: while there is none to add to.
    :raises UnknownHolidays: when nobody knows the holidays there.
    :raises StaleVersion: when `If-Match` named another version of the calendar.
    :raises RulesTooLarge: when there is no room for so many.
    """
    before = queries.stored_rules()
    call.check_version(before.calendar_version)
    calendar = before.rules.calendar
    if calendar is None:
        raise NoCalendar
    found = public_holidays(country=wanted.country, region=wanted.region, years=wanted.years)
    closed = {day.date: day for day in calendar.closed_days}
    resting = {(day.country, day.date): day for day in calendar.delivery_holidays}
    for date, title in found:
        if wanted.closes_shop:
            closed.setdefault(date, Day(date=date, title=title))
        if wanted.stops_delivery:
            holiday = DeliveryHoliday(country=wanted.country, date=date, title=title)
            resting.setdefault((wanted.country, date), holiday)
    if len(closed) > MOST_CLOSED_DAYS or len(resting) > MOST_DELIVERY_HOLIDAYS:
        raise RulesTooLarge
    changes = {
        "closed_days": sorted(closed.values(), key=lambda day: day.date),
        "delivery_holidays": sorted(resting.values(), key=lambda day: (day.country, day.date)),
    }
    after = before.with_calendar(calendar.model_copy(update=changes))
    _replace(after, resource=CALENDAR, call=call)
    return queries.calendar_shown(after)


def method_put_again(*, resource: str, call: Call) -> StaffShippingMethod:  # noqa: ARG001 - the edge passes both.
    """Render the answer of a `put_method` that was done before.

    :raises ShippingMethodNotFound: when the method was deleted since.
    """
    return queries.staff_method(method_id=resource)


def method_deleted_again(*, resource: str, call: Call) -> StaffShippingMethods:  # noqa: ARG001 - the edge passes both.
    """Render the answer of a `delete_method` that was done before."""
    return queries.staff_methods()


def zones_put_again(*, resource: str, call: Call) -> StaffShippingZones:  # noqa: ARG001 - the edge passes both.
    """Render the answer of a `put_zones` that was done before."""
    return queries.staff_zones()


def calendar_put_again(*, resource: str, call: Call) -> StaffShippingCalendar:  # noqa: ARG001 - the edge passes both.
    """Render the answer of a change of the calendar that was done before."""
    return queries.staff_calendar()


def _replace(after: StoredRules, *, resource: str, call: Call) -> None:
    commit([rules_write(stored=after, call=call), call.once and call.once.row(resource)])


def _check_zones(method: ShippingMethod, zones: Iterable[Zone]) -> None:
    missing = sorted(set(method.named_zones) - {zone.id for zone in zones})
    if missing:
        message = f"There is no shipping zone '{missing[0]}'."
        raise UnknownZone(message, errors=(Fault(param="zones", code=UnknownZone.code, message=message),))


def _method(method_id: str, new: PutShippingMethod) -> ShippingMethod:
    pickup, carrier = new.pickup, new.carrier
    fields = dict(new) | {
        "prices": tuple(new.prices or ()),
        "free_over": tuple(new.free_over),
        "countries": tuple(new.countries) if new.countries is not None else None,
        "pickup": PickupPoint(**dict(pickup) | {"address": _postal(pickup.address)}) if pickup else None,
        "carrier": CarrierRates(**dict(carrier) | {"origin": _postal(carrier.origin)}) if carrier else None,
    }
    return ShippingMethod(id=method_id, **fields)


def _area(area: PutArea) -> Area:
    names = [region_name(country=area.country, region=region) for region in area.regions]
    return Area(**dict(area), region_names=names)


def _postal(address: Address) -> PostalAddress:
    return PostalAddress(**dict(address))
