"""GET /v1/admin/promotions/{promotion_id}: return a promotion."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.promotions import staff_queries
from commerce.promotions.schemas import StaffPromotion

api = admin("promotions:read")


@api.get("/v1/admin/promotions/{promotion_id}")
def get_promotion(promotion_id: Id) -> StaffPromotion:
    """Answer it with its version, which changes of it take as If-Match."""
    return staff_queries.staff_promotion(promotion_id=promotion_id)


handler = api.handler
