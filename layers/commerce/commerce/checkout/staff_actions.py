"""What staff do with an order's money: refund, cancel, capture."""

from dataclasses import replace

from commerce.adapters import stripe_payments
from commerce.adapters.stripe_payments import OutcomeUnknown, ProviderRefused
from commerce.checkout import closing, intents, refunds, sales_taxes, staff_answers
from commerce.checkout.settlement import settle
from commerce.checkout.staff_schemas import CancellationAnswer, RefundAnswer, StaffOrder
from commerce.checkout.state import OrderState, load, settled, store
from commerce.inventory import operations as inventory
from commerce.inventory.model import Bucket, Move, Reason
from commerce.kernel.call import Call
from commerce.kernel.errors import NotFound
from commerce.kernel.idempotency import Once
from commerce.kernel.money import Money
from commerce.kernel.transactions import Write
from commerce.orders.events import CancelRequested, OrderCanceled
from commerce.orders.model import (
    CancelRequest,
    NotAllowedNow,
    OrderStatus,
    remaining,
)
from commerce.orders.staff_schemas import NewCancellation, NewRefund
from commerce.payments import operations as payments
from commerce.payments.model import Refund, RefundOrigin, RefundState


class RefundNotFound(NotFound):
    code = "payments.refund_not_found"
    title = "There is no such refund"


def refund_order(*, order_id: str, new: NewRefund, dry_run: bool, call: Call) -> RefundAnswer:
    """Send money back: set it aside, ask Stripe, record the answer.

    When Stripe does not answer, the refund is `requested` and is sent again by the sweeper until it is answered.

    :raises RefundTooLarge: when it is more than can be refunded.
    """
    state, refund = refunds.requested(order_id, wanted=new.amount, reason=new.reason, call=call, dry_run=dry_run)
    if dry_run:
        return _refund_answer(state, refund, dry_run=True)
    once = call.once if refund.state is RefundState.REQUESTED else None
    return _sent(order_id, refund.id, call, once=once, read=state)


def refund_again(*, resource: str, call: Call) -> RefundAnswer:
    """Answer a repeated refund, and send it if the first call did not get that far."""
    order_id, _, refund_id = resource.partition("/")
    return _sent(order_id, refund_id, call, once=None)


def _sent(
    order_id: str, refund_id: str, call: Call, *, once: Once | None, read: OrderState | None = None
) -> RefundAnswer:
    """Send a refund, and end the lease of the call that asked for it."""
    state = refunds.sent(order_id, refund_id, call=call, also=[once and once.finished()], read=read)
    refund = state.refund(refund_id)
    if refund is None:
        raise RefundNotFound
    if once:
        once.finish()
    return _refund_answer(state, refund, dry_run=False)


def _refund_answer(state: OrderState, refund: Refund, *, dry_run: bool) -> RefundAnswer:
    tax = sales_taxes.tax_of(state, refund)
    return RefundAnswer(refund=refund, tax=tax, order=staff_answers.for_staff(state), dry_run=dry_run)


def cancel_order(*, order_id: str, new: NewCancellation, dry_run: bool, call: Call) -> CancellationAnswer:
    """Cancel an order: an unpaid one through Stripe first, a placed one with its refund and its stock back.

    While a payment is being processed the wish is stored, and carried out when the outcome is known.

    :raises NotAllowedNow: when the order is closed.
    """
    state = load(order_id)
    call.check_version(state.order.version)
    if state.order.is_over:
        raise NotAllowedNow(f"The order is {state.order.status}.")
    if dry_run:
        after, refund = _cancellation(state, new, call)
        return CancellationAnswer(order=staff_answers.for_staff(after), refund=refund, dry_run=True)
    once = call.once.row(order_id) if call.once else None
    if state.order.is_open:
        state = _cancel_open(state, new, once, call)
    if state.order.status is OrderStatus.PLACED:
        return _cancel_placed(state, new, once, call)
    if call.once:
        call.once.record(order_id)
    return CancellationAnswer(order=staff_answers.for_staff(state), refund=None, dry_run=False)


def cancel_again(*, resource: str, call: Call) -> CancellationAnswer:
    """Answer a repeated cancellation, and send its refund if the first call did not get that far."""
    state = load(resource)
    refund = _cancellation_refund(state)
    if refund is not None and refund.state is RefundState.REQUESTED:
        state = refunds.sent(resource, refund.id, call=call, read=state)
    return CancellationAnswer(order=staff_answers.for_staff(state), refund=_cancellation_refund(state), dry_run=False)


def _cancel_open(state: OrderState, new: NewCancellation, once: Write | None, call: Call) -> OrderState:
    order_id = state.order.id
    state, facts = closing.canceled_at_stripe(state, wanted=True, call=call)
    if facts is None:
        return state
    if facts.status == "processing":
        return settled(order_id, lambda fresh: _cancel_noted(fresh, new, once, call), read=state)
    return settle(
        order_id=order_id,
        facts=facts,
        call=call,
        closes_as=OrderStatus.CANCELED,
        reason=new.reason,
        also=[once] if facts.status == "canceled" else [],
        read=state,
    )


def _cancel_noted(state: OrderState, new: NewCancellation, once: Write | None, call: Call) -> OrderState:
    if not state.order.is_open or state.order.cancel_request is not None:
        return state
    request = CancelRequest(reason=new.reason, by=str(call.actor), at=call.now)
    order = state.order.model_copy(update={"cancel_request": request})
    event = CancelRequested(order_id=order.id, number=order.number, reason=new.reason)
    return store(state, replace(state, order=order), event=event, call=call, also=[once])


