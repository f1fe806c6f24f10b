"""Refunds: set aside in one transaction, sent to Stripe under a key of their own, and kept true to Stripe's answers."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from commerce.adapters import stripe_payments
from commerce.adapters.stripe_facts import RefundFacts
from commerce.adapters.stripe_payments import (
    KEYS_FORGOTTEN_AFTER,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
)
from commerce.checkout import reviews
from commerce.checkout.state import OrderState, load, settled, store
from commerce.giftcards import operations as giftcards
from commerce.giftcards.model import RefundSplit, refund_split
from commerce.giftcards.parts import CardPart
from commerce.kernel.call import Call
from commerce.kernel.errors import Unavailable, WriteConflict
from commerce.kernel.ids import new_id
from commerce.kernel.log import logger
from commerce.kernel.money import CurrencyMismatch, Money, grain
from commerce.kernel.transactions import Write
from commerce.orders.events import OrderEvent, OrderRefunded, RefundRequested, RefundUpdated
from commerce.payments import operations as payments
from commerce.payments.model import (
    LOST,
    Payment,
    Refund,
    RefundOrigin,
    RefundState,
    RefundTooLarge,
    ReviewKind,
    may_follow,
    moved,
)

LEASE = timedelta(seconds=25)
KEYS = 5
"""How many failures that Stripe records one refund survives in a day; then Stripe forgets them."""

UNWATCHED = frozenset({RefundOrigin.CANCELLATION, RefundOrigin.LATE_MONEY})
"""Refunds that no person waits for: their failure must reach one."""


def amount_to_refund(payment: Payment, wanted: Money | None) -> Money:
    """Return what to refund: the amount wanted, or all that can be.

    :raises CurrencyMismatch: when the wanted amount is in another currency.
    :raises RefundTooLarge: when it is more than can be refunded, or nothing can be.
    """
    if wanted is not None and wanted.currency != payment.currency:
        detail = f"The order was paid in {payment.currency}."
        raise CurrencyMismatch(detail)
    most = payment.money(payment.refundable)
    amount = wanted if wanted is not None else most
    if not 0 < amount.amount <= most.amount:
        detail = f"Between one minor unit and {most} can be refunded."
        raise RefundTooLarge(detail)
    return amount


def split(state: OrderState, amount: Money) -> tuple[CardPart, ...]:
    """Return what of a refund goes onto gift cards and store credit; the payment provider sends the rest back.

    :raises RefundNotSplittable: when the provider would have to send back what it cannot.
    """
    payment = state.payment
    found = refund_split(
        amount=amount.amount,
        paid_by_provider=payment.refundable_at_provider,
        paid_by=[part.tender() for part in state.details.gift_cards] if payment.refundable_to_cards else [],
        refunded_before=[
            RefundSplit(to_provider=0, parts=tuple(part.tender() for part in refund.to_cards))
            for refund in state.refunds
            if payment.refundable_to_cards
        ],
        step=grain(payment.currency),
    )
    return tuple(CardPart.of(part, currency=payment.currency) for part in found.parts)


def credited(refund: Refund | None, call: Call) -> list[Write]:
    """Return the writes that put a new refund's part onto its cards; they go with the one that adds the refund."""
    if refund is None:
        return []
    parts = [part.tender() for part in refund.to_cards]
    return giftcards.refunded(parts=parts, refund_id=refund.id, order_id=refund.order_id, call=call)


def new_refund(
    state: OrderState,
    *,
    amount: Money,
    reason: str,
    origin: RefundOrigin,
    call: Call,
    to_cards: tuple[CardPart, ...] = (),
) -> Refund:
    """Return a refund that is asked for and not sent yet."""
    return Refund(
        id=new_id("ref"),
        order_id=state.order.id,
        amount=amount,
        to_cards=to_cards,
        reason=reason,
        origin=origin,
        state=RefundState.REQUESTED,
        requested_by=str(call.actor),
        created_at=call.now,
        updated_at=call.now,
    )


def with_refund_asked(state: OrderState, refund: Refund) -> OrderState:
    """Return the state with the refund's amount set aside.

    :raises RefundTooLarge: when it is more than can be refunded.
    """
    to_provider, to_cards = refund.to_provider.amount, refund.sum_to_cards.amount
    payment = state.payment.with_refund_requested(to_provider, to_cards=to_cards)
    return replace(state, payment=payment).with_refund(refund)


