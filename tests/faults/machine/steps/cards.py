"""Gift cards and store credit pay, are given back, and get refunds."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.faults.machine.cases import Client, Context, Scenario, Shopper, Step, keyed
from tests.faults.machine.picture import Document
from tests.faults.machine.shop import CODE, filled_cart, open_shop, usd
from tests.faults.machine.steps.deliveries import SWEPT, delivered_again
from tests.faults.machine.steps.one_order import (
    PAID,
    STOCK,
    announced,
    asked,
    order_of,
    past_the_door,
    refunded_at_stripe,
    staff_ask,
    stays_or,
    told_well,
)
from tests.faults.machine.world import HOLD_SECONDS, World
from tests.support.gift_cards import added, credit, issue
from tests.support.shop import check_out
from tests.support.store import Answer

ON_CARD, ON_CREDIT = 1000, 700
DUE = PAID - ON_CARD - ON_CREDIT
MINUTE = 60.0
REFUNDED = 3500
"""All of Stripe's part, all of the credit, and 200 of the card."""


def with_cards(world: World, *cards: Document, email: str = "ada@example.com", code: str | None = None) -> Document:
    """Return a cart that is ready for checkout and shall be paid by these cards."""
    cart = filled_cart(world, email=email, code=code)
    for card in cards:
        cart = added(world.store, cart["id"], card)
    taken: dict[str, Any] = cart
    return taken


# ---- before the step ------------------------------------------------------------------------------------------


def _partly(world: World) -> Context:
    open_shop(world, stock=STOCK)
    card, owed = issue(world.store, ON_CARD), credit(world.store, ON_CREDIT)
    world.drain()
    return {"cards": [card["id"], owed["id"]], "cart": with_cards(world, card, owed, code=CODE)}


def _wholly(world: World) -> Context:
    open_shop(world, stock=STOCK)
    card = issue(world.store, 5000)
    world.drain()
    return {"cards": [card["id"]], "cart": with_cards(world, card, code=CODE)}


def pending(world: World) -> Context:
    """Order, with two cards that pay a part; the rest is not paid yet."""
    context = _partly(world)
    checkout = check_out(world.store, context["cart"]).body
    world.drain()
    order, intent = checkout["order"], checkout["payment"]["intent_id"]
    return {"cards": context["cards"], "order": order["id"], "cart": order["cart_id"], "intent": intent}


def bought(world: World) -> Context:
    """Order and pay, with two cards that pay a part."""
    context = pending(world)
    world.pay(context["intent"])
    world.drain()
    return context


def _bought_by_card(world: World) -> Context:
    context = _wholly(world)
    checkout = check_out(world.store, context["cart"]).body
    world.drain()
    return {"cards": context["cards"], "order": checkout["order"]["id"], "cart": context["cart"]["id"]}


def _over(world: World) -> Context:
    context = pending(world)
    world.wait(HOLD_SECONDS + MINUTE)
    return context


# ---- the step -------------------------------------------------------------------------------------------------


def _check_out(world: World, context: Context, key: str | None) -> Answer | None:
    cart = context["cart"]
    body = {"expected_total": cart["totals"]["total"], "expected_due": cart["totals"]["due"]}
    return asked(world, context, "POST", f"/v1/carts/{cart['id']}/checkout", body, **keyed(key))


def _shopper_pays(world: World, context: Context, scenario: Scenario, answer: Answer | None) -> None:
    if answer is None or answer.status >= 400 or answer.body["payment"] is None:
        return
    if scenario.shopper is Shopper.LATE:
        world.wait(HOLD_SECONDS + MINUTE)
    if scenario.shopper is not Shopper.NEVER:
        world.pay(answer.body["payment"]["intent_id"])
        context["paid"] = True


def _leave(world: World, context: Context, key: str | None) -> Answer | None:
    return asked(world, context, "DELETE", f"/v1/carts/{context['cart']}/checkout", **keyed(key))


def _cancel(world: World, context: Context, key: str | None) -> Answer | None:
    return staff_ask(world, context, "cancel", key, {"reason": "cannot deliver"})


def _refund(world: World, context: Context, key: str | None) -> Answer | None:
    return staff_ask(world, context, "refunds", key, {"amount": usd(REFUNDED), "reason": "a scratch"})


def _refund_all(world: World, context: Context, key: str | None) -> Answer | None:
    return staff_ask(world, context, "refunds", key, {"reason": "never arrived"})


def _sweep(world: World, _context: Context, _key: str | None) -> None:
    world.invoke("checkout/sweep_orders")


# ---- after the step -------------------------------------------------------------------------------------------


def balances(world: World, context: Context) -> list[int]:
    """Return what is on the context's cards."""
    rows = {pk: row["balance"] for pk, sk, row in world.picture().rows("gift_cards") if sk == "account"}
    return [rows[card_id] for card_id in context["cards"]]


