"""POST /v1/admin/gift-cards/{gift_card_id}/disable: let a gift card pay no more, for ever."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.giftcards import staff_operations
from commerce.giftcards.staff_schemas import GiftCardChange, GiftCardDisabling

api = admin("giftcards:write")


@api.post("/v1/admin/gift-cards/{gift_card_id}/disable", replay=staff_operations.changed_again, takes_if_match=True)
def disable_gift_card(gift_card_id: Id, body: GiftCardDisabling) -> GiftCardChange:
    return staff_operations.disable(card_id=gift_card_id, new=body, call=api.call())


handler = api.handler