def requested(
    order_id: str, *, wanted: Money | None, reason: str, call: Call, dry_run: bool
) -> tuple[OrderState, Refund]:
    """Set a refund aside; with `dry_run`, show it and store nothing.

    :raises StaleVersion: when the caller saw another version of the order.
    :raises RefundTooLarge: when it is more than can be refunded.
    """

    def step(state: OrderState) -> tuple[OrderState, Refund]:
        call.check_version(state.order.version)
        amount = amount_to_refund(state.payment, wanted)
        to_cards = split(state, amount)
        refund = new_refund(
            state, amount=amount, reason=reason, origin=RefundOrigin.STAFF, call=call, to_cards=to_cards
        )
        if refund.to_provider.amount == 0:
            refund = refund.model_copy(update={"state": RefundState.SUCCEEDED})
        after = with_refund_asked(state, refund)
        if dry_run:
            return after, refund
        event: OrderEvent = RefundRequested(
            order_id=order_id,
            number=state.order.number,
            refund_id=refund.id,
            amount=amount,
            reason=reason,
        )
        if refund.state is RefundState.SUCCEEDED:
            event = _event(state, refund)
        lease = LEASE if refund.state is RefundState.REQUESTED else None
        once = call.once.row(f"{order_id}/{refund.id}", lease=lease) if call.once else None
        also = [payments.refund_added(refund=refund), *credited(refund, call), once]
        return store(state, after, event=event, call=call, also=also), refund

    return settled(order_id, step)


def sent(
    order_id: str,
    refund_id: str,
    *,
    call: Call,
    also: Iterable[Write | None] = (),
    read: OrderState | None = None,
) -> OrderState:
    """Send a refund that was asked for to Stripe, and record its answer. Safe to repeat.

    When Stripe does not answer, or its answer cannot be recorded, the refund stays as it is, and Stripe's event or the
    sweeper brings it on: it was promised when it was asked for, and nobody has to ask again.

    :param read: the order as it was just read.
    """
    state = read or load(order_id)
    refund = state.refund(refund_id)
    if refund is None or refund.state is not RefundState.REQUESTED:
        return state
    if refund.to_provider.amount == 0:
        return _without_provider(order_id, refund_id, call=call, also=also, read=state)
    if state.payment.intent_id is None:
        return state
    try:
        return _answered(state, refund, state.payment.intent_id, call, also)
    except ProviderUnavailable:
        logger.warning("stripe did not answer a refund; the sweeper repeats it", refund_id=refund.id)
    except (WriteConflict, Unavailable):
        logger.warning("stripe's answer to a refund could not be recorded", refund_id=refund.id)
    return state


def _without_provider(
    order_id: str, refund_id: str, *, call: Call, also: Iterable[Write | None], read: OrderState
) -> OrderState:
    """Record that a refund which went onto cards alone has succeeded, and tell of it."""
    also = tuple(also)

    def step(state: OrderState) -> OrderState:
        known = state.refund(refund_id)
        if known is None or not may_follow(known.state, RefundState.SUCCEEDED):
            return state
        return _stored(state, known, RefundState.SUCCEEDED, None, call, also)

    return settled(order_id, step, read=read)


def _answered(
    state: OrderState, refund: Refund, intent_id: str, call: Call, also: Iterable[Write | None]
) -> OrderState:
    try:
        facts = _at_stripe(intent_id, refund, call)
    except ProviderRefused as error:
        logger.error("stripe refused a refund", refund_id=refund.id, stripe_code=error.stripe_code)
        reason = error.stripe_code or "refused"
        return failed(state.order.id, refund.id, failure_reason=reason, call=call, also=also, read=state)
    return recorded(state.order.id, facts, call=call, also=also, read=state)


def _at_stripe(intent_id: str, refund: Refund, call: Call) -> RefundFacts:
    """Make a refund at Stripe, or get the one that was made before: by its key, or by a look where keys do not help.

    A key is left for the next only after Stripe repeated a failure under it and has no such refund, so that whoever
    tries, however often, walks the same keys.
    """
    key = f"{refund.order_id}:refund:{refund.id}"
    if call.now - refund.created_at > KEYS_FORGOTTEN_AFTER:
        return _found(intent_id, refund) or _created(intent_id, refund, key)
    for attempt in range(1, KEYS + 1):
        try:
            return _created(intent_id, refund, key if attempt == 1 else f"{key}:{attempt}")
        except OutcomeUnknown:
            found = _found(intent_id, refund)
            if found is not None:
                return found
    raise OutcomeUnknown


def _created(intent_id: str, refund: Refund, key: str) -> RefundFacts:
    metadata = {"order_id": refund.order_id, "refund_id": refund.id}
    return stripe_payments.create_refund(intent_id=intent_id, amount=refund.to_provider, key=key, metadata=metadata)


def _found(intent_id: str, refund: Refund) -> RefundFacts | None:
    known = stripe_payments.refunds_of(intent_id=intent_id)
    return next((facts for facts in known if facts.metadata.get("refund_id") == refund.id), None)


def recorded(
    order_id: str,
    facts: RefundFacts,
    *,
    call: Call,
    also: Iterable[Write | None] = (),
    read: OrderState | None = None,
) -> OrderState:
    """Record what Stripe says of a refund, ours or one made at Stripe itself, in whatever order it says so.

    :param read: the order as it was just read.
    """
    also = tuple(also)

    def step(state: OrderState) -> OrderState:
        known = state.refund(facts.metadata.get("refund_id") or facts.id) or state.refund(facts.id)
        return _recorded(state, known, facts, call, also)

    return settled(order_id, step, read=read)


