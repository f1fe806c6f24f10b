"""A shop with one order: how it came to where it is, who calls about it, and what is seen of it afterwards."""

from collections.abc import Iterator
from typing import Any

from tests.faults.machine.cases import PAUSE_SECONDS, TRIES, Client, Context, Scenario, keyed
from tests.faults.machine.picture import Document, Order
from tests.faults.machine.shop import CODE, filled_cart, open_shop
from tests.faults.machine.wire import Outgoing
from tests.faults.machine.world import World
from tests.support.payments import SECRET_KEY
from tests.support.shop import check_out
from tests.support.store import Answer

STOCK = 10
UNITS, PAID = 2, 4300
"""What the order is about: two mugs at 19.00 and 13.00 for sending them, less 8.00 by three promotions."""


# ---- before the step ------------------------------------------------------------------------------------------


def pending(world: World, lines: dict[str, int] | None = None) -> Context:
    """Order, and do not pay yet."""
    open_shop(world, stock=STOCK)
    checkout = check_out(world.store, filled_cart(world, lines, code=CODE))
    assert checkout.status == 201, checkout.body
    world.drain()
    order, payment = checkout.body["order"], checkout.body["payment"]
    return {
        "order": order["id"],
        "cart": order["cart_id"],
        "intent": payment["intent_id"],
        "token": checkout.body["order_token"],
    }


def bought(world: World, lines: dict[str, int] | None = None, *, method: str = "pm_card_visa") -> Context:
    """Order and pay, and let everybody hear of it."""
    context = pending(world, lines)
    world.pay(context["intent"], method)
    world.drain()
    return context


def of_staff(world: World, context: Context, action: str, body: Any = None) -> Document:
    """Do something with the order as staff, without a fault."""
    answer = world.store.post(f"/v1/admin/orders/{context['order']}/{action}", body)
    assert answer.status < 300, answer.body
    world.drain()
    done: Document = answer.body
    return done


# ---- the step -------------------------------------------------------------------------------------------------


def asked(world: World, context: Context, method: str, path: str, body: Any = None, **headers: str) -> Answer | None:
    """Call the API and remember what it said."""
    answer = world.call(method, path, body, headers=headers)
    context.setdefault("answers", []).append(answer)
    return answer


def staff_ask(world: World, context: Context, action: str, key: str | None, body: Any = None) -> Answer | None:
    """Ask something of the order as staff."""
    return asked(world, context, "POST", f"/v1/admin/orders/{context['order']}/{action}", body, **keyed(key))


def later(world: World, method: str, path: str, body: Any = None) -> Answer:
    """Call the API after the step, until it answers: a second fault may strike here."""
    for _ in range(TRIES):
        answer = world.call(method, path, body, headers=keyed("later"))
        if answer is not None and answer.status < 500:
            return answer
        world.wire.land()
        world.wait(PAUSE_SECONDS)
    message = f"{method} {path} never answers"
    raise AssertionError(message)


def in_the_dashboard(world: World, path: str) -> None:
    """Post to Stripe's API as the merchant does in Stripe's dashboard."""
    authorization = {"Authorization": f"Bearer {SECRET_KEY}"}
    world.stripe.request("POST", f"{world.stripe.url}/v1/{path}", authorization, "")


def past_the_door(call: Outgoing) -> bool:
    """Tell whether a call is the step's own: secrets and keys are read alike everywhere, and struck elsewhere."""
    return call.service != "ssm" and (call.operation, call.about) != ("GetItem", "idempotency")


def reaches_out(call: Outgoing) -> bool:
    """Tell whether a call changes something or asks Stripe: what is struck where a sibling strikes the same reads."""
    return call.changes or call.service == "stripe"


# ---- after the step -------------------------------------------------------------------------------------------


def order_of(world: World, context: Context) -> Order:
    """Return the order as it is stored."""
    return world.picture().orders[context["order"]]


def refunded_at_stripe(world: World) -> list[int]:
    """Return what Stripe sent back for good, refund by refund."""
    return [refund["amount"] for refund in world.picture().at_stripe("refund") if refund["status"] == "succeeded"]


def announced(world: World, *types: str) -> int:
    """Return how many changes of these types were announced."""
    return sum(row["type"] in types for rows in world.picture().announced.values() for row in rows)


def tries(context: Context) -> int:
    """Return how many requests may have had an effect: all that were not refused."""
    return sum(answer is None or not 400 <= answer.status < 500 for answer in context["answers"])


def said_yes(context: Context) -> int:
    """Return how often the caller was told that it is done."""
    return sum(answer is not None and answer.status < 300 for answer in context["answers"])


def stays_or(context: Context, scenario: Scenario, *, done: bool) -> bool:
    """Tell whether a step may have come to nothing: its caller gave up, and nobody had said that it was done."""
    return done or (scenario.client is Client.GIVES_UP and not said_yes(context))


def told_well(context: Context, scenario: Scenario, *, done_before: tuple[str, ...] = ()) -> Iterator[str]:
    """Check that a caller who asks until somebody answers ends with a success.

    :param done_before: what a caller without a key may read instead, whose first try had its effect unseen.
    """
    last = context["answers"][-1]
    if scenario.client is Client.GIVES_UP or (last is not None and last.status < 300):
        return
    if last is None:
        yield "the caller never got an answer"
    elif scenario.client is Client.SAME_KEY or last.code not in done_before:
        yield f"the caller ends with {last.status} {last.code}"


def stock_is(world: World, **amounts: int) -> Iterator[str]:
    """Check how many mugs are in each bucket."""
    level = world.picture().levels["MUG-BLUE", "main"]
    for bucket, units in amounts.items():
        if level.get(bucket, 0) != units:
            yield f"{level.get(bucket, 0)} mugs are {bucket}, and it should be {units}"
