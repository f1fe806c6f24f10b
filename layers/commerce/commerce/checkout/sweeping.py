"""What time brings: holds that end, authorizations that run out, refunds that Stripe did not answer, lost webhooks."""

from collections import Counter
from datetime import datetime, timedelta

from commerce.adapters import stripe_payments
from commerce.adapters.stripe_facts import IntentFacts
from commerce.checkout import closing, refunds, stripe_events
from commerce.checkout.receiving import APPLIED
from commerce.checkout.settlement import MONEY_MOVES, settle
from commerce.checkout.staff_actions import captured
from commerce.checkout.state import CAPTURE_AHEAD, LOOK_AGAIN_AFTER, OrderState, load, settled, store
from commerce.kernel.call import Call
from commerce.kernel.log import logger
from commerce.orders.events import AttentionMoved
from commerce.orders.model import OrderStatus
from commerce.orders.operations import ATTENTION_SHARDS
from commerce.orders.queries import waiting
from commerce.payments.model import OUTSTANDING, RefundState

PER_SHARD = 25
UNDELIVERED_SINCE = timedelta(days=3)
"""Stripe gives up delivering a webhook after three days (https://docs.stripe.com/webhooks#retries)."""


class SweepIncomplete(RuntimeError):
    """Some orders could not be attended to; the next sweep tries them again, and the alarm tells if it goes on."""


def sweep_orders(*, call: Call) -> dict[str, int]:
    """Attend to every order whose time has come; one that fails does not keep the others waiting."""
    counts: Counter[str] = Counter(attended=0, failed=0)
    for shard in range(ATTENTION_SHARDS):
        for order_id in waiting(shard=shard, now=call.now, limit=PER_SHARD):
            counts[_attended(order_id, call)] += 1
    if counts["failed"]:
        raise SweepIncomplete(dict(counts))
    return dict(counts)


def _attended(order_id: str, call: Call) -> str:
    try:
        attend(order_id, call=call)
    except Exception:  # noqa: BLE001 - whatever one order's trouble is, the others are still due.
        logger.exception("an order could not be attended to", order_id=order_id)
        return "failed"
    return "attended"


def attend(order_id: str, *, call: Call) -> OrderState:
    """Do what is due for one order, on a consistent read of it."""
    state = load(order_id)
    if not _is_due(state, call.now):
        return state
    if state.order.is_open and _may_still_take_time(state, call.now):
        state = settle(order_id=order_id, facts=_asked(state), call=call, read=state)
    elif state.order.is_open:
        state = _end_hold(state, call)
    elif state.payment.authorized > 0 and _capture_is_due(state, call.now):
        state = captured(state, call=call, also=[])
    for refund in state.refunds:
        if refund.state in OUTSTANDING:
            state = _refund_attended(state, refund.id, call)
    return _looked_at(state, call)


def _is_due(state: OrderState, now: datetime) -> bool:
    return state.order.attention_at is not None and state.order.attention_at <= now


def _may_still_take_time(state: OrderState, now: datetime) -> bool:
    until = state.payment.processing_until
    return state.payment.processing and until is not None and now < until and state.payment.intent_id is not None


def _asked(state: OrderState) -> IntentFacts:
    """Ask Stripe what became of a slow payment; it is not canceled before its deadline."""
    return stripe_payments.retrieve_intent(intent_id=state.payment.intent_id or "")


def _capture_is_due(state: OrderState, now: datetime) -> bool:
    ends = state.payment.capture_before
    return ends is not None and ends - CAPTURE_AHEAD <= now


def _end_hold(state: OrderState, call: Call) -> OrderState:
    state, facts = closing.canceled_at_stripe(state, wanted=False, call=call)
    if facts is None:
        return state
    state = settle(order_id=state.order.id, facts=facts, call=call, closes_as=OrderStatus.EXPIRED, read=state)
    if state.order.is_open and facts.status in MONEY_MOVES:
        # The money does not fit and is parked for a person; the stock need not wait for them.
        return settled(state.order.id, lambda fresh: _released_in_review(fresh, call))
    return state


def _released_in_review(state: OrderState, call: Call) -> OrderState:
    if not state.order.is_open:
        return state
    reason = "the payment does not fit the order"
    return closing.released(state, closes_as=OrderStatus.EXPIRED, reason=reason, call=call)


def _refund_attended(state: OrderState, refund_id: str, call: Call) -> OrderState:
    refund = state.refund(refund_id)
    if refund is None:
        return state
    if refund.state is RefundState.REQUESTED:
        return refunds.sent(state.order.id, refund_id, call=call)
    if refund.updated_at + LOOK_AGAIN_AFTER > call.now or state.payment.intent_id is None:
        return state
    for facts in stripe_payments.refunds_of(intent_id=state.payment.intent_id):
        state = refunds.recorded(state.order.id, facts, call=call, read=state)
    return state


def _looked_at(state: OrderState, call: Call) -> OrderState:
    """Come back tomorrow for what only Stripe can bring; what we could not do is due again at the next sweep."""
    if not _is_due(state, call.now) or not _waits_for_stripe(state):
        return state

    def step(fresh: OrderState) -> OrderState:
        if not _is_due(fresh, call.now):
            return fresh
        again_at = call.now + LOOK_AGAIN_AFTER
        event = AttentionMoved(order_id=fresh.order.id, number=fresh.order.number, at=again_at)
        return store(fresh, fresh, event=event, call=call, not_before=again_at)

    return settled(state.order.id, step)


def _waits_for_stripe(state: OrderState) -> bool:
    states = {refund.state for refund in state.refunds}
    processing = state.order.is_open and state.payment.processing
    return RefundState.REQUESTED not in states and (processing or RefundState.PENDING in states)


def reconcile_stripe(*, call: Call) -> dict[str, int]:
    """Apply the events that Stripe could not deliver, as after an outage of the webhook. Repeats change nothing."""
    since = call.now - UNDELIVERED_SINCE
    events = stripe_payments.undelivered_events(since=since, types=tuple(APPLIED))
    failed = 0
    for event in events:
        try:
            stripe_events.apply(event=event, call=call)
        except Exception:  # noqa: BLE001 - whatever one event's trouble is, the others still count.
            logger.exception("an event could not be applied", stripe_event=event.id)
            failed += 1
    if failed:
        message = f"{failed} of {len(events)} events could not be applied"
        raise SweepIncomplete(message)
    return {"events": len(events)}
