"""GET /v1/admin/promotions/{promotion_id}/usage: tell how far a promotion's limits are used up."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.promotions import staff_queries
from commerce.promotions.schemas import PromotionUsage

api = admin("promotions:read")


@api.get("/v1/admin/promotions/{promotion_id}/usage")
def get_promotion_usage(promotion_id: Id) -> PromotionUsage:
    """Count open checkouts too; what they took comes back when they end without a sale."""
    return staff_queries.usage(promotion_id=promotion_id)


handler = api.handler
