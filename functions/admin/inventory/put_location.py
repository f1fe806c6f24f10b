"""PUT /v1/admin/locations/{location_id}: add a place where stock lies, or replace what is known of it."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import LocationId
from commerce.inventory import location_operations
from commerce.inventory.location_schemas import PutLocation, StaffLocation

api = admin("inventory:write", largest_body_bytes=64 * 1024)


@api.put("/v1/admin/locations/{location_id}", replay=location_operations.location_put_again, takes_if_match=True)
def put_location(location_id: LocationId, body: PutLocation) -> StaffLocation:
    """Take effect in carts at once and on pages within minutes; If-Match takes the version of the list."""
    return location_operations.put_location(location_id=location_id, new=body, call=api.call())


handler = api.handler
