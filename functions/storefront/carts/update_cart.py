"""PATCH /v1/carts/{cart_id}: change a cart's e-mail, addresses, shipping method or currency."""

from commerce.carts import operations
from commerce.carts.schemas import CartView, ChangeCart
from commerce.entrypoints.http import storefront
from commerce.entrypoints.params import Id

api = storefront()


@api.patch("/v1/carts/{cart_id}", replay=operations.cart_again, takes_if_match=True)
def update_cart(cart_id: Id, body: ChangeCart) -> CartView:
    """Change the given fields only; null clears a field."""
    return operations.change_cart(cart_id=cart_id, change=body, call=api.call())


handler = api.handler
