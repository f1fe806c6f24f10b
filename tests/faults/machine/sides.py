"""What pairs of operations are made of: sides, what comes before both, and what has to have come of them."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.faults.machine.cases import Context, keyed, shown
from tests.faults.machine.interleaving import Result, Side
from tests.faults.machine.modes import Fault, Mode
from tests.faults.machine.outside import queue_event, stream_event
from tests.faults.machine.picture import PREFIX
from tests.faults.machine.shop import CODE, OFF, filled_cart, open_shop, promote, usd
from tests.faults.machine.steps.one_order import (
    PAID,
    STOCK,
    UNITS,
    bought,
    order_of,
    pending,
    refunded_at_stripe,
    stock_is,
)
from tests.faults.machine.wire import Outgoing
from tests.faults.machine.world import HOLD_SECONDS, World
from tests.support import shop
from tests.support.store import Answer

MANUAL = {"CAPTURE_METHOD": "manual"}
MUG = "/v1/admin/stock/MUG-BLUE"
SMALL, PART = 1000, 3000
"""Two small refunds fit into what was paid; of the large ones one does."""

A_WHILE = 150.0
"""After that, what was not published is the sweeper's."""


# ---- what a side does -----------------------------------------------------------------------------------------


def asks(method: str, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> Callable[..., Result]:
    """Return a call of the API. What stands in braces comes from the context."""

    def act(world: World, context: Context) -> Answer | None:
        sent = {name.replace("_", "-"): value.format(**context) for name, value in headers.items()}
        return world.call(method, path.format(**context), body, headers={**keyed(key), **sent})

    return act


def of_order(action: str, body: Any = None, *, key: str | None = None) -> Callable[..., Result]:
    """Return what staff ask of the order."""
    return asks("POST", f"/v1/admin/orders/{{order}}/{action}", body, key=key)


def checks_out(cart: str, *, key: str | None = None) -> Callable[..., Result]:
    """Return a checkout of one of the context's carts."""

    def act(world: World, context: Context) -> Answer | None:
        shown = context[cart]
        body = {"expected_total": shown["totals"]["total"], "pricing_hash": shown["pricing_hash"]}
        return world.call("POST", f"/v1/carts/{shown['id']}/checkout", body, headers=keyed(key))

    return act


def runs(worker: str) -> Callable[..., Result]:
    """Return a worker that the clock starts."""
    return lambda world, _: _invoked(world, worker, None)


def _invoked(world: World, worker: str, event: Any) -> str:
    world.invoke(worker, event)
    return world.invocations[-1]


def hears(kind: str) -> Callable[..., Result]:
    """Return the consumer that is given Stripe's latest event of a kind, if there is one by then.

    Stripe delivers it once more afterwards.
    """

    def act(world: World, _: Context) -> str:
        world.wire.gate(Outgoing("stripe", "GET events", "", {}))
        found = [event for event in world.stripe.table("event").values() if event["type"] == kind]
        if not found:
            return "nothing to hear"
        return _invoked(world, "payments/on_stripe_event", queue_event(json.dumps(found[-1])))

    return act


def is_given(worker: str, event: str) -> Callable[..., Result]:
    """Return a worker that is given an event of the context."""
    return lambda world, context: _invoked(world, worker, context[event])


def _shopper_pays(world: World, context: Context) -> str:
    world.wire.gate(Outgoing("stripe", "POST payment_intents/*/confirm", "", {}))
    world.pay(context["intent"])
    return str(world.stripe.table("payment_intent")[context["intent"]]["status"])


LEAVES = Side("the shopper goes back to the cart", asks("DELETE", "/v1/carts/{cart}/checkout", key="leave"))
RESUMES = Side(
    "the shopper comes back to pay", asks("POST", "/v1/orders/{order}/payment", key="resume", Order_Token="{token}")
)
PAYS = Side("the shopper pays", _shopper_pays)
SWEEPS = Side("the sweeper", runs("checkout/sweep_orders"))
HEARS_OF_MONEY = Side("Stripe tells of the money", hears("payment_intent.succeeded"))
HEARS_OF_THE_CHARGE = Side("Stripe tells of the charge", hears("charge.refunded"))
HEARS_OF_THE_REFUND = Side("Stripe tells of the refund", hears("refund.created"))
HEARS_OF_THE_DISPUTE = Side("Stripe tells of the dispute", hears("charge.dispute.created"))
CANCELS = Side("staff cancel", of_order("cancel", {"reason": "cannot deliver"}, key="cancel"))
DISPATCHES = Side("staff send the parcel", of_order("fulfillments", {}, key="dispatch"))
CAPTURES = Side("staff capture", of_order("capture", key="capture"))


def refunds(key: str, amount: int | None = None) -> Side:
    """Return a refund by staff; without an amount of all that is left."""
    body = {"reason": "a scratch"} | ({"amount": usd(amount)} if amount else {})
    return Side("staff refund", of_order("refunds", body, key=key))


def takes_away(units: int, **body: Any) -> Side:
    """Return a correction of the mugs' stock."""
    sent = {"location": "main", "delta": -units, "reason": "counted", **body}
    return Side("staff take mugs away", asks("POST", f"{MUG}/adjustments", sent, key="stock"))


def sets(units: int) -> Side:
    """Return a setting of the mugs' stock, whatever there was."""
    sent = {"available": units, "expected_available": None, "reason": "counted"}
    return Side("staff set the stock", asks("PUT", f"{MUG}/levels/main", sent, key="stock"))


# ---- before both ----------------------------------------------------------------------------------------------


def carts(stock: int, quantity: int, *emails: str) -> Callable[[World], Context]:
    """Return a shop with so many mugs, and a cart with some of them for each shopper."""

    def prepare(world: World) -> Context:
        open_shop(world, stock=stock)
        world.drain()
        codes = [CODE, *[None] * len(emails)]
        carts = [
            filled_cart(world, {"MUG-BLUE": quantity}, email=email, code=code)
            for email, code in zip(emails, codes, strict=False)
        ]
        return dict(zip(("ready", "other"), carts, strict=False)) | {"cart": carts[0]["id"]}

    return prepare


ONE_CART = carts(STOCK, UNITS, "ada@example.com")


def the_last(world: World, *, code: str | None, **limits: int) -> Context:
    """Open a shop in which a promotion can be used once more, and fill the carts of two shoppers who both want it."""
    shop.open_shop(world.store, stock=STOCK)
    promote(world, "sale", code=code, limits=limits)
    world.drain()
    names = {"ready": "ada@example.com", "other": "bob@example.com" if code or "uses" in limits else "ada@example.com"}
    return {name: filled_cart(world, {"MUG-BLUE": 1}, email=email, code=code) for name, email in names.items()}


def the_last_use(world: World) -> Context:
    return the_last(world, code=None, uses=1)


def the_last_use_of_a_code(world: World) -> Context:
    return the_last(world, code=CODE)


def the_customers_last_use(world: World) -> Context:
    return the_last(world, code=None, uses_per_customer=1)


def paid(world: World) -> Context:
    """Order and pay; nobody heard of the money yet."""
    context = pending(world)
    world.pay(context["intent"])
    return context


def over(world: World) -> Context:
    """Order, and do not pay until the hold has ended."""
    context = pending(world)
    world.wait(HOLD_SECONDS + 60)
    return context


def paid_at_the_last_moment(world: World) -> Context:
    context = paid(world)
    world.wait(HOLD_SECONDS + 60)
    return context


def died(world: World) -> Context:
    """Check out in a process that dies before it asks Stripe for the payment."""
    context = ONE_CART(world)
    with world.wire.watching(Fault(1, Mode.CRASH_BEFORE, "POST payment_intents")):
        answer = checks_out("ready")(world, context)
    assert answer is None
    world.drain()
    [context["order"]] = world.picture().orders
    return context


def died_long_ago(world: World) -> Context:
    context = died(world)
    world.wait(HOLD_SECONDS + 60)
    return context


def refunded_in_the_dashboard(world: World) -> Context:
    context = bought(world)
    world.stripe.control("dashboard_refund", payment_intent=context["intent"], amount=SMALL)
    return context


def disputed(world: World) -> Context:
    context = bought(world)
    world.stripe.control("dispute", payment_intent=context["intent"], amount=PART)
    return context


def nearly_expired(world: World) -> Context:
    """Authorize, and let time pass until the sweeper captures by itself."""
    context = bought(world)
    world.wait(6 * 86_400.0 + 60)
    return context


def just_ordered(world: World) -> Context:
    """Order; what the streams bring of it is still to come."""
    context = ONE_CART(world)
    checks_out("ready")(world, context)
    new = world.mirror.appeared
    return context | {
        "events": stream_event([item for key, item in new if key[0] == f"{PREFIX}outbox"]),
        "movement": stream_event([item for key, item in new if key[2] == "movement"]),
    }


def ordered_a_while_ago(world: World) -> Context:
    context = just_ordered(world)
    world.wait(A_WHILE)
    return context


def about_to_be_told(world: World) -> Context:
    """Buy something; the bus has the news, and nobody was mailed yet."""
    context = paid(world)
    while world.post_webhooks() + world.consume_events() + world.consume_streams():
        pass
    [event] = [event for event in world.bus if event["type"] == "orders.placed"]
    body = {"source": "tradewind", "detail-type": event["type"], "detail": event}
    return context | {"message": queue_event(json.dumps(body))}


# ---- after both, and what has to have come of it --------------------------------------------------------------


def whoever_can_pays(world: World, context: Context) -> None:
    for answer in (context["first"], context["second"]):
        if isinstance(answer, Answer) and answer.status < 300 and answer.body.get("payment"):
            world.pay(answer.body["payment"]["intent_id"])


def _codes(context: Context) -> list[str]:
    """Return what both were told in the end, in the order of the alphabet."""
    answers = (context["first"], context["second"])
    return sorted(shown(answer) if isinstance(answer, Answer) else str(answer) for answer in answers)


def _died(context: Context) -> bool:
    """Tell whether a worker died: what it was given is given to another."""
    return "died" in (context["first"], context["second"])


def _is_told(context: Context, *allowed: list[str]) -> Iterator[str]:
    if not _died(context) and _codes(context) not in [sorted(each) for each in allowed]:
        yield f"the two were told {_codes(context)}"


def _ended(world: World, *allowed: tuple[str, int, list[int]]) -> Iterator[str]:
    """Check that the only order ended in one of these ways: its status, what arrived, and what went back."""
    picture = world.picture()
    received = sum(intent["amount_received"] for intent in picture.at_stripe("payment_intent"))
    ends = [(order.status, received, sorted(refunded_at_stripe(world))) for order in picture.orders.values()]
    if len(ends) != 1 or ends[0] not in allowed:
        yield f"it ended as {ends}"
        return
    status = ends[0][0]
    yield from stock_is(
        world,
        available=STOCK if status in {"expired", "canceled"} else STOCK - UNITS,
        committed=UNITS if status == "placed" else 0,
        reserved=0,
    )


def ends(*allowed: tuple[str, int, list[int]]) -> Callable[[World, Context], Iterator[str]]:
    """Return the expectation that the order ends in one of these ways."""
    return lambda world, _: _ended(world, *allowed)


PLACED = ("placed", PAID, list[int]())
CANCELED = ("canceled", 0, list[int]())
EXPIRED = ("expired", 0, list[int]())
PAID_BACK = ("canceled", PAID, [PAID])


def one_buyer(world: World, context: Context) -> Iterator[str]:
    statuses = [order.status for order in world.picture().orders.values()]
    if statuses != ["placed"]:
        yield f"of the last unit came {statuses}"
    yield from _is_told(context, ["201", "409 inventory.insufficient_stock"])
    yield from stock_is(world, available=0, committed=1, reserved=0)


def one_discount(world: World, context: Context) -> Iterator[str]:
    """Check that one of two shoppers got what there was once, and that the other one was asked again."""
    orders = [(order.status, order.header["totals"]["discount"]["amount"]) for order in world.picture().orders.values()]
    if orders != [("placed", OFF["sale"])]:
        yield f"of the last use came {orders}"
    yield from _is_told(context, ["201", "409 checkout.price_changed"])
    yield from stock_is(world, available=STOCK - 1, committed=1, reserved=0)


def one_order(world: World, context: Context) -> Iterator[str]:
    yield from _ended(world, PLACED)
    ids = {answer.body["order"]["id"] for answer in (context["first"], context["second"]) if answer.status < 300}
    if len(ids) != 1 or any(answer.status >= 300 for answer in (context["first"], context["second"])):
        yield f"the two were told {_codes(context)} of {len(ids)} orders"


def what_was_agreed(world: World, context: Context) -> Iterator[str]:
    """Check that nobody pays for another cart than the one that was shown."""
    [*orders] = world.picture().orders.values()
    if any(order.header["totals"]["total"]["amount"] != PAID for order in orders):
        yield "the order is over another total than the shopper agreed to"
    yield from _is_told(context, ["201", "409 carts.locked"], ["200", "409 checkout.price_changed"])


def left_or_paid(world: World, context: Context) -> Iterator[str]:
    yield from _ended(world, CANCELED if context["first"].status == 200 else PLACED)
    if context["first"].status != 200 and context["first"].code != "checkout.already_paid":
        yield f"the shopper read {context['first'].code}"


def left(world: World, context: Context) -> Iterator[str]:
    yield from _ended(world, CANCELED)
    if context["first"].status != 200 or world.picture().carts[context["cart"]]["state"] != "open":
        yield f"the shopper went back, read {context['first'].status}, and the cart is not open"


def one_lives(world: World, _: Context) -> Iterator[str]:
    """Check that the cart has one order at most that lives, and that whoever could pay has it."""
    orders = world.picture().orders.values()
    living = [order.status for order in orders if order.status not in {"expired", "canceled"}]
    received = sum(intent["amount_received"] for intent in world.picture().at_stripe("payment_intent"))
    if len(living) > 1 or received not in {0, PAID} or living != (["placed"] if received else []):
        yield f"{received} arrived, and of {len(orders)} orders there live {living}"


def went_back(*allowed: list[int]) -> Callable[[World, Context], Iterator[str]]:
    """Return the expectation that a placed order has one of these refunds, and that our books know them."""

    def expect(world: World, context: Context) -> Iterator[str]:
        order, back = order_of(world, context), refunded_at_stripe(world)
        if order.status != "placed" or sorted(back) not in [sorted(each) for each in allowed]:
            yield f"{back} went back, and the order is {order.status}"
        if order.payment["refunded"] != sum(back) or order.payment["refund_pending"]:
            yield f"{back} went back, and we know of {order.payment['refunded']}"

    return expect


def one_refund(amount: int) -> Callable[[World, Context], Iterator[str]]:
    """Return the expectation that one of two refunds was made, and that the other was refused."""

    def expect(world: World, context: Context) -> Iterator[str]:
        yield from went_back([amount])(world, context)
        yield from _is_told(context, ["201", "409 payments.refund_too_large"])

    return expect


def sent_or_kept(world: World, context: Context) -> Iterator[str]:
    """Check that a canceled order was sent before, or not at all."""
    if refunded_at_stripe(world) != [PAID] or order_of(world, context).status != "canceled":
        yield f"staff canceled, and {refunded_at_stripe(world)} went back"
    was_sent = context["second"].status == 201
    yield from stock_is(world, available=STOCK - UNITS * was_sent, dispatched=UNITS * was_sent, committed=0, reserved=0)


def taken_or_sold(refusal: str) -> Callable[[World, Context], Iterator[str]]:
    """Return the expectation that staff got their nine mugs or the shopper hers, never both."""

    def expect(world: World, context: Context) -> Iterator[str]:
        if context["second"].status == 201:
            yield from _is_told(context, ["201", refusal])
            yield from stock_is(world, available=STOCK - UNITS, committed=UNITS, reserved=0)
        else:
            yield from _is_told(context, ["201", "409 inventory.insufficient_stock"])
            yield from stock_is(world, available=1, committed=0, reserved=0)

    return expect


def stock_ends(*allowed: int, told: list[str], committed: int) -> Callable[[World, Context], Iterator[str]]:
    """Return the expectation that both went well, and that so many are available."""

    def expect(world: World, context: Context) -> Iterator[str]:
        yield from _is_told(context, told)
        yield from stock_is(world, committed=committed, reserved=0)
        available = world.picture().levels["MUG-BLUE", "main"]["available"]
        if available not in allowed:
            yield f"{available} mugs are available"

    return expect


def disputed_or_back(world: World, context: Context) -> Iterator[str]:
    """Check that no more went back than the bank left, unless our refund was asked for first."""
    yield from went_back([], [PART])(world, context)
    yield from _is_told(context, ["201", "done"], ["409 payments.refund_too_large", "done"])


def sent_once(world: World, context: Context) -> Iterator[str]:
    """Check that both mugs are sent, none of them twice, and each parcel that staff were told of."""
    yield from stock_is(world, dispatched=UNITS, committed=0)
    told = sum(answer.status == 201 for answer in (context["first"], context["second"]))
    if len(order_of(world, context).parcels) != told:
        yield f"staff were told of {told} parcels, and there are {len(order_of(world, context).parcels)}"
    yield from _is_told(context, ["201", "201"], ["201", "409 orders.nothing_to_dispatch"])


def mailed_once(world: World, context: Context) -> Iterator[str]:
    # SES knows no idempotency: who dies between the mail and its mark may have sent it.
    if world.mails != ["sesv2"] and not (_died(context) and world.mails == ["sesv2"] * 2):
        yield f"the shopper was sent {world.mails}"
