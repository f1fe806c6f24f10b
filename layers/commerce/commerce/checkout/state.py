"""One order with its money, and the one way to change them: read, decide, commit on the versions that were read."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from commerce.kernel.call import Call
from commerce.kernel.errors import WriteConflict
from commerce.kernel.transactions import Write, commit
from commerce.orders import operations as orders
from commerce.orders.events import OrderEvent
from commerce.orders.model import Fulfillment, Order, OrderDetails, OrderStatus
from commerce.orders.queries import OrderNotFound, whole_order
from commerce.payments import operations as payments
from commerce.payments.model import Dispute, Payment, Refund, RefundState
from commerce.payments.queries import order_money

ATTEMPTS = 6
CAPTURE_AHEAD = timedelta(hours=24)
REFUND_RESENT_AFTER = timedelta(minutes=2)
LOOK_AGAIN_AFTER = timedelta(days=1)
"""How often we ask Stripe about what takes days, in case its webhook was lost."""


@dataclass(frozen=True, slots=True)
class OrderState:
    """An order, its details and its money, as one consistent read found them."""

    order: Order
    details: OrderDetails
    fulfillments: tuple[Fulfillment, ...]
    payment: Payment
    refunds: tuple[Refund, ...]
    disputes: tuple[Dispute, ...]

    def refund(self, refund_id: str) -> Refund | None:
        """Return one of the refunds by our id or Stripe's."""
        return next((each for each in self.refunds if refund_id in {each.id, each.provider_id}), None)

    def with_refund(self, refund: Refund) -> Self:
        """Return the state with a refund added or replaced."""
        others = tuple(each for each in self.refunds if each.id != refund.id)
        return replace(self, refunds=(*others, refund))


def load(order_id: str) -> OrderState:
    """Read an order and its money (two Queries) as they were at one moment.

    :raises OrderNotFound: when there is none.
    :raises WriteConflict: when others keep changing it.
    """
    for _ in range(ATTEMPTS):
        state = _read(order_id)
        # Each change moves both versions, so that a change between the two Queries shows.
        if state.order.version == state.payment.version:
            return state
    raise WriteConflict


def _read(order_id: str) -> OrderState:
    whole = whole_order(order_id=order_id)
    money = order_money(order_id=order_id)
    if money is None:
        raise OrderNotFound
    return OrderState(
        order=whole.order,
        details=whole.details,
        fulfillments=whole.fulfillments,
        payment=money.payment,
        refunds=money.refunds,
        disputes=money.disputes,
    )


def store(
    before: OrderState,
    after: OrderState,
    *,
    event: OrderEvent,
    call: Call,
    also: Iterable[Write | None] = (),
    not_before: datetime | None = None,
) -> OrderState:
    """Commit a change of an order and its money together with its event, on the versions that were read.

    :param not_before: the sweeper need not look earlier than that.
    :raises WriteConflict: when somebody else changed them first.
    """
    payment, payment_write = payments.changed(before=before.payment, after=after.payment)
    order = after.order.model_copy(update={"payment_status": payment.status})
    due = attention(replace(after, order=order, payment=payment), call.now)
    if due is not None and not_before is not None:
        due = max(due, not_before)
    elif due is not None and before.payment.processing and payment.processing and before.order.attention_at:
        due = min(due, before.order.attention_at)  # News of something else do not put off the next look.
    order = order.model_copy(update={"attention_at": due})
    order, order_writes = orders.changed(before=before.order, after=order, event=event, call=call)
    commit([*order_writes, payment_write, *also])
    return replace(after, order=order, payment=payment)


def attention(state: OrderState, now: datetime) -> datetime | None:
    """Return when the sweeper must look at the order; None when nothing can happen by itself any more."""
    moments = [_refund_attention(refund) for refund in state.refunds]
    order, payment = state.order, state.payment
    if order.status is OrderStatus.PENDING and payment.processing and payment.processing_until is not None:
        moments.append(min(payment.processing_until, now + LOOK_AGAIN_AFTER))
    elif order.status is OrderStatus.PENDING:
        moments.append(order.hold_expires_at)
    elif payment.authorized > 0 and payment.capture_before is not None:
        moments.append(max(now, payment.capture_before - CAPTURE_AHEAD))
    return min((moment for moment in moments if moment is not None), default=None)


def _refund_attention(refund: Refund) -> datetime | None:
    if refund.state is RefundState.REQUESTED:
        return refund.updated_at + REFUND_RESENT_AFTER
    if refund.state is RefundState.PENDING:
        return refund.updated_at + LOOK_AGAIN_AFTER
    return None


def settled[T](order_id: str, step: Callable[[OrderState], T], *, read: OrderState | None = None) -> T:
    """Run a step on the order's present state, again from the start when somebody else was faster.

    :param read: the order as it was just read, which saves the first look at it.
    :raises WriteConflict: when others keep changing the order.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return step(read or load(order_id))
        except WriteConflict:
            read = None
    return step(load(order_id))
