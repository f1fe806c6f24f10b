"""DELETE /v1/carts/{cart_id}/codes/{code}: take a promotion's code out of a cart."""

from commerce.carts import operations
from commerce.carts.schemas import CartView
from commerce.entrypoints.http import storefront
from commerce.entrypoints.params import Id

api = storefront()


@api.delete("/v1/carts/{cart_id}/codes/{code}", replay=operations.cart_again, takes_if_match=True)
def remove_cart_code(cart_id: Id, code: Id) -> CartView:
    """Answer the cart without the code, however it is written."""
    return operations.remove_code(cart_id=cart_id, code=code, call=api.call())


handler = api.handler
