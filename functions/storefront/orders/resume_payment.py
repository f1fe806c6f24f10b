"""POST /v1/orders/{order_id}/payment: the order's payment again, after a reload or a decline."""

from commerce.checkout import paying
from commerce.checkout.schemas import CheckoutAnswer
from commerce.entrypoints.http import storefront
from commerce.entrypoints.params import Id, OrderToken

api = storefront()


@api.post("/v1/orders/{order_id}/payment", replay=paying.checkout_again)
def resume_payment(order_id: Id, order_token: OrderToken = "") -> CheckoutAnswer:
    return paying.resume_payment(order_id=order_id, token=order_token, call=api.call())


handler = api.handler
