"""Stripe's events, applied by a worker (`receiving` made them durable). Each fact has its effect once, for ever.

Nothing here remembers event ids: a fact that the order already shows changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from commerce.adapters import stripe_payments
from commerce.adapters.stripe_facts import ChargeFacts, DisputeFacts, IntentFacts, RefundFacts, StripeEvent
from commerce.checkout import disputes, refunds, reviews
from commerce.checkout.settlement import MONEY_MOVES, settle
from commerce.checkout.state import OrderState, load
from commerce.kernel.call import Actor, Call
from commerce.kernel.config import settings
from commerce.kernel.log import logger
from commerce.orders.queries import OrderNotFound
from commerce.payments.model import ReviewKind
from commerce.payments.queries import order_of_intent


def apply_message(*, body: str, call: Call) -> None:
    """Apply one event that the queue delivers: at least once, in any order."""
    apply(event=StripeEvent.model_validate_json(body), call=call)


def apply(*, event: StripeEvent, call: Call) -> None:
    """Bring the order that an event tells of in line with it."""
    step = STEPS.get(event.type)
    if step is None:
        return
    logger.info("stripe event", stripe_event=event.id, stripe_type=event.type)
    step(event, replace(call, actor=Actor(kind="stripe", id=event.id)))


def _intent(event: StripeEvent, call: Call) -> None:
    facts = _intent_facts(event)
    order_id = _order_of(facts.id, facts.metadata)
    if order_id is None:
        return
    facts = facts.model_copy(update={"event_livemode": event.livemode})
    try:
        settle(order_id=order_id, facts=facts, call=call)
    except OrderNotFound:
        _unknown_order(facts, call)


def _intent_facts(event: StripeEvent) -> IntentFacts:
    """Read the snapshot; one that we cannot read is asked of Stripe again, in the version that we know."""
    try:
        return IntentFacts.model_validate(event.data.object)
    except ValidationError:
        logger.warning("event of another shape", stripe_event=event.id, api_version=event.api_version)
        return stripe_payments.retrieve_intent(intent_id=str(event.data.object["id"]))


def _unknown_order(facts: IntentFacts, call: Call) -> None:
    if facts.status not in MONEY_MOVES:
        return
    reviews.park_without_order(
        about=facts.id,
        detail=f"{facts.id} names the order {facts.order_id}, which does not exist.",
        intent_id=facts.id,
        amount=facts.money,
        call=call,
    )


def _refund(event: StripeEvent, call: Call) -> None:
    facts = RefundFacts.model_validate(event.data.object)
    state = _paid_order(facts.payment_intent, facts.metadata, event, call)
    if state is not None:
        refunds.recorded(state.order.id, facts, call=call, read=state)


def _charge_refunded(event: StripeEvent, call: Call) -> None:
    charge = ChargeFacts.model_validate(event.data.object)
    state = _paid_order(charge.payment_intent, {}, event, call)
    if state is not None:
        disputes.charge_refunded(read=state, charge=charge, call=call)


def _charge_updated(event: StripeEvent, call: Call) -> None:
    charge = ChargeFacts.model_validate(event.data.object)
    state = _checked_order(charge.payment_intent, {}, event, call)
    if state is not None:
        disputes.fee_recorded(read=state, charge=charge, call=call)


def _dispute(event: StripeEvent, call: Call) -> None:
    facts = DisputeFacts.model_validate(event.data.object)
    state = _paid_order(facts.payment_intent, {}, event, call)
    if state is not None:
        disputes.dispute_recorded(read=state, facts=facts, call=call)


def _paid_order(
    intent_id: str | None, metadata: Mapping[str, str], event: StripeEvent, call: Call
) -> OrderState | None:
    """Return the order of what comes after a payment, which may have overtaken the news of the payment itself."""
    state = _checked_order(intent_id, metadata, event, call)
    if state is None or intent_id is None or state.payment.captured > 0:
        return state
    facts = stripe_payments.retrieve_intent(intent_id=intent_id)
    return settle(order_id=state.order.id, facts=facts, call=call)


def _checked_order(
    intent_id: str | None, metadata: Mapping[str, str], event: StripeEvent, call: Call
) -> OrderState | None:
    """Return the order of a charge, refund or dispute; None when it is not ours or its live mode does not fit."""
    order_id = _order_of(intent_id, metadata) if intent_id is not None else None
    if order_id is None:
        return None
    try:
        state = load(order_id)
    except OrderNotFound:
        return None
    if event.livemode == state.payment.livemode:
        return state
    reviews.park(
        state,
        kind=ReviewKind.LIVEMODE_MISMATCH,
        about=f"{event.data.object.get('id')}|{event.type}",
        detail=f"The event {event.type} is not of the order's live mode.",
        call=call,
        intent_id=intent_id,
    )
    return None


def _order_of(intent_id: str, metadata: Mapping[str, str]) -> str | None:
    """Return the order that an intent belongs to; None for those of other applications on the same account."""
    if metadata.get("store", settings().orders_table) != settings().orders_table:
        return None
    return metadata.get("order_id") or order_of_intent(intent_id=intent_id)


STEPS: Mapping[str, Callable[[StripeEvent, Call], Any]] = MappingProxyType(
    {
        "payment_intent.succeeded": _intent,
        "payment_intent.processing": _intent,
        "payment_intent.payment_failed": _intent,
        "payment_intent.canceled": _intent,
        "payment_intent.amount_capturable_updated": _intent,
        "charge.refunded": _charge_refunded,
        "charge.updated": _charge_updated,
        "charge.captured": _charge_updated,
        "refund.created": _refund,
        "refund.updated": _refund,
        "refund.failed": _refund,
        "charge.dispute.created": _dispute,
        "charge.dispute.closed": _dispute,
    }
)
"""What is done about each type in `receiving.APPLIED`."""