def _cancel_placed(state: OrderState, new: NewCancellation, once: Write | None, call: Call) -> CancellationAnswer:
    order_id = state.order.id
    if state.payment.authorized > 0 and state.payment.intent_id is not None:
        key = intents.key_of_its_own(state, "cancel", now=call.now)
        facts = stripe_payments.cancel_intent(intent_id=state.payment.intent_id, key=key, wanted=True)
        # Money that was captured meanwhile is another change; the row goes with the cancellation below.
        also = [once] if facts.status == "canceled" else []
        state = settle(order_id=order_id, facts=facts, call=call, reason=new.reason, also=also, read=state)
        if state.order.status is OrderStatus.CANCELED:
            if call.once:
                call.once.record(order_id)
            return CancellationAnswer(order=staff_answers.for_staff(state), refund=None, dry_run=False)

    known = state.order.version

    def step(state: OrderState) -> tuple[OrderState, Refund | None]:
        if state.order.version != known:
            call.check_version(state.order.version)
        after, refund = _cancellation(state, new, call)
        event = OrderCanceled(
            order_id=order_id,
            number=state.order.number,
            reason=new.reason,
            refund=refund.amount if refund else None,
        )
        also = [
            *_stock_back(state, call),
            *closing.promotions_given_back(state, call=call),
            payments.refund_added(refund=refund) if refund else None,
            *refunds.credited(refund, call),
            once,
        ]
        return store(state, after, event=event, call=call, also=also), refund

    state, refund = settled(order_id, step, read=state)
    if refund is not None:
        state = refunds.sent(order_id, refund.id, call=call, read=state)
    return CancellationAnswer(order=staff_answers.for_staff(state), refund=_cancellation_refund(state), dry_run=False)


def _cancellation(state: OrderState, new: NewCancellation, call: Call) -> tuple[OrderState, Refund | None]:
    """Return the order as the cancellation leaves it, and the refund that goes with it."""
    order = state.order.became(OrderStatus.CANCELED, now=call.now)
    after = replace(state, order=order)
    if not _refunds_something(state, new.refund_amount):
        return after, None
    amount = refunds.amount_to_refund(state.payment, new.refund_amount)
    refund = refunds.new_refund(
        state,
        amount=amount,
        reason=new.reason,
        origin=RefundOrigin.CANCELLATION,
        call=call,
        to_cards=refunds.split(state, amount),
    )
    return refunds.with_refund_asked(after, refund), refund


def _refunds_something(state: OrderState, wanted: Money | None) -> bool:
    if wanted is not None:
        return wanted.amount != 0
    return state.payment.refundable > 0


def _cancellation_refund(state: OrderState) -> Refund | None:
    return next((refund for refund in state.refunds if refund.origin is RefundOrigin.CANCELLATION), None)


def _stock_back(state: OrderState, call: Call) -> list[Write]:
    left = remaining(state.details, state.fulfillments)
    if not left:
        return []
    moves = [
        Move(
            sku=part.sku,
            location=part.location,
            source=Bucket.COMMITTED,
            target=Bucket.AVAILABLE,
            quantity=part.quantity,
            shard=part.shard,
        )
        for part in left
    ]
    return inventory.move(moves=moves, reason=Reason.RELEASE, reference=state.order.id, call=call)


def capture_order(*, order_id: str, dry_run: bool, call: Call) -> StaffOrder:
    """Capture an authorized payment in full.

    :raises NotAllowedNow: when nothing is authorized.
    :raises ProviderRefused: when Stripe does not capture it (any more).
    """
    state = load(order_id)
    call.check_version(state.order.version)
    if state.payment.authorized <= 0 or state.payment.intent_id is None:
        detail = "Nothing is authorized that could be captured."
        raise NotAllowedNow(detail)
    if dry_run:
        money = {"captured": state.payment.authorized, "authorized": 0}
        return staff_answers.for_staff(replace(state, payment=state.payment.model_copy(update=money)))
    once = call.once.row(order_id) if call.once else None
    state = captured(state, call=call, also=[once])
    if state.payment.captured == 0:
        detail = (
            "The payment provider did not capture the payment; look at it there, or try again."
            if state.payment.authorized
            else "The authorization has ended, so nothing could be captured; the order says what became of it."
        )
        raise ProviderRefused(detail)
    if call.once:
        call.once.record(order_id)
    return staff_answers.for_staff(state)


def captured(state: OrderState, *, call: Call, also: list[Write | None]) -> OrderState:
    """Capture what is authorized, and settle by what Stripe says then.

    :param also: writes that go with the capture, and not with the end of an authorization that was lost.
    :raises ProviderUnavailable: when Stripe does not answer, or failed.
    """
    intent_id = state.payment.intent_id or ""
    key = intents.key_of_its_own(state, "capture", now=call.now)
    try:
        facts = stripe_payments.capture_intent(
            intent_id=intent_id, amount=state.payment.money(state.payment.authorized), key=key
        )
    except OutcomeUnknown:
        facts = stripe_payments.retrieve_intent(intent_id=intent_id)
        if facts.status == "requires_capture":
            raise
    also = also if facts.status == "succeeded" else []
    return settle(order_id=state.order.id, facts=facts, call=call, also=also, read=state)