def failed(
    order_id: str,
    refund_id: str,
    *,
    failure_reason: str,
    call: Call,
    also: Iterable[Write | None] = (),
    read: OrderState | None = None,
) -> OrderState:
    """Record that Stripe refused a refund: its amount can be refunded again.

    :param read: the order as it was just read.
    """
    also = tuple(also)

    def step(state: OrderState) -> OrderState:
        known = state.refund(refund_id)
        if known is None or not may_follow(known.state, RefundState.FAILED):
            return state
        return _stored(state, known, RefundState.FAILED, failure_reason, call, also)

    return settled(order_id, step, read=read)


def _recorded(
    state: OrderState, known: Refund | None, facts: RefundFacts, call: Call, also: tuple[Write | None, ...]
) -> OrderState:
    after = _state_of(facts)
    if known is None:
        known = _made_at_stripe(state, facts, call)
        return _stored(state, known, after, facts.failure_reason, call, also, is_new=True)
    if not may_follow(known.state, after):
        return state
    known = known.model_copy(update={"provider_id": facts.id})
    return _stored(state, known, after, facts.failure_reason, call, also)


def _stored(
    state: OrderState,
    known: Refund,
    after: RefundState,
    failure_reason: str | None,
    call: Call,
    also: tuple[Write | None, ...],
    *,
    is_new: bool = False,
) -> OrderState:
    before = None if is_new else known.state
    refund = known.model_copy(update={"state": after, "failure_reason": failure_reason, "updated_at": call.now})
    amount = refund.to_provider.amount
    state = _told(state, refund, moved(state.payment, amount=amount, before=before, after=after), call)
    payment = moved(state.payment, amount=amount, before=before, after=after)
    write = payments.refund_added(refund=refund) if is_new else payments.refund_changed(before=known, after=refund)
    changed = replace(state, payment=payment).with_refund(
        refund if is_new else refund.model_copy(update={"version": known.version + 1})
    )
    return store(state, changed, event=_event(state, refund), call=call, also=[write, *also])


def _told(state: OrderState, refund: Refund, payment: Payment, call: Call) -> OrderState:
    """Tell a person what needs one, before it is recorded: whatever happens in between, the news comes again.

    :param payment: the payment with this news of the refund.
    """
    if refund.state in LOST and (refund.origin in UNWATCHED or state.order.is_over):
        detail = f"A refund of {refund.to_provider} failed ({refund.failure_reason}); send it another way."
        return reviews.park(
            state, kind=ReviewKind.REFUND_FAILED, about=refund.id, detail=detail, call=call, amount=refund.to_provider,
            intent_id=payment.intent_id,
        )  # fmt: skip
    return excess_told(state, payment, about=refund.id, amount=refund.to_provider, call=call)


def excess_told(state: OrderState, payment: Payment, *, about: str, amount: Money, call: Call) -> OrderState:
    """Tell a person when more goes back than had arrived, in refunds and disputes together.

    :param payment: the payment with the news.
    :param about: the refund or dispute that brings it, over this amount.
    """
    if payment.refunded + payment.refund_pending + payment.disputed <= payment.captured:
        return state
    back, arrived = payment.money(payment.refunded + payment.refund_pending), payment.money(payment.captured)
    detail = f"{back} went back, {payment.money(payment.disputed)} is disputed, and {arrived} had arrived."
    return reviews.park(
        state, kind=ReviewKind.EXCESS_REFUND, about=about, detail=detail, call=call, amount=amount,
        intent_id=payment.intent_id,
    )  # fmt: skip


def _made_at_stripe(state: OrderState, facts: RefundFacts, call: Call) -> Refund:
    return Refund(
        id=facts.id,
        order_id=state.order.id,
        amount=Money(amount=facts.amount, currency=facts.currency),
        reason="made at the payment provider",
        origin=RefundOrigin.PROVIDER,
        state=RefundState.PENDING,
        provider_id=facts.id,
        requested_by="stripe",
        created_at=call.now,
        updated_at=call.now,
    )


def _state_of(facts: RefundFacts) -> RefundState:
    states = {
        "succeeded": RefundState.SUCCEEDED,
        "failed": RefundState.FAILED,
        "canceled": RefundState.CANCELED,
    }
    return states.get(facts.status or "", RefundState.PENDING)


def _event(state: OrderState, refund: Refund) -> OrderEvent:
    if refund.state is RefundState.SUCCEEDED:
        return OrderRefunded(
            order_id=state.order.id,
            number=state.order.number,
            refund_id=refund.id,
            amount=refund.amount,
            to_cards=refund.sum_to_cards,
        )
    return RefundUpdated(
        order_id=state.order.id,
        number=state.order.number,
        refund_id=refund.id,
        amount=refund.amount,
        state=refund.state,
    )
