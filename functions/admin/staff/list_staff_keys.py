"""GET /v1/admin/staff-keys: list staff keys, the newest first."""

from commerce.adapters.ssm import signing_keys
from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Cursor, Limit
from commerce.kernel.paging import Page
from commerce.staff import queries
from commerce.staff.schemas import StaffKey

api = admin("staff:read")


@api.get("/v1/admin/staff-keys")
def list_staff_keys(limit: Limit = 50, cursor: Cursor | None = None) -> Page[StaffKey]:
    return queries.staff_keys(limit=limit, cursor=cursor, call=api.call(), keys=signing_keys())


handler = api.handler
