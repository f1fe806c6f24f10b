"""Changes of the shop's locations. Each writes all of them, conditioned on the state that it read."""

import json

from commerce.inventory.errors import LocationsTooLarge, ReservedLocation, TooManyLocations
from commerce.inventory.events import AllocationRulePut, LocationPut
from commerce.inventory.location_schemas import (
    PutAllocationRule,
    PutLocation,
    StaffLocation,
    StaffLocations,
)
from commerce.inventory.locations import (
    MOST_BYTES,
    MOST_LOCATIONS,
    MOST_SELLING,
    TRANSIT,
    Location,
    Locations,
    in_order,
    usual_locations,
)
from commerce.inventory.queries import stored_locations
from commerce.inventory.records import LOCATIONS, LocationsRecord, stored_location
from commerce.kernel.call import Call
from commerce.kernel.errors import WriteConflict
from commerce.kernel.ids import new_id
from commerce.kernel.outbox import Event, announce
from commerce.kernel.reads import get
from commerce.kernel.retrying import again_after
from commerce.kernel.transactions import commit, put

RULE = "allocation-rule"

_again_after_a_clash = again_after(WriteConflict)


def all_locations() -> StaffLocations:
    """Return all locations as staff read them."""
    return _shown(stored_locations())


@_again_after_a_clash
def put_location(*, location_id: str, new: PutLocation, call: Call) -> StaffLocation:
    """Add a location, or replace what is known of it. Its stock stays where it is.

    Carts follow at once, pages within minutes. The first change takes over the locations of the deployment.

    :raises StaleVersion: when `If-Match` named another version of the list.
    :raises ReservedLocation: for the id that stands for what is on its way.
    :raises TooManyLocations: when there are as many as there may be.
    :raises LocationsTooLarge: when there is no room for so much.
    """
    if location_id == TRANSIT:
        raise ReservedLocation
    before = get(LocationsRecord, LOCATIONS, LOCATIONS)
    book = before.book() if before is not None else usual_locations()
    call.check_version(book.version)
    location = _location(location_id, new)
    others = [other for other in book.all if other.id != location_id]
    found = in_order([*others, location])
    if len(found) > MOST_LOCATIONS or sum(each.active for each in found) > MOST_SELLING:
        raise TooManyLocations
    after = book._replace(all=found, version=book.version + 1)
    _replace(before, after, LocationPut(location=location_id, active=location.active), location_id, call)
    return StaffLocation.of(location)


@_again_after_a_clash
def put_allocation_rule(*, new: PutAllocationRule, call: Call) -> StaffLocations:
    """Say how the locations are chosen that an order's units come from; orders keep what they have.

    :raises StaleVersion: when `If-Match` named another version of the list.
    """
    before = get(LocationsRecord, LOCATIONS, LOCATIONS)
    book = before.book() if before is not None else usual_locations()
    call.check_version(book.version)
    after = book._replace(strategy=new.strategy, version=book.version + 1)
    _replace(before, after, AllocationRulePut(strategy=new.strategy), RULE, call)
    return _shown(after)


def location_put_again(*, resource: str, call: Call) -> StaffLocation:  # noqa: ARG001 - the edge passes both.
    """Render the answer of a `put_location` that was done before; locations are never deleted."""
    [found] = (location for location in stored_locations().all if location.id == resource)
    return StaffLocation.of(found)


def allocation_rule_put_again(*, resource: str, call: Call) -> StaffLocations:  # noqa: ARG001 - the edge passes both.
    """Render the answer of a `put_allocation_rule` that was done before."""
    return all_locations()


def _shown(book: Locations) -> StaffLocations:
    return StaffLocations(
        items=tuple(StaffLocation.of(location) for location in book.all), strategy=book.strategy, version=book.version
    )


def _location(location_id: str, new: PutLocation) -> Location:
    fields = dict(new) | {
        "channels": tuple(new.channels) if new.channels is not None else None,
        "near": tuple(new.near),
        "address": new.address.model_dump() if new.address is not None else None,
        "calendar": new.calendar.model_dump(mode="json") if new.calendar is not None else None,
    }
    return Location(id=location_id, **fields)


def _replace(before: LocationsRecord | None, after: Locations, event: Event, resource: str, call: Call) -> None:
    record = LocationsRecord(
        pk=LOCATIONS,
        sk=LOCATIONS,
        locations=[stored_location(location) for location in after.all],
        strategy=after.strategy,
        version=after.version,
        revision=new_id("rev"),
        updated_at=call.now,
        updated_by=str(call.actor),
    )
    if len(json.dumps(record.locations)) > MOST_BYTES:
        raise LocationsTooLarge
    unchanged = (
        LocationsRecord.revision == before.revision if before is not None else LocationsRecord.pk.does_not_exist()
    )
    commit(
        [
            put(record, condition=unchanged),
            announce(event, aggregate=LOCATIONS, sequence=after.version, call=call),
            call.once.row(resource) if call.once else None,
        ]
    )
