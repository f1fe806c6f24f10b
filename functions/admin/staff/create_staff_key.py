"""POST /v1/admin/staff-keys: make a staff key and show its token, this once."""

from commerce.entrypoints.http import admin
from commerce.staff import operations
from commerce.staff.schemas import CreatedStaffKey, NewStaffKey

api = admin("staff:write")


@api.post("/v1/admin/staff-keys", status=201, replay=operations.staff_key_again)
def create_staff_key(body: NewStaffKey) -> CreatedStaffKey:
    return operations.create_staff_key(new=body, call=api.call())


handler = api.handler
