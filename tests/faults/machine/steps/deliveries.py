"""Stripe tells of money: its webhook is received, and its events are brought to the orders, in whatever order."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tests.faults.machine.cases import Context, Scenario, Step
from tests.faults.machine.modes import Fault, Mode
from tests.faults.machine.shop import CODE, filled_cart, open_shop, usd
from tests.faults.machine.steps.one_order import (
    PAID,
    STOCK,
    UNITS,
    bought,
    in_the_dashboard,
    of_staff,
    order_of,
    pending,
    refunded_at_stripe,
    stock_is,
)
from tests.faults.machine.wire import Outgoing
from tests.faults.machine.world import VISIBILITY_SECONDS, World
from tests.support.payments import event_of, signed
from tests.support.store import Answer

ALONE = Scenario(sweeper=False)
"""Nobody sweeps: the deliveries alone must do it."""

SWEPT, TWICE = Scenario(), Scenario(twice=True)

MANUAL = {"CAPTURE_METHOD": "manual"}
SLOW = {"ALLOW_SLOW_PAYMENTS": "true"}
BANK_DEBIT = "pm_usBankAccount_success"
PART = 1000
Expect = Callable[[World, Context, Scenario], Iterator[str]]


def every_call(_: Outgoing) -> bool:
    """Strike all calls of a step."""
    return True


def effects(call: Outgoing) -> bool:
    """Strike what changes something, and Stripe; looks at our own tables are struck in a step that looks alike.

    Until something changed, a look that fails leaves all as it was, and whoever looked is called again.
    """
    return call.changes or call.service == "stripe"


def delivered_again(world: World, *_: Any) -> None:
    """Let the time pass after which queues and Stripe deliver again what failed."""
    world.drain()
    world.wait(VISIBILITY_SECONDS + 20)


def ends(*statuses: str, reviews: tuple[str, ...] = (), back: tuple[int, ...] = (), **payment: Any) -> Expect:
    """Return the expectation that an order ends like this, with these reviews and refunds at Stripe, each once."""

    def expect(world: World, context: Context, _: Scenario) -> Iterator[str]:
        order = order_of(world, context)
        if order.status not in statuses:
            yield f"the order is {order.status}, and should be {' or '.join(statuses)}"
        for name, value in payment.items():
            if order.payment[name] != value:
                yield f"{name} is {order.payment[name]}, and should be {value}"
        kinds = tuple(review["kind"] for review in world.picture().reviews)
        if kinds != reviews:
            yield f"reviews are {kinds}, and should be {reviews}"
        if tuple(refunded_at_stripe(world)) != back:
            yield f"{refunded_at_stripe(world)} went back, and should be {back}"
        if order.status in {"expired", "canceled"}:
            yield from stock_is(world, available=STOCK, reserved=0, committed=0)
        elif order.status == "placed":
            yield from stock_is(world, available=STOCK - UNITS, reserved=0, committed=UNITS)

    return expect


# ---- Stripe posts ----------------------------------------------------------------------------------------------


def paid(world: World, method: str = "pm_card_visa") -> Context:
    context = pending(world)
    world.pay(context["intent"], method)
    world.post_webhooks("charge.succeeded")
    return context


def _post(world: World, _context: Context, _key: str | None) -> None:
    world.post_webhooks()


def _unpaid_with_a_forgery(world: World) -> Context:
    context = pending(world)
    intent = world.stripe.intent(context["intent"])
    forged = event_of(intent, "payment_intent.succeeded", status="succeeded", amount_received=PAID)
    return context | {"forged": forged}


def _post_a_forgery(world: World, context: Context, _key: str | None) -> None:
    body = context["forged"]
    headers = {"Stripe-Signature": signed(body, secret="whsec_of_somebody_else")}
    context["answer"] = world.call("POST", "/v1/webhooks/stripe", raw=body, headers=headers)


def _without_effect(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
    yield from ends("expired" if scenario.sweeper else "pending")(world, context, scenario)
    answer: Answer | None = context["answer"]
    if answer is not None and answer.status not in {400, 503}:
        yield f"a forged webhook was answered with {answer.status}"


RECEIVE = Step(
    name="receive a webhook",
    prepare=paid,
    act=_post,
    after=delivered_again,
    expect=ends("placed", captured=PAID),
    scenarios=(ALONE, TWICE),
    by_client=False,
)

RECEIVE_A_FORGERY = replace(
    RECEIVE,
    name="receive a forged webhook",
    prepare=_unpaid_with_a_forgery,
    act=_post_a_forgery,
    expect=_without_effect,
    scenarios=(ALONE,),
)


# ---- the queue brings what became of the payment -----------------------------------------------------------------


def in_the_queue(prepare: Callable[[World], Context], *types: str) -> Callable[[World], Context]:
    """Return the preparation that also lets Stripe's events of these types reach their queue in this order, or all."""

    def prepared(world: World) -> Context:
        context = prepare(world)
        for kind in types:
            assert world.post_webhooks(kind), f"Stripe has no {kind} to tell of"
        if not types:
            assert world.post_webhooks(), "Stripe has nothing to tell"
        return context

    return prepared


