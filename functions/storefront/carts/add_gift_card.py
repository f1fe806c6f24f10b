"""POST /v1/carts/{cart_id}/gift-cards: let a gift card or store credit pay for a cart."""

from commerce.carts import adding_gift_cards, operations
from commerce.carts.schemas import AddGiftCard, CartView
from commerce.entrypoints.http import storefront
from commerce.entrypoints.params import Id

api = storefront()


@api.post("/v1/carts/{cart_id}/gift-cards", replay=operations.cart_again, takes_if_match=True)
def add_gift_card(cart_id: Id, body: AddGiftCard) -> CartView:
    """Answer the cart with what the card pays of it. What is on a card is taken by the checkout, not before."""
    return adding_gift_cards.add_gift_card(cart_id=cart_id, new=body, call=api.call())


handler = api.handler
