"""GET /v1/admin/promotions: list all promotions, or those of one status, by id."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Cursor, Limit
from commerce.kernel.paging import Page
from commerce.promotions import staff_queries
from commerce.promotions.model import PromotionStatus
from commerce.promotions.schemas import StaffPromotion

api = admin("promotions:read")


@api.get("/v1/admin/promotions")
def list_promotions(
    status: PromotionStatus | None = None, limit: Limit = 20, cursor: Cursor | None = None
) -> Page[StaffPromotion]:
    """Read those of one status from an index, which may be a moment behind."""
    return staff_queries.staff_promotions(status=status, limit=limit, cursor=cursor, call=api.call())


handler = api.handler
