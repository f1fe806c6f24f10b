"""Asking Stripe for an order's payment: after its checkout, and again after a reload or a decline."""

from collections.abc import Iterable

from commerce.checkout import answers, intents
from commerce.checkout.schemas import CheckoutAnswer
from commerce.checkout.state import OrderState, load
from commerce.kernel.call import Call
from commerce.kernel.errors import Conflict
from commerce.kernel.transactions import Write
from commerce.orders.model import OrderStatus
from commerce.orders.queries import OrderNotFound
from commerce.orders.tokens import opens


class NotPayable(Conflict):
    code = "checkout.not_payable"
    title = "This order can no longer be paid"


def checkout_again(*, resource: str, call: Call) -> CheckoutAnswer:
    """Answer a repeated checkout, and finish what the first one left undone at Stripe."""
    return paid_for(load(resource), call)


def resume_payment(*, order_id: str, token: str, call: Call) -> CheckoutAnswer:
    """Give the payment again after a reload or a decline: the same intent, while the hold lasts.

    :raises OrderNotFound: when there is no such order, or the token is another's.
    :raises NotPayable: when the order is closed, or its hold has ended.
    """
    state = load(order_id)
    order = state.order
    if not opens(order, token):
        raise OrderNotFound
    if order.status is OrderStatus.PENDING and order.hold_expires_at <= call.now:
        raise NotPayable
    if order.is_over:
        raise NotPayable
    return same_again(state, call)


def same_again(state: OrderState, call: Call) -> CheckoutAnswer:
    """Answer with an order that was there before; from now on the call's key stands for it too."""
    if call.once:
        call.once.record(state.order.id)
    return paid_for(state, call)


def paid_for(state: OrderState, call: Call, *, also: Iterable[Write | None] = ()) -> CheckoutAnswer:
    """Ask Stripe for the order's intent and hand out its secret; nothing is asked for an order that is not open.

    :param also: writes that go with storing the intent's id.
    """
    if not state.order.is_open:
        return answers.for_shopper(state, None)
    state, facts = intents.ensured(state, call=call, also=also)
    return answers.for_shopper(state, facts)