def _consume(world: World, _context: Context, _key: str | None) -> None:
    world.consume_events()


def consumed(
    name: str,
    prepare: Callable[[World], Context],
    *types: str,
    expect: Expect,
    after: Callable[..., None] = delivered_again,
    scenarios: tuple[Scenario, ...] = (ALONE,),
    settings: dict[str, str] | None = None,
    strikes: Callable[[Outgoing], bool] = effects,
) -> Step:
    """Return the step in which the queue hands Stripe's events to their consumer."""
    return Step(
        name=name,
        prepare=in_the_queue(prepare, *types),
        act=_consume,
        after=after,
        expect=expect,
        scenarios=scenarios,
        settings=settings or {},
        by_client=False,
        strikes=strikes,
    )


def _debited(world: World) -> Context:
    context = pending(world)
    world.pay(context["intent"], BANK_DEBIT)
    return context


def _the_bank_pays(world: World, context: Context, *_: Any) -> None:
    delivered_again(world)
    world.drain()
    assert world.at_stripe("process", payment_intent=context["intent"], outcome="succeed")


def _declined(world: World) -> Context:
    context = pending(world)
    world.pay(context["intent"], "pm_card_chargeDeclined")
    return context


def pays_with_another_card(world: World, context: Context, *_: Any) -> None:
    delivered_again(world)
    world.drain()
    world.pay(context["intent"])


def _canceled_at_stripe(world: World) -> Context:
    context = pending(world)
    in_the_dashboard(world, f"payment_intents/{context['intent']}/cancel")
    return context


OF_A_WHOLE_PAYMENT = (
    "payment_intent.processing",
    "payment_intent.payment_failed",
    "payment_intent.succeeded",
    "refund.created",
    "charge.dispute.created",
)


def a_whole_payment(world: World) -> Context:
    """Fail with a bank debit, pay by card, get a part back, dispute another: all of it while nothing is delivered."""
    context = _debited(world)
    world.at_stripe("process", payment_intent=context["intent"], outcome="fail")
    world.pay(context["intent"])
    world.wait(3)
    world.at_stripe("dashboard_refund", payment_intent=context["intent"], amount=PART)
    world.at_stripe("dispute", payment_intent=context["intent"], amount=PART)
    return context


def lost_intent(world: World) -> Context:
    """Order, and die before the id of the PaymentIntent is stored."""
    open_shop(world, stock=STOCK)
    world.drain()
    cart = filled_cart(world, code=CODE)
    body = {"expected_total": cart["totals"]["total"], "pricing_hash": cart["pricing_hash"]}
    with world.wire.watching(Fault(1, Mode.CRASH_AFTER, "POST payment_intents")):
        assert world.call("POST", f"/v1/carts/{cart['id']}/checkout", body) is None
    world.drain()
    [order_id] = world.picture().orders
    [intent_id] = world.stripe.table("payment_intent")
    return {"order": order_id, "cart": cart["id"], "intent": intent_id}


def _lost_and_paid(world: World) -> Context:
    context = lost_intent(world)
    world.pay(context["intent"])
    return context


SETTLE = consumed(
    "settle a payment", paid, expect=ends("placed", captured=PAID), scenarios=(ALONE, TWICE), strikes=every_call
)
SETTLE_AUTHORIZED = consumed(
    "settle an authorization",
    paid,
    expect=ends("placed", authorized=PAID, captured=0),
    settings=MANUAL,
)
SETTLE_PROCESSING = consumed(
    "settle a bank debit that takes days",
    _debited,
    expect=ends("placed", captured=PAID),
    after=_the_bank_pays,
    scenarios=(SWEPT,),
    settings=SLOW,
)
SETTLE_DECLINED = consumed(
    "settle a payment that is declined first",
    _declined,
    expect=ends("placed", captured=PAID, declines=1),
    after=pays_with_another_card,
)
SETTLE_CANCELED = consumed(
    "settle an intent that was canceled at Stripe", _canceled_at_stripe, expect=ends("expired", "canceled")
)
SETTLE_REVERSED = consumed(
    "settle a payment's events, the last first",
    a_whole_payment,
    *reversed(OF_A_WHOLE_PAYMENT),
    expect=ends("placed", captured=PAID, refunded=PART, disputed=PART, back=(PART,)),
    settings=SLOW,
)
SETTLE_LOST = consumed(
    "settle a payment whose intent was lost", _lost_and_paid, expect=ends("placed", captured=PAID), scenarios=(SWEPT,)
)


# ---- and what comes after it -------------------------------------------------------------------------------------


def _refunded_in_the_dashboard(world: World) -> Context:
    context = bought(world)
    world.at_stripe("dashboard_refund", payment_intent=context["intent"], amount=PART)
    return context


