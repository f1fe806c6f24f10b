"""DELETE /v1/admin/staff-keys/{key_id}: revoke a staff key for ever."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.staff import operations
from commerce.staff.schemas import StaffKey

api = admin("staff:write")


@api.delete("/v1/admin/staff-keys/{key_id}", replay=operations.revoked_key_again, takes_if_match=True)
def revoke_staff_key(key_id: Id) -> StaffKey:
    return operations.revoke_staff_key(key_id=key_id, call=api.call())


handler = api.handler
