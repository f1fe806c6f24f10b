"""Back from an open checkout to the cart."""

from commerce.carts import queries as carts
from commerce.carts.model import CartState
from commerce.carts.schemas import CartView
from commerce.checkout import closing
from commerce.checkout.settlement import settle
from commerce.checkout.state import load
from commerce.kernel.call import Call
from commerce.kernel.errors import Conflict
from commerce.orders.model import OrderStatus

REASON = "the shopper went back to the cart"


class NothingToLeave(Conflict):
    code = "checkout.not_open"
    title = "This cart has no open checkout"


class PaymentUnderWay(Conflict):
    code = "checkout.payment_under_way"
    title = "The payment is being processed; wait for its outcome"


class AlreadyPaid(Conflict):
    code = "checkout.already_paid"
    title = "The order is paid; it can be canceled by the shop"


def leave_checkout(*, cart_id: str, call: Call) -> CartView:
    """Cancel the payment, obey Stripe's answer, release the stock and unlock the cart.

    :raises PaymentUnderWay: while Stripe is processing the payment.
    :raises AlreadyPaid: when the payment was faster.
    """
    cart, _ = carts.stored_cart(cart_id=cart_id, call=call)
    if cart.state is CartState.ORDERED:
        raise AlreadyPaid
    if cart.order_id is None or cart.state is not CartState.LOCKED:
        raise NothingToLeave
    state = load(cart.order_id)
    if state.payment.processing:
        raise PaymentUnderWay
    state, facts = closing.canceled_at_stripe(state, wanted=True, call=call)
    if facts is not None:
        once = call.once.row(cart_id) if call.once else None
        state = settle(
            order_id=cart.order_id,
            facts=facts,
            call=call,
            closes_as=OrderStatus.CANCELED,
            reason=REASON,
            also=[once] if facts.status == "canceled" else [],
            read=state,
        )
    if state.order.status is OrderStatus.PLACED:
        raise AlreadyPaid
    if state.order.is_open:
        raise PaymentUnderWay
    if call.once:
        call.once.record(cart_id)
    return carts.cart_view(cart_id=cart_id, call=call)


def leave_again(*, resource: str, call: Call) -> CartView:
    """Answer a repeated call: the cart as it is now."""
    return carts.cart_view(cart_id=resource, call=call)
