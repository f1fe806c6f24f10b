"""GET /v1/admin/locations: list the places where stock lies."""

from commerce.entrypoints.http import admin
from commerce.inventory import location_operations
from commerce.inventory.location_schemas import StaffLocations

api = admin("inventory:read")


@api.get("/v1/admin/locations")
def list_locations() -> StaffLocations:
    """Answer the list whole, with the rule by which orders choose, and the version that changes take as If-Match."""
    return location_operations.all_locations()


handler = api.handler
