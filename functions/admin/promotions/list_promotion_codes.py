"""GET /v1/admin/promotions/{promotion_id}/codes: list the codes of a promotion, or of one of its batches."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Cursor, Id, Limit
from commerce.kernel.paging import Page
from commerce.promotions import staff_queries
from commerce.promotions.schemas import StaffCode

api = admin("promotions:read")

BatchName = Annotated[str, Query(pattern=r"^[A-Za-z0-9._-]{1,80}$", description="Codes of this batch alone.")]


@api.get("/v1/admin/promotions/{promotion_id}/codes")
def list_promotion_codes(
    promotion_id: Id, batch: BatchName | None = None, limit: Limit = 100, cursor: Cursor | None = None
) -> Page[StaffCode]:
    """Read an index, which may be a moment behind."""
    return staff_queries.staff_codes(
        promotion_id=promotion_id, batch=batch, limit=limit, cursor=cursor, call=api.call()
    )


handler = api.handler
