"""POST /v1/admin/promotions/{promotion_id}/codes: make a code, or a batch of codes."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.promotions import staff_codes
from commerce.promotions.schemas import MadeCodes, NewCodes

api = admin("promotions:write")


@api.post("/v1/admin/promotions/{promotion_id}/codes", status=201, replay=staff_codes.codes_made_again)
def make_promotion_codes(promotion_id: Id, body: NewCodes) -> MadeCodes:
    """Bring a batch closer to its quantity each time; the list has its codes."""
    return staff_codes.make_codes(promotion_id=promotion_id, new=body, call=api.call())


handler = api.handler
