"""What only promotions bring: limits that lie in parts, and customers who are counted."""

from collections.abc import Iterator

from tests.faults.machine.cases import Client, Context, Scenario, Shopper, Step
from tests.faults.machine.shop import OFF, filled_cart, promote, usd
from tests.faults.machine.steps.checkout import check_out_the_cart
from tests.faults.machine.steps.one_order import STOCK, bought, staff_ask
from tests.faults.machine.wire import Outgoing
from tests.faults.machine.world import World
from tests.support.shop import check_out, open_shop
from tests.support.store import Answer

# ---- in no part of a limit is enough for an order ----------------------------------------------------------------


def _in_pieces(world: World) -> Context:
    """Leave money for one order, and in each part of it a quarter."""
    open_shop(world.store, stock=STOCK)
    promote(world, "sale", limits={"uses": 1, "budget": [usd(OFF["sale"])]})
    world.drain()
    return {"cart": filled_cart(world)}


def _about_promotions(call: Outgoing) -> bool:
    return call.changes and "promotions" in call.about


def _sold_once(world: World, _context: Context, scenario: Scenario) -> Iterator[str]:
    orders = list(world.picture().orders.values())
    if len(orders) > 1 or (not orders and scenario.client is not Client.GIVES_UP):
        yield f"one cart became {len(orders)} orders"
    if any(order.header["totals"]["discount"]["amount"] != OFF["sale"] for order in orders):
        yield "there was enough for the order, and it got something else"


IN_PIECES = Step(
    name="check out with the last of a promotion, which lies in parts",
    prepare=_in_pieces,
    act=check_out_the_cart,
    expect=_sold_once,
    scenarios=(Scenario(shopper=Shopper.NEVER), Scenario(Client.NO_KEY, Shopper.NEVER, sweeper=False)),
    strikes=_about_promotions,
)


# ---- the customer's second order is undone -----------------------------------------------------------------------


def _second_order(world: World) -> Context:
    """Buy something twice; only the first time it is cheaper because it is the first."""
    first = bought(world)
    checkout = check_out(world.store, filled_cart(world, {"MUG-BLUE": 1})).body
    world.pay(checkout["payment"]["intent_id"])
    world.drain()
    return {"order": checkout["order"]["id"], "first": first["order"]}


def _cancel(world: World, context: Context, key: str | None) -> Answer | None:
    return staff_ask(world, context, "cancel", key, {"reason": "cannot deliver"})


def _one_is_left(world: World, context: Context, _: Scenario) -> Iterator[str]:
    orders = world.picture().orders
    if (orders[context["first"]].status, orders[context["order"]].status) != ("placed", "canceled"):
        yield "staff canceled the second order, and that is not what came of it"


SECOND_ORDER = Step(
    name="cancel a paid order of a customer who had one before",
    prepare=_second_order,
    act=_cancel,
    expect=_one_is_left,
    scenarios=(Scenario(),),
    strikes=lambda _: False,
)

STEPS = (IN_PIECES, SECOND_ORDER)
