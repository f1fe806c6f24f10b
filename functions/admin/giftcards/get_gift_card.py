"""GET /v1/admin/gift-cards/{gift_card_id}: a gift card with its entries, the newest first."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Cursor, Id, Limit
from commerce.giftcards import staff_queries
from commerce.giftcards.staff_schemas import GiftCardLedger

api = admin("giftcards:read")


@api.get("/v1/admin/gift-cards/{gift_card_id}")
def get_gift_card(gift_card_id: Id, limit: Limit = 20, cursor: Cursor = "") -> GiftCardLedger:
    return staff_queries.gift_card(card_id=gift_card_id, limit=limit, cursor=cursor or None, call=api.call())


handler = api.handler
