"""Disputes and fees: what Stripe tells of a charge after it was paid."""

from dataclasses import replace
from typing import Literal

from commerce.adapters import stripe_payments
from commerce.adapters.stripe_facts import ChargeFacts, DisputeFacts
from commerce.checkout import refunds, reviews
from commerce.checkout.state import OrderState, settled, store
from commerce.kernel.call import Call
from commerce.kernel.money import Money
from commerce.orders.events import FeeRecorded, OrderDisputed
from commerce.payments import operations as payments
from commerce.payments.model import Dispute, Payment, ReviewKind


def dispute_recorded(*, read: OrderState, facts: DisputeFacts, call: Call) -> OrderState:
    """Record a dispute, or how it ended. What is disputed cannot be refunded; what is won can be again.

    :param read: the order as it was just read.
    """
    status, order_id = _status(facts.status), read.order.id

    def step(state: OrderState) -> OrderState:
        known = next((dispute for dispute in state.disputes if dispute.id == facts.id), None)
        if known is not None and (known.status != "open" or status == "open"):
            return state
        held_before = known.amount.amount if known is not None else 0
        held_now = 0 if status == "won" else facts.amount
        dispute = Dispute(
            id=facts.id,
            order_id=order_id,
            amount=Money(amount=facts.amount, currency=facts.currency),
            reason=facts.reason,
            status=status,
            created_at=known.created_at if known else call.now,
            updated_at=call.now,
        )
        held = {"disputed": state.payment.disputed - held_before + held_now}
        payment = state.payment.model_copy(update=held)
        state = _told(state, payment, dispute, call)
        payment = state.payment.model_copy(update=held)
        others = tuple(each for each in state.disputes if each.id != dispute.id)
        event = OrderDisputed(
            order_id=order_id,
            number=state.order.number,
            dispute_id=dispute.id,
            amount=dispute.amount,
            status=status,
        )
        after = replace(state, payment=payment, disputes=(*others, dispute))
        return store(state, after, event=event, call=call, also=[payments.dispute_stored(dispute=dispute)])

    return settled(order_id, step, read=read)


def _told(state: OrderState, payment: Payment, dispute: Dispute, call: Call) -> OrderState:
    """Tell a person what only a person can decide, before it is recorded: whatever happens in between, it comes again.

    :param payment: the payment with this news of the dispute.
    """
    if dispute.status != "won":
        return refunds.excess_told(state, payment, about=dispute.id, amount=dispute.amount, call=call)
    if not state.order.is_over or payment.refundable_at_provider == 0:
        return state
    left = payment.money(payment.refundable_at_provider)
    detail = (
        f"The dispute over an order that is {state.order.status} was won: {left} came back. Send it to the shopper?"
    )
    return reviews.park(
        state, kind=ReviewKind.DISPUTE_WON, about=dispute.id, detail=detail, call=call, amount=left,
        intent_id=payment.intent_id,
    )  # fmt: skip


def _status(status: str) -> Literal["open", "won", "lost"]:
    if status in {"won", "warning_closed", "prevented"}:
        return "won"
    return "lost" if status == "lost" else "open"


def fee_recorded(*, read: OrderState, charge: ChargeFacts, call: Call) -> OrderState:
    """Record what Stripe took, once it says so: with asynchronous capture that is after the payment.

    :param read: the order as it was just read.
    """
    if charge.balance_transaction is None or read.payment.fee is not None:
        return read
    fee = stripe_payments.fee(balance_transaction_id=charge.balance_transaction)

    def step(state: OrderState) -> OrderState:
        if state.payment.fee is not None:
            return state
        payment = state.payment.model_copy(update={"fee": fee.fee, "fee_currency": fee.currency})
        event = FeeRecorded(
            order_id=state.order.id, number=state.order.number, fee=Money(amount=fee.fee, currency=fee.currency)
        )
        return store(state, replace(state, payment=payment), event=event, call=call)

    return settled(read.order.id, step, read=read)


def charge_refunded(*, read: OrderState, charge: ChargeFacts, call: Call) -> OrderState:
    """See that every refund of a charge is known, those made at Stripe itself included.

    :param read: the order as it was just read.
    """
    state = read
    if state.payment.refunded >= charge.amount_refunded or charge.payment_intent is None:
        return state
    for facts in stripe_payments.refunds_of(intent_id=charge.payment_intent):
        state = refunds.recorded(state.order.id, facts, call=call, read=state)
    return state
