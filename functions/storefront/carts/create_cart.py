"""POST /v1/carts: start a cart."""

from commerce.carts import operations
from commerce.carts.schemas import CartView, NewCart
from commerce.entrypoints.http import storefront

api = storefront()


@api.post("/v1/carts", status=201, replay=operations.cart_again)
def create_cart(body: NewCart | None = None) -> CartView:
    """Answer an empty cart; its id is the key to it, so keep it from others."""
    return operations.create_cart(new=body or NewCart(), call=api.call())


handler = api.handler
