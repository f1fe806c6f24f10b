"""DELETE /v1/admin/promotions/{promotion_id}: delete a promotion."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.promotions import staff_operations as operations
from commerce.promotions.schemas import DeletedPromotion

api = admin("promotions:write")


@api.delete("/v1/admin/promotions/{promotion_id}", replay=operations.promotion_deleted_again, takes_if_match=True)
def delete_promotion(promotion_id: Id) -> DeletedPromotion:
    """Leave what was sold as it is; codes of the promotion do nothing any more."""
    return operations.delete_promotion(promotion_id=promotion_id, call=api.call())


handler = api.handler
