"""POST /v1/carts/{cart_id}/checkout: order a cart, hold its stock and start its payment."""

from http import HTTPStatus

from commerce.checkout import begin, paying
from commerce.checkout.schemas import CheckoutAnswer, NewCheckout
from commerce.entrypoints.http import storefront
from commerce.entrypoints.params import Id

api = storefront()


@api.post("/v1/carts/{cart_id}/checkout", status=HTTPStatus.CREATED, replay=paying.checkout_again)
def begin_checkout(cart_id: Id, body: NewCheckout) -> CheckoutAnswer:
    return begin.begin_checkout(cart_id=cart_id, agreed=body, call=api.call())


handler = api.handler
