"""PUT /v1/admin/allocation-rule: say how the locations are chosen that an order's units come from."""

from commerce.entrypoints.http import admin
from commerce.inventory import location_operations
from commerce.inventory.location_schemas import PutAllocationRule, StaffLocations

api = admin("inventory:write")


@api.put("/v1/admin/allocation-rule", replay=location_operations.allocation_rule_put_again, takes_if_match=True)
def put_allocation_rule(body: PutAllocationRule) -> StaffLocations:
    """Take effect with the next checkout; If-Match takes the version of the list of locations."""
    return location_operations.put_allocation_rule(new=body, call=api.call())


handler = api.handler
