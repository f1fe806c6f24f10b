"""PUT /v1/admin/promotions/{promotion_id}: add or replace a promotion."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.promotions import staff_operations as operations
from commerce.promotions.schemas import PutPromotion, StaffPromotion

api = admin("promotions:write")


@api.put("/v1/admin/promotions/{promotion_id}", replay=operations.promotion_put_again, takes_if_match=True)
def put_promotion(promotion_id: Id, body: PutPromotion) -> StaffPromotion:
    """Take effect in carts at once when it is active; what was used of its limits stays used."""
    return operations.put_promotion(promotion_id=promotion_id, terms=body, call=api.call())


handler = api.handler
