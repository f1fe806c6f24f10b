"""Shoppers beside the usual way: they come back to pay, and they order what costs nothing."""

from collections.abc import Iterator

from commerce.checkout.state import load
from commerce.orders.tokens import order_token
from tests.faults.machine.cases import Client, Context, Scenario, Shopper, Step, keyed
from tests.faults.machine.shop import CODE, filled_cart, open_shop
from tests.faults.machine.steps.one_order import (
    PAID,
    STOCK,
    UNITS,
    announced,
    asked,
    order_of,
    past_the_door,
    pending,
    stays_or,
    stock_is,
    told_well,
)
from tests.faults.machine.world import World
from tests.support.shop import check_out
from tests.support.store import Answer

# ---- paying after all ------------------------------------------------------------------------------------------


def _answer_lost(world: World) -> Context:
    """Order while Stripe fails to say what it did: there is an intent, and nobody here knows of it."""
    open_shop(world, stock=STOCK)
    cart = filled_cart(world, code=CODE)
    world.stripe.fault("POST", "/v1/payment_intents", "500_after")
    assert check_out(world.store, cart).status == 503
    world.drain()
    (order,) = world.picture().orders.values()
    return {"order": order.id, "token": order_token(load(order.id).order)}


def _declined(world: World) -> Context:
    context = pending(world)
    world.pay(context["intent"], "pm_card_chargeDeclined")
    world.drain()
    return context


def _resume(world: World, context: Context, key: str | None) -> Answer | None:
    headers = keyed(key) | {"Order-Token": context["token"]}
    return asked(world, context, "POST", f"/v1/orders/{context['order']}/payment", **headers)


def _shopper_pays(world: World, context: Context, scenario: Scenario, answer: Answer | None) -> None:
    if scenario.shopper is Shopper.EARLY and answer is not None and answer.status == 200:
        world.pay(answer.body["payment"]["intent_id"])
        context["paid"] = True


def _payable(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
    yield from told_well(context, scenario)
    order, intents = order_of(world, context), world.picture().at_stripe("payment_intent")
    if len(intents) != 1:
        yield f"there are {len(intents)} payment intents"
    paid = context.get("paid", False)
    if (order.status, order.payment["captured"]) != (("placed", PAID) if paid else ("expired", 0)):
        yield f"the shopper {'paid' if paid else 'did not pay'}, and the order is {order.status}"
    yield from stock_is(world, available=STOCK - UNITS * paid, reserved=0, committed=UNITS * paid)


RESUME_LOST = Step(
    name="resume a payment that nobody knows of",
    prepare=_answer_lost,
    act=_resume,
    after=_shopper_pays,
    expect=_payable,
    scenarios=(Scenario(Client.SAME_KEY, twice=True), Scenario(Client.GIVES_UP, Shopper.NEVER)),
    strikes=past_the_door,
)

RESUME_DECLINED = Step(
    name="resume a payment that was declined",
    prepare=_declined,
    act=_resume,
    after=_shopper_pays,
    expect=_payable,
    scenarios=(Scenario(Client.NO_KEY),),
    strikes=past_the_door,
)


# ---- nothing to pay --------------------------------------------------------------------------------------------


def _free_cart(world: World) -> Context:
    open_shop(world, "STICKER", stock=STOCK)
    world.drain()
    return {"cart": filled_cart(world, {"STICKER": UNITS})}


def _check_out(world: World, context: Context, key: str | None) -> Answer | None:
    cart = context["cart"]
    body = {"expected_total": cart["totals"]["total"], "pricing_hash": cart["pricing_hash"]}
    return asked(world, context, "POST", f"/v1/carts/{cart['id']}/checkout", body, **keyed(key))


def _placed_at_once(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
    yield from told_well(context, scenario)
    orders = list(world.picture().orders.values())
    if [order.status for order in orders] != ["placed"] and not (
        not orders and stays_or(context, scenario, done=False)
    ):
        yield f"the cart became {[order.status for order in orders]}"
    if world.picture().at_stripe("payment_intent") or any(order.payment["due"] for order in orders):
        yield "Stripe was asked for a payment of nothing"
    if announced(world, "orders.placed") != len(orders):
        yield f"announced {announced(world, 'orders.placed')} times"
    level = world.picture().levels["STICKER", "main"]
    if (level["available"], level.get("committed", 0)) != (STOCK - UNITS * len(orders), UNITS * len(orders)):
        yield f"{level['available']} stickers are available, {level.get('committed', 0)} committed"


FREE_CHECKOUT = Step(
    name="check out what costs nothing",
    prepare=_free_cart,
    act=_check_out,
    expect=_placed_at_once,
    scenarios=(Scenario(Client.SAME_KEY, twice=True), Scenario(Client.NO_KEY), Scenario(Client.GIVES_UP)),
    strikes=past_the_door,
)

STEPS = (RESUME_LOST, RESUME_DECLINED, FREE_CHECKOUT)
