"""How an order is shown after a step: to its shopper, and to staff."""

from commerce.adapters.stripe_facts import IntentFacts
from commerce.checkout.schemas import CheckoutAnswer, PaymentInstructions, PaymentView, StaffOrder
from commerce.checkout.state import OrderState, load
from commerce.kernel.call import Call
from commerce.kernel.config import settings
from commerce.orders.schemas import OrderView, TimelineEntry
from commerce.orders.tokens import order_token
from commerce.outbox import queries as outbox

AWAITS_SHOPPER = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})


def for_shopper(state: OrderState, facts: IntentFacts | None) -> CheckoutAnswer:
    """Return what a checkout answers; how to pay stands in it while the order can be paid."""
    return CheckoutAnswer(
        order=OrderView.of(state.order, state.details, state.fulfillments),
        order_token=order_token(state.order),
        payment=_instructions(state, facts),
        hold_expires_at=state.order.hold_expires_at,
    )


def for_staff(state: OrderState) -> StaffOrder:
    """Return an order with its money and its timeline (one Query more)."""
    view = OrderView.of(state.order, state.details, state.fulfillments)
    history = outbox.history(aggregate=f"order#{state.order.id}")
    return StaffOrder(
        **dict(view),
        payment=PaymentView.of(state.payment),
        refunds=tuple(sorted(state.refunds, key=lambda refund: refund.created_at)),
        disputes=tuple(sorted(state.disputes, key=lambda dispute: dispute.created_at)),
        timeline=tuple(
            TimelineEntry(
                sequence=int(entry.sequence), type=entry.type, at=entry.occurred_at, actor=entry.actor, data=entry.data
            )
            for entry in history
        ),
    )


def staff_order(*, order_id: str) -> StaffOrder:
    """Return an order as staff see it.

    :raises OrderNotFound: when there is none.
    """
    return for_staff(load(order_id))


def order_again(*, resource: str, call: Call) -> StaffOrder:  # noqa: ARG001 - the shape of every replay.
    """Answer a repeated call: the order as it is now."""
    return staff_order(order_id=resource)


def _instructions(state: OrderState, facts: IntentFacts | None) -> PaymentInstructions | None:
    if facts is None or facts.client_secret is None or not state.order.is_open or facts.status not in AWAITS_SHOPPER:
        return None
    return PaymentInstructions(
        intent_id=facts.id,
        client_secret=facts.client_secret,
        publishable_key=settings().stripe_publishable_key,
    )
