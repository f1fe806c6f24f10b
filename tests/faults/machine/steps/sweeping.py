"""What time brings: holds end, authorizations run out, refunds wait for an answer, webhooks were lost."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from commerce.checkout.sweeping import SweepIncomplete
from commerce.kernel.errors import Unavailable
from tests.faults.machine.cases import A_DAY_AND_A_BIT, Context, Scenario, Step
from tests.faults.machine.modes import Fault, Mode
from tests.faults.machine.shop import filled_cart, open_shop, usd
from tests.faults.machine.steps.deliveries import (
    ALONE,
    BANK_DEBIT,
    MANUAL,
    PART,
    SLOW,
    SWEPT,
    delivered_again,
    effects,
    ends,
    lost_intent,
    unanswered_refund,
)
from tests.faults.machine.steps.one_order import PAID, STOCK, bought, of_staff, pending, stock_is
from tests.faults.machine.steps.publishing import TRIES
from tests.faults.machine.world import HOLD_SECONDS, VISIBILITY_SECONDS, World
from tests.support.shop import check_out

MINUTE, DAY = 60.0, 86_400.0
LEDGER_OF_INTENTS = "payment_intent"
THE_BANKS_PATIENCE = 14 * DAY
"""After that we ask Stripe to cancel a debit that no bank answers (commerce.checkout.settlement)."""

AUTHORIZED_FOR = 7 * DAY
"""How long the local Stripe keeps an authorization, as most cards do."""

Expect = Callable[[World, Context, Scenario], Iterator[str]]


def _sweep(world: World, _context: Context, _key: str | None) -> None:
    world.invoke("checkout/sweep_orders")


def _swept(
    name: str,
    prepare: Callable[[World], Context],
    *,
    expect: Expect,
    after: Callable[..., None] = delivered_again,
    scenarios: tuple[Scenario, ...] = (SWEPT,),
    settings: dict[str, str] | None = None,
) -> Step:
    """Return the step in which the clock calls the sweeper."""
    return Step(
        name=name,
        prepare=prepare,
        act=_sweep,
        after=after,
        expect=expect,
        scenarios=scenarios,
        settings=settings or {},
        by_client=False,
        strikes=effects,
    )


# ---- holds end ----------------------------------------------------------------------------------------------------


def _unpaid(world: World) -> Context:
    context = pending(world)
    world.wait(HOLD_SECONDS + MINUTE)
    return context


def _paid_at_the_last_moment(world: World) -> Context:
    context = pending(world)
    world.wait(HOLD_SECONDS - MINUTE)
    world.pay(context["intent"])
    world.wait(2 * MINUTE)
    return context


def _lost(world: World) -> Context:
    context = lost_intent(world)
    world.wait(HOLD_SECONDS + MINUTE)
    return context


def _debit_after_a_day(world: World) -> Context:
    """Let a day pass in which the bank has not answered; it could still be called off, and should not be."""
    context = bought(world, method=BANK_DEBIT)
    assert world.at_stripe("process", payment_intent=context["intent"], outcome="allow_cancel")
    world.wait(DAY + MINUTE)
    return context


def _debit_that_no_bank_answers(world: World) -> Context:
    context = bought(world, method="pm_usBankAccount_processing")
    world.wait(THE_BANKS_PATIENCE + MINUTE)
    assert world.at_stripe("process", payment_intent=context["intent"], outcome="allow_cancel")
    return context


def _the_bank_pays(world: World, context: Context, *_: Any) -> None:
    delivered_again(world)
    world.drain()
    world.at_stripe("process", payment_intent=context["intent"], outcome="succeed")


HOLD_ENDS = Step(
    name="sweep a hold that ended",
    prepare=_unpaid,
    act=_sweep,
    after=delivered_again,
    expect=ends("expired", captured=0, canceled=True),
    scenarios=(SWEPT,),
    by_client=False,
)
PAID_AT_THE_LAST_MOMENT = _swept(
    "sweep an order that was paid at the last moment", _paid_at_the_last_moment, expect=ends("placed", captured=PAID)
)
LOST_INTENT = _swept("sweep an order whose intent was lost", _lost, expect=ends("expired", captured=0, canceled=True))
DEBIT_TAKES_DAYS = _swept(
    "sweep a bank debit that takes days",
    _debit_after_a_day,
    expect=ends("placed", captured=PAID),
    after=_the_bank_pays,
    settings=SLOW,
)
DEBIT_UNANSWERED = _swept(
    "sweep a bank debit that no bank answers",
    _debit_that_no_bank_answers,
    expect=ends("expired", captured=0, canceled=True),
    settings=SLOW,
)


# ---- authorizations run out -----------------------------------------------------------------------------------------


def _authorization_with_a_day_left(world: World) -> Context:
    context = bought(world)
    world.wait(AUTHORIZED_FOR - DAY + MINUTE)
    return context


def _authorization_that_lapsed(world: World) -> Context:
    context = bought(world)
    world.wait(AUTHORIZED_FOR + MINUTE)
    return context


CAPTURE_AHEAD = _swept(
    "sweep an authorization with a day left",
    _authorization_with_a_day_left,
    expect=ends("placed", captured=PAID, authorized=0),
    settings=MANUAL,
)
AUTHORIZATION_LAPSED = _swept(
    "sweep an authorization that lapsed",
    _authorization_that_lapsed,
    expect=ends("canceled", captured=0, authorized=0),
    settings=MANUAL,
)


# ---- refunds wait -------------------------------------------------------------------------------------------------


def _refund_without_an_answer(world: World) -> Context:
    context = unanswered_refund(world)
    world.wait(3 * MINUTE)
    return context


def _refund_that_stripe_made(world: World) -> Context:
    """Let Stripe make a refund and forget to say so, and let a day pass, after which it has forgotten its key."""
    context = bought(world)
    body = {"amount": usd(PART), "reason": "a scratch"}
    with world.wire.watching(Fault(1, Mode.CRASH_AFTER, "POST refunds")):
        assert world.call("POST", f"/v1/admin/orders/{context['order']}/refunds", body) is None
    world.lose_webhooks()
    world.wait(A_DAY_AND_A_BIT)
    return context


def _pending_refund_whose_webhook_was_lost(world: World) -> Context:
    context = bought(world, method="pm_card_pendingRefund")
    of_staff(world, context, "refunds", {"amount": usd(PART), "reason": "a scratch"})
    world.wait(2 * MINUTE)
    world.lose_webhooks()
    world.wait(DAY)
    return context


REFUNDED = ends("placed", refunded=PART, refund_pending=0, back=(PART,))
REFUND_RESENT = _swept("sweep a refund that Stripe never answered", _refund_without_an_answer, expect=REFUNDED)
REFUND_FOUND = _swept("sweep a refund that Stripe made unheard, a day ago", _refund_that_stripe_made, expect=REFUNDED)
REFUND_LOOKED_UP = _swept(
    "sweep a refund whose end was never heard of", _pending_refund_whose_webhook_was_lost, expect=REFUNDED
)


# ---- several at once ------------------------------------------------------------------------------------------------


def _three_unpaid_and_one_unknown(world: World) -> Context:
    """Let three holds end, and let Stripe not know the intent of one of them."""
    open_shop(world, stock=STOCK)
    for _ in range(3):
        checkout = check_out(world.store, filled_cart(world))
        assert checkout.status == 201, checkout.body
    world.drain()
    world.wait(HOLD_SECONDS + MINUTE)
    intents = world.stripe.table(LEDGER_OF_INTENTS)
    return {"unknown": intents.pop(next(iter(intents)))}


def _sweep_and_count(world: World, context: Context, _key: str | None) -> None:
    context["counts"] = world.invoke("checkout/sweep_orders")


def _stripe_knows_it_again(world: World, context: Context, *_: Any) -> None:
    unknown = deepcopy(context["unknown"])
    world.stripe.table(LEDGER_OF_INTENTS)[unknown["id"]] = unknown
    delivered_again(world)


def _all_attended(world: World, context: Context, _: Scenario) -> Iterator[str]:
    """Expect that one order in trouble kept no other waiting, and that each had its turn in the end."""
    counts = context["counts"]
    if isinstance(counts, SweepIncomplete):
        [counts] = counts.args
    # Only an outage of DynamoDB ends a sweep: an order's own trouble does not.
    if isinstance(counts, Exception) and not isinstance(counts, Unavailable):
        yield f"three orders were due, and the sweep ended with {counts!r}"
    elif isinstance(counts, dict) and sum(counts.values()) != 3:
        yield f"three orders were due, and the sweep tells of {counts}"
    statuses = [order.status for order in world.picture().orders.values()]
    if statuses != ["expired"] * 3:
        yield f"all holds ended, and the orders are {statuses}"
    yield from stock_is(world, available=STOCK, reserved=0)


SEVERAL = Step(
    name="sweep three orders, one of them in trouble",
    prepare=_three_unpaid_and_one_unknown,
    act=_sweep_and_count,
    after=_stripe_knows_it_again,
    expect=_all_attended,
    scenarios=(SWEPT,),
    by_client=False,
    strikes=lambda call: call.service == "stripe",
)


# ---- messages were given up, webhooks were lost ------------------------------------------------------------------


def _given_up(world: World) -> Context:
    """Let DynamoDB be down for as long as the queue is patient; the sweeper then finds the payment."""
    context = pending(world)
    world.pay(context["intent"])
    world.post_webhooks()
    for _ in range(TRIES):
        with world.wire.watching(Fault(1, Mode.OUTAGE, "Query")):
            world.consume_events()
        world.wait(VISIBILITY_SECONDS + 20)
    assert world.consume_events() == 0, "after five tries a message is a dead letter"
    world.tick(HOLD_SECONDS)
    return context


def _give_back(world: World, _context: Context, _key: str | None) -> None:
    world.redrive()
    world.consume_events()


def _a_day_without_webhooks(world: World) -> Context:
    """Refund and dispute at Stripe while the webhook is down, and let Stripe stop trying."""
    context = bought(world)
    world.wait(3)
    world.at_stripe("dashboard_refund", payment_intent=context["intent"], amount=PART)
    world.at_stripe("dispute", payment_intent=context["intent"], amount=PART)
    unpaid = check_out(world.store, filled_cart(world)).body
    world.pay(unpaid["payment"]["intent_id"])
    world.lose_webhooks()
    world.consume_streams()
    world.notify()
    world.wait(DAY)
    return context | {"second": unpaid["order"]["id"]}


def _reconcile(world: World, _context: Context, _key: str | None) -> None:
    world.invoke("checkout/reconcile_stripe")


def _reconcile_again(world: World, *_: Any) -> None:
    world.wait(60 * MINUTE)
    world.invoke("checkout/reconcile_stripe")


def _caught_up(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
    order, second = (world.picture().orders[context[name]] for name in ("order", "second"))
    amounts = {name: order.payment[name] for name in ("captured", "refunded", "disputed", "fee")}
    if amounts != {"captured": PAID, "refunded": PART, "disputed": PART, "fee": 155}:
        yield f"Stripe has told of everything, and the order shows {amounts}"
    if (second.status, second.payment["captured"]) != ("placed", second.payment["due"]):
        yield f"the second order is {second.status}, and it is paid"
    if world.picture().reviews:
        yield f"{world.picture().reviews} were opened, and all is well"


GIVEN_UP = Step(
    name="give a dead letter of Stripe back after the sweeper was faster",
    prepare=_given_up,
    act=_give_back,
    after=delivered_again,
    expect=ends("placed", captured=PAID),
    scenarios=(SWEPT,),
    by_client=False,
)
RECONCILE = Step(
    name="reconcile after a day without webhooks",
    prepare=_a_day_without_webhooks,
    act=_reconcile,
    after=_reconcile_again,
    expect=_caught_up,
    scenarios=(ALONE,),
    by_client=False,
    strikes=effects,
)

STEPS = (
    HOLD_ENDS,
    PAID_AT_THE_LAST_MOMENT,
    LOST_INTENT,
    DEBIT_TAKES_DAYS,
    DEBIT_UNANSWERED,
    CAPTURE_AHEAD,
    AUTHORIZATION_LAPSED,
    REFUND_RESENT,
    REFUND_FOUND,
    REFUND_LOOKED_UP,
    SEVERAL,
    GIVEN_UP,
    RECONCILE,
)