def _pending_refund_arrives(world: World) -> Context:
    context = bought(world, method="pm_card_pendingRefund")
    of_staff(world, context, "refunds", {"amount": usd(PART), "reason": "a scratch"})
    world.wait(61)
    return context


def _refund_of_a_cancellation_fails(world: World) -> Context:
    context = bought(world, method="pm_card_refundFail")
    of_staff(world, context, "cancel", {"reason": "cannot deliver"})
    world.wait(61)
    return context


def unanswered_refund(world: World, amount: int = PART) -> Context:
    """Let staff refund something while Stripe is not reached."""
    context = bought(world)
    body = {"amount": usd(amount), "reason": "a scratch"}
    with world.wire.watching(Fault(1, Mode.OUTAGE, "POST refunds")):
        answer = world.call("POST", f"/v1/admin/orders/{context['order']}/refunds", body)
    assert answer is not None, "the refund was asked for"
    world.drain()
    return context


def _refunded_twice(world: World) -> Context:
    context = unanswered_refund(world, amount=3 * PART)
    world.at_stripe("dashboard_refund", payment_intent=context["intent"])
    return context


def _disputed(world: World) -> Context:
    context = bought(world)
    assert world.at_stripe("dispute", payment_intent=context["intent"])
    return context


def _disputed_after_a_refund(world: World) -> Context:
    context = bought(world)
    of_staff(world, context, "refunds", {"reason": "never arrived"})
    assert world.at_stripe("dispute", payment_intent=context["intent"])
    return context


def _dispute_ended(*, won: bool) -> Callable[[World], Context]:
    def prepare(world: World) -> Context:
        context = _disputed(world)
        if won:
            world.drain()
        [dispute] = world.stripe.table("dispute")
        assert world.at_stripe("dispute/close", dispute=dispute, won=won)
        return context

    return prepare


def _settled_with_a_fee(world: World) -> Context:
    context = bought(world)
    world.wait(3)
    return context


REFUND_MADE_AT_STRIPE = consumed(
    "record a refund made in Stripe's dashboard",
    _refunded_in_the_dashboard,
    expect=ends("placed", refunded=PART, refund_pending=0, back=(PART,)),
    strikes=every_call,
)
REFUND_SEEN_IN_ITS_CHARGE = consumed(
    "record a refund that is first seen in its charge",
    _refunded_in_the_dashboard,
    "charge.refunded",
    expect=ends("placed", refunded=PART, refund_pending=0, back=(PART,)),
)
REFUND_ARRIVES = consumed(
    "record that a pending refund arrived",
    _pending_refund_arrives,
    "refund.updated",
    expect=ends("placed", refunded=PART, refund_pending=0, back=(PART,)),
)
REFUND_FAILS = consumed(
    "record that the refund of a cancellation failed",
    _refund_of_a_cancellation_fails,
    "refund.failed",
    expect=ends("canceled", refunded=0, refund_pending=0, reviews=("refund_failed",)),
    strikes=every_call,
)
REFUND_EXCEEDS = consumed(
    "record a refund that leaves too little for another",
    _refunded_twice,
    "refund.created",
    expect=ends("placed", refunded=PAID, refund_pending=0, reviews=("excess_refund",), back=(PAID,)),
    scenarios=(SWEPT,),
    strikes=every_call,
)
DISPUTE = consumed("record a dispute", _disputed, "charge.dispute.created", expect=ends("placed", disputed=PAID))
DISPUTE_AFTER_REFUND = consumed(
    "record a dispute over money that was sent back",
    _disputed_after_a_refund,
    "charge.dispute.created",
    expect=ends("placed", disputed=PAID, refunded=PAID, reviews=("excess_refund",), back=(PAID,)),
    scenarios=(SWEPT,),
)
DISPUTE_WON = consumed(
    "record that a dispute was won",
    _dispute_ended(won=True),
    "charge.dispute.closed",
    expect=ends("placed", disputed=0),
)
DISPUTE_LOST = consumed(
    "record that a dispute was lost before hearing of it",
    _dispute_ended(won=False),
    "charge.dispute.closed",
    expect=ends("placed", disputed=PAID),
)
FEE = consumed("record Stripe's fee", _settled_with_a_fee, "charge.updated", expect=ends("placed", fee=155))

STEPS = (
    RECEIVE,
    RECEIVE_A_FORGERY,
    SETTLE,
    SETTLE_AUTHORIZED,
    SETTLE_PROCESSING,
    SETTLE_DECLINED,
    SETTLE_CANCELED,
    SETTLE_REVERSED,
    SETTLE_LOST,
    REFUND_MADE_AT_STRIPE,
    REFUND_SEEN_IN_ITS_CHARGE,
    REFUND_ARRIVES,
    REFUND_FAILS,
    REFUND_EXCEEDS,
    DISPUTE,
    DISPUTE_AFTER_REFUND,
    DISPUTE_WON,
    DISPUTE_LOST,
    FEE,
)