def _bought_or_given_back(taken: list[int], full: list[int]) -> Callable[[World, Context, Scenario], Iterator[str]]:
    """Return the expectation that cards have paid for a placed order, and else hold what they held."""

    def expect(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
        yield from told_well(context, scenario)
        statuses = [order.status for order in world.picture().orders.values()]
        if len(statuses) > 1:
            yield f"one cart became {len(statuses)} orders"
        left = taken if {"placed", "pending"} & set(statuses) else full
        if balances(world, context) != left:
            yield f"the order is {statuses}, and {balances(world, context)} is on the cards"
        if context.get("paid") and scenario.shopper is Shopper.EARLY and statuses != ["placed"]:
            yield f"the shopper paid in time, and the order is {statuses}"

    return expect


def _ended(
    *statuses: str, back: list[int], full: list[int], done_before: tuple[str, ...] = ()
) -> Callable[[World, Context, Scenario], Iterator[str]]:
    """Return the expectation that the order is over, and that everything is back where it came from, once."""

    def expect(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
        if "answers" in context:
            yield from told_well(context, scenario, done_before=done_before)
        status = order_of(world, context).status
        if status == "placed" and "answers" in context and stays_or(context, scenario, done=False):
            return
        if status not in statuses:
            yield f"the order is {status}, and should be {' or '.join(statuses)}"
        if refunded_at_stripe(world) != back or balances(world, context) != full:
            yield f"{refunded_at_stripe(world)} went back, and {balances(world, context)} is on the cards"
        if announced(world, "orders.refunded") > 1:
            yield "one refund was announced more than once"

    return expect


def _split(back: list[int], left: list[int]) -> Callable[[World, Context, Scenario], Iterator[str]]:
    """Return the expectation that a refund went back in these parts, once."""

    def expect(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
        yield from told_well(context, scenario, done_before=("payments.refund_too_large",))
        made = refunded_at_stripe(world), balances(world, context)
        if made != (back, left) and not stays_or(context, scenario, done=bool(order_of(world, context).refunds)):
            yield f"{made[0]} went back, and {made[1]} is on the cards"
        if announced(world, "orders.refunded") != len(order_of(world, context).refunds):
            yield f"announced {announced(world, 'orders.refunded')} times"

    return expect


SAME, NONE, GIVES_UP = Scenario(Client.SAME_KEY, twice=True), Scenario(Client.NO_KEY), Scenario(Client.GIVES_UP)
FULL, EMPTY = [ON_CARD, ON_CREDIT], [0, 0]

CHECKOUT_PARTLY = Step(
    name="check out what cards pay a part of",
    prepare=_partly,
    act=_check_out,
    after=_shopper_pays,
    expect=_bought_or_given_back(EMPTY, FULL),
    scenarios=(
        SAME,
        Scenario(Client.NO_KEY, Shopper.NEVER),
        Scenario(Client.GIVES_UP, Shopper.LATE),
        Scenario(Client.GIVES_UP, Shopper.NEVER, sweeper=False),
    ),
    strikes=past_the_door,
)
CHECKOUT_WHOLLY = Step(
    name="check out what a card pays for",
    prepare=_wholly,
    act=_check_out,
    expect=_bought_or_given_back([5000 - PAID], [5000]),
    scenarios=(SAME, NONE, GIVES_UP),
    strikes=past_the_door,
)
LEAVE = Step(
    name="leave a checkout that cards pay a part of",
    prepare=pending,
    act=_leave,
    expect=_ended("canceled", "expired", back=[], full=FULL, done_before=("checkout.not_open",)),
    scenarios=(SAME, NONE, GIVES_UP),
    strikes=past_the_door,
)
HOLD_ENDS = Step(
    name="sweep a hold that cards pay a part of",
    prepare=_over,
    act=_sweep,
    after=delivered_again,
    expect=_ended("expired", back=[], full=FULL),
    scenarios=(SWEPT,),
    by_client=False,
)
CANCEL = Step(
    name="cancel an order that cards paid a part of",
    prepare=bought,
    act=_cancel,
    expect=_ended("canceled", back=[DUE], full=FULL, done_before=("orders.not_allowed_now",)),
    scenarios=(SAME, NONE, GIVES_UP),
    strikes=past_the_door,
)
CANCEL_UNPAID = Step(
    name="cancel an unpaid order that cards pay a part of",
    prepare=pending,
    act=_cancel,
    expect=_ended("canceled", "expired", back=[], full=FULL, done_before=("orders.not_allowed_now",)),
    scenarios=(SAME, GIVES_UP),
    strikes=past_the_door,
)
CANCEL_CARD_ONLY = Step(
    name="cancel an order that a card paid for",
    prepare=_bought_by_card,
    act=_cancel,
    expect=_ended("canceled", back=[], full=[5000], done_before=("orders.not_allowed_now",)),
    scenarios=(SAME, GIVES_UP),
    strikes=past_the_door,
)
REFUND_PARTS = Step(
    name="refund to Stripe and to cards",
    prepare=bought,
    act=_refund,
    expect=_split([DUE], [REFUNDED - DUE - ON_CREDIT, ON_CREDIT]),
    scenarios=(SAME, NONE, GIVES_UP),
    strikes=past_the_door,
)
REFUND_CARD_ONLY = Step(
    name="refund what a card paid for",
    prepare=_bought_by_card,
    act=_refund_all,
    expect=_split([], [5000]),
    scenarios=(SAME, GIVES_UP),
    strikes=past_the_door,
)

STEPS = (
    CHECKOUT_PARTLY,
    CHECKOUT_WHOLLY,
    LEAVE,
    HOLD_ENDS,
    CANCEL,
    CANCEL_UNPAID,
    CANCEL_CARD_ONLY,
    REFUND_PARTS,
    REFUND_CARD_ONLY,
)
