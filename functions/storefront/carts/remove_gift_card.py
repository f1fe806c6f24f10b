"""DELETE /v1/carts/{cart_id}/gift-cards/{gift_card_id}: let a gift card or store credit no longer pay for a cart."""

from commerce.carts import operations
from commerce.carts.schemas import CartView
from commerce.entrypoints.http import storefront
from commerce.entrypoints.params import Id

api = storefront()


@api.delete("/v1/carts/{cart_id}/gift-cards/{gift_card_id}", replay=operations.cart_again, takes_if_match=True)
def remove_gift_card(cart_id: Id, gift_card_id: Id) -> CartView:
    """Answer the cart without the card."""
    return operations.remove_gift_card(cart_id=cart_id, card_id=gift_card_id, call=api.call())


handler = api.handler
