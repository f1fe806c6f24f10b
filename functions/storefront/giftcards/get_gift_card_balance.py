"""POST /v1/gift-cards/balance: what is left on a gift card, for whoever has its code."""

from commerce.entrypoints.http import storefront
from commerce.giftcards import queries
from commerce.giftcards.schemas import BalanceQuestion, GiftCardBalance

api = storefront()


@api.post("/v1/gift-cards/balance", replay=queries.balance_again, may_miss=True)
def get_gift_card_balance(body: BalanceQuestion) -> GiftCardBalance:
    """Take the code in the body: paths end in logs."""
    return queries.balance(code=body.code, call=api.call())


handler = api.handler
