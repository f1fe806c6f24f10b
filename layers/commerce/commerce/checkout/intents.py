"""The order's one PaymentIntent: made under a derived key, stored before its secret leaves, and found again if lost."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from commerce.adapters import stripe_payments
from commerce.adapters.stripe_facts import IntentFacts
from commerce.adapters.stripe_payments import KEYS_FORGOTTEN_AFTER, OutcomeUnknown
from commerce.checkout.state import OrderState, load, store
from commerce.kernel.call import Call
from commerce.kernel.config import settings
from commerce.kernel.errors import WriteConflict
from commerce.kernel.transactions import Write
from commerce.orders.events import PaymentAttemptRenewed, PaymentStarted
from commerce.payments import operations as payments


def metadata(state: OrderState) -> dict[str, str]:
    """Return what Stripe keeps for us with the intent."""
    return {
        "order_id": state.order.id,
        "order_number": state.order.number,
        "purpose": "charge",
        "attempt": str(state.payment.attempt),
        "store": settings().orders_table,
    }


def key_of_its_own(state: OrderState, step: str, *, now: datetime) -> str:
    """Return a key for what Stripe does to an intent once by itself, as canceling and capturing.

    Stripe gives the first answer of a key again for a day, a refusal or a failure too, while the intent moves on.
    """
    return f"{state.order.id}:{step}:{state.order.version}:{now.timestamp():.3f}"


def ensured(state: OrderState, *, call: Call, also: Iterable[Write | None] = ()) -> tuple[OrderState, IntentFacts]:
    """Return the order's PaymentIntent as Stripe has it; create and store it when that has not happened yet.

    Safe to repeat after any fault: the key is derived from order, purpose and attempt, so a repeat is the same call.

    :param also: writes that go with storing the intent's id.
    :raises ProviderUnavailable: when Stripe does not answer.
    """
    if state.payment.intent_id is not None:
        return state, stripe_payments.retrieve_intent(intent_id=state.payment.intent_id)
    state, facts = _created(state, call)
    try:
        return _stored(state, facts, call, also), facts
    except WriteConflict:
        fresh = load(state.order.id)
        if fresh.payment.intent_id is None and fresh.order.is_open:
            return _stored(fresh, facts, call, also), facts
        return fresh, facts


def _created(state: OrderState, call: Call) -> tuple[OrderState, IntentFacts]:
    if call.now - state.order.created_at > KEYS_FORGOTTEN_AFTER:
        found = _found(state)
        if found is not None:
            return state, found
    try:
        return state, _create(state)
    except OutcomeUnknown:
        found = _found(state)
        if found is not None:
            return state, found
        return _next_attempt(state, call)


def _next_attempt(state: OrderState, call: Call) -> tuple[OrderState, IntentFacts]:
    """Take a new key: Stripe answers the old one with a recorded failure for good, and made nothing under it."""
    payment = state.payment.model_copy(update={"attempt": state.payment.attempt + 1})
    event = PaymentAttemptRenewed(order_id=state.order.id, number=state.order.number, attempt=payment.attempt)
    state = store(state, replace(state, payment=payment), event=event, call=call)
    return state, _create(state)


def _create(state: OrderState) -> IntentFacts:
    payment = state.payment
    return stripe_payments.create_intent(
        key=f"{state.order.id}:charge:{payment.attempt}",
        amount=payment.money(payment.due),
        capture_method=payment.capture_method,
        method=payment.method,
        metadata=metadata(state),
        description=f"Order {state.order.number}",
    )


def _found(state: OrderState) -> IntentFacts | None:
    return stripe_payments.find_intent(order_id=state.order.id, created_after=state.order.created_at)


def _stored(state: OrderState, facts: IntentFacts, call: Call, also: Iterable[Write | None]) -> OrderState:
    payment = state.payment.model_copy(update={"intent_id": facts.id})
    event = PaymentStarted(order_id=state.order.id, number=state.order.number, intent_id=facts.id)
    known = payments.intent_known(order_id=state.order.id, intent_id=facts.id)
    return store(state, replace(state, payment=payment), event=event, call=call, also=[known, *also])
