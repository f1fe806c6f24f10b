"""GET /v1/admin/gift-cards: gift cards and store credit of one state, newest first; active ones by default."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Cursor, Limit
from commerce.giftcards import staff_queries
from commerce.giftcards.model import GiftCardState
from commerce.giftcards.staff_schemas import StaffGiftCard
from commerce.kernel.paging import Page

api = admin("giftcards:read")


@api.get("/v1/admin/gift-cards")
def list_gift_cards(
    state: Annotated[
        GiftCardState, Query(description="Cards of this state; expired ones are active too.")
    ] = GiftCardState.ACTIVE,
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Page[StaffGiftCard]:
    return staff_queries.gift_cards(state=state, limit=limit, cursor=cursor or None, call=api.call())


handler = api.handler
