"""What happens seldom, and makes no calls that other steps do not make: it runs without faults, to be looked at."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlencode

from tests.faults.machine.cases import Context, Scenario, Shopper, Step
from tests.faults.machine.promises.stock import PER_EMAIL
from tests.faults.machine.shop import filled_cart, open_shop
from tests.faults.machine.steps.deliveries import SETTLE_PROCESSING, in_the_queue
from tests.faults.machine.steps.misfits import MONEY_OF_ANOTHER_AMOUNT
from tests.faults.machine.steps.one_order import STOCK, asked, pending, stock_is
from tests.faults.machine.wire import Outgoing
from tests.faults.machine.world import HOLD_SECONDS, SWEEP_SECONDS, World
from tests.support.payments import SECRET_KEY
from tests.support.shop import check_out
from tests.support.store import Answer


def _none(_: Outgoing) -> bool:
    return False


# ---- one SKU again ---------------------------------------------------------------------------------------------


def _two_mugs(world: World) -> Context:
    open_shop(world, stock=STOCK)
    world.drain()
    return {"cart": filled_cart(world, {"MUG-BLUE": 2})}


def _three_after_all(world: World, context: Context, _: str | None) -> Answer | None:
    line = f"/v1/carts/{context['cart']['id']}/lines/MUG-BLUE"
    cart = asked(world, context, "PUT", line, {"quantity": 3})
    assert cart is not None
    body = {"expected_total": cart.body["totals"]["total"]}
    return asked(world, context, "POST", f"/v1/carts/{context['cart']['id']}/checkout", body)


def _three(world: World, *_: object) -> Iterator[str]:
    yield from stock_is(world, available=STOCK, reserved=0)
    [order] = world.picture().orders.values()
    if [line["quantity"] for line in order.details["lines"]] != [3]:
        yield f"three mugs were wanted, and the order is about {order.details['lines']}"


ONE_SKU_AGAIN = Step(
    name="order a SKU that was put into the cart twice",
    prepare=_two_mugs,
    act=_three_after_all,
    expect=_three,
    scenarios=(Scenario(shopper=Shopper.NEVER),),
    strikes=_none,
)


# ---- one checkout too many -------------------------------------------------------------------------------------


def _all_places_taken(world: World) -> Context:
    open_shop(world, stock=STOCK)
    for _ in range(PER_EMAIL):
        assert check_out(world.store, filled_cart(world, {"MUG-BLUE": 1})).status == 201
    world.drain()
    return {"cart": filled_cart(world, {"MUG-BLUE": 1})}


def _one_more(world: World, context: Context, _: str | None) -> Answer | None:
    cart = context["cart"]
    return asked(
        world, context, "POST", f"/v1/carts/{cart['id']}/checkout", {"expected_total": cart["totals"]["total"]}
    )


def _refused(_: World, context: Context, __: Scenario) -> Iterator[str]:
    [answer] = context["answers"]
    if answer.status != 429 or answer.code != "checkout.too_many_open":
        yield f"with {PER_EMAIL} open checkouts, one more was answered {answer.status}"


ONE_TOO_MANY = Step(
    name="open one checkout too many",
    prepare=_all_places_taken,
    act=_one_more,
    expect=_refused,
    scenarios=(Scenario(shopper=Shopper.NEVER),),
    strikes=_none,
)


# ---- another currency ------------------------------------------------------------------------------------------


def _of_another_currency(world: World) -> Context:
    """Let another application change the intent's currency before the shopper pays."""
    context = pending(world)
    world.stripe.request(
        "POST",
        f"{world.stripe.url}/v1/payment_intents/{context['intent']}",
        {"Authorization": f"Bearer {SECRET_KEY}"},
        urlencode({"currency": "eur"}),
    )
    world.pay(context["intent"])
    return context


MONEY_OF_ANOTHER_CURRENCY = replace(
    MONEY_OF_ANOTHER_AMOUNT,
    name="park money of another currency",
    prepare=in_the_queue(_of_another_currency),
    strikes=_none,
)

# ---- a bank takes its time -------------------------------------------------------------------------------------


def _the_hold_ends_first(world: World, context: Context, *_: object) -> None:
    """Let the hold end while the bank is at work, and look at the promises then."""
    world.tick(HOLD_SECONDS + 60)
    world.tick(SWEEP_SECONDS)
    world.check(swept=True)
    assert world.at_stripe("process", payment_intent=context["intent"], outcome="succeed")


DEBIT_OUTLIVES_THE_HOLD = replace(
    SETTLE_PROCESSING,
    name="settle a bank debit that outlives the hold",
    after=_the_hold_ends_first,
    strikes=_none,
)

STEPS = (ONE_SKU_AGAIN, ONE_TOO_MANY, MONEY_OF_ANOTHER_CURRENCY, DEBIT_OUTLIVES_THE_HOLD)
