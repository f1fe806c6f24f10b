"""DELETE /v1/carts/{cart_id}/checkout: cancel the payment, free the stock and go back to the cart."""

from commerce.carts.schemas import CartView
from commerce.checkout import leaving
from commerce.entrypoints.http import storefront
from commerce.entrypoints.params import Id

api = storefront()


@api.delete("/v1/carts/{cart_id}/checkout", replay=leaving.leave_again)
def leave_checkout(cart_id: Id) -> CartView:
    return leaving.leave_checkout(cart_id=cart_id, call=api.call())


handler = api.handler
