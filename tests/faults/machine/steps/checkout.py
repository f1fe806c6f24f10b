"""A cart becomes an order."""

from collections.abc import Iterator

from tests.faults.machine.cases import Client, Context, Scenario, Shopper, Step, keyed, shown
from tests.faults.machine.plan import telling_scenarios
from tests.faults.machine.shop import CODE, filled_cart, open_shop
from tests.faults.machine.world import HOLD_SECONDS, World
from tests.support.store import Answer

UNITS = 10


def _cart_ready(world: World) -> Context:
    open_shop(world, stock=UNITS)
    world.drain()
    return {"cart": filled_cart(world, code=CODE)}


def check_out_the_cart(world: World, context: Context, key: str | None) -> Answer | None:
    """Order the context's cart for what it costs."""
    cart = context["cart"]
    body = {"expected_total": cart["totals"]["total"], "pricing_hash": cart["pricing_hash"]}
    return world.call("POST", f"/v1/carts/{cart['id']}/checkout", body, headers=keyed(key))


def shopper_pays(world: World, context: Context, scenario: Scenario, answer: Answer | None) -> None:
    """Pay as the scenario says."""
    context["answer"] = answer
    if answer is None or answer.status >= 400 or answer.body["payment"] is None:
        return
    intent_id = answer.body["payment"]["intent_id"]
    if scenario.shopper is Shopper.EARLY:
        world.pay(intent_id)
    elif scenario.shopper is Shopper.DECLINED:
        world.pay(intent_id, "pm_card_chargeDeclined")
        world.drain()
        world.pay(intent_id)
    elif scenario.shopper is Shopper.LATE:
        world.wait(HOLD_SECONDS + 60)
        world.pay(intent_id)
        if scenario.sweeper:
            world.sweep()


def _one_order(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
    picture = world.picture()
    statuses = [order.status for order in picture.orders.values()]
    if len(statuses) > 1:
        yield f"one cart became {len(statuses)} orders"
    if any(intent["amount_received"] for intent in picture.at_stripe("payment_intent")) and statuses != ["placed"]:
        yield f"the shopper paid in time, and the order is {statuses}"
    if scenario.client is not Client.GIVES_UP:
        yield from _can_pay(context["answer"])


def _can_pay(answer: Answer | None) -> Iterator[str]:
    """Check that a shopper who asks until somebody answers ends with an order, and with its payment while it is due."""
    if answer is None or answer.status >= 300:
        yield f"the shopper ends with {shown(answer)}"
    elif answer.body["order"]["status"] == "pending" and answer.body["payment"] is None:
        yield "the shopper is to pay, and was not told how"


CHECKOUT = Step(
    name="checkout",
    prepare=_cart_ready,
    act=check_out_the_cart,
    after=shopper_pays,
    expect=_one_order,
    scenarios=telling_scenarios(),
)

STEPS = (CHECKOUT,)
