"""Staff move stock: by hand, and with parcels."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.faults.machine.cases import Client, Context, Scenario, Step, keyed
from tests.faults.machine.steps.one_order import (
    STOCK,
    announced,
    asked,
    bought,
    of_staff,
    order_of,
    past_the_door,
    said_yes,
    staff_ask,
    stays_or,
    stock_is,
    told_well,
    tries,
)
from tests.faults.machine.world import World
from tests.support.shop import open_shop
from tests.support.store import Answer

MUGS = "/v1/admin/stock/MUG-BLUE"
LOW = 4
STALE = ("inventory.stale_quantity",)


def _stocked(world: World) -> Context:
    open_shop(world.store, stock=STOCK)
    world.drain()
    return {}


def _watched(world: World) -> Context:
    """Stock mugs, and ask to be told when there are four or fewer."""
    context = _stocked(world)
    world.store.put(f"{MUGS}/levels/main/low-stock-threshold", {"threshold": LOW})
    world.drain()
    return context


def _asks(method: str, path: str, **body: Any) -> Callable[[World, Context, str | None], Answer | None]:
    """Return the step of staff who send this to the mugs' stock."""

    def act(world: World, context: Context, key: str | None) -> Answer | None:
        return asked(world, context, method, f"{MUGS}{path}", body, **keyed(key))

    return act


def _changed(by: int, *, repeats: bool) -> Callable[[World, Context, Scenario], Iterator[str]]:
    """Return the expectation that so many units came or went: once, or once for each try without a key.

    :param repeats: a second try is a second change; else it meets what the first one did.
    """

    def expect(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
        yield from told_well(context, scenario, done_before=() if repeats else STALE)
        most = tries(context) if repeats and scenario.client is Client.NO_KEY else 1
        least = min(most, said_yes(context)) if stays_or(context, scenario, done=False) or repeats else 1
        available = world.picture().levels["MUG-BLUE", "main"]["available"]
        times, rest = divmod(available - STOCK, by)
        if rest or not least <= times <= most:
            yield f"{tries(context)} tries were to change {STOCK} by {by}, and {available} are available"
        moved = [document for document in world.picture().movements if document["reason"] in {"adjust", "set"}]
        received = [document for document in world.picture().movements if document["reason"] == "receive"]
        if len(moved) + len(received) - 1 != times:
            yield f"the stock changed {times} times, by {len(moved) + len(received) - 1} movements"
        yield from _told_of_low_stock(world, is_low=available <= LOW)

    return expect


def _told_of_low_stock(world: World, *, is_low: bool) -> Iterator[str]:
    threshold = world.picture().levels["MUG-BLUE", "main"].get("low_stock_threshold")
    crossings = [
        name for name in ("inventory.stock_low", "inventory.stock_recovered") for _ in range(announced(world, name))
    ]
    if crossings != (["inventory.stock_low"] if is_low and threshold is not None else []):
        yield f"with {threshold} as the threshold, {crossings or 'nothing'} was announced"


BY_HAND = {"location": "main", "reason": "counted"}

ADJUST_DOWN = Step(
    name="take stock away by hand",
    prepare=_watched,
    act=_asks("POST", "/adjustments", delta=-6, **BY_HAND),
    expect=_changed(-6, repeats=True),
    scenarios=(Scenario(Client.SAME_KEY, twice=True), Scenario(Client.GIVES_UP)),
    strikes=past_the_door,
)

ADJUST_UP = Step(
    name="add stock by hand",
    prepare=_stocked,
    act=_asks("POST", "/adjustments", delta=6, **BY_HAND),
    expect=_changed(6, repeats=True),
    scenarios=(Scenario(Client.NO_KEY),),
    strikes=past_the_door,
)

ADJUST_WHAT_WAS_SEEN = Step(
    name="take away stock that was seen",
    prepare=_watched,
    act=_asks("POST", "/adjustments", delta=-6, expected_available=STOCK, **BY_HAND),
    expect=_changed(-6, repeats=False),
    scenarios=(Scenario(Client.NO_KEY),),
    strikes=past_the_door,
)

RECEIVE = Step(
    name="receive stock",
    prepare=_stocked,
    act=_asks("POST", "/receipts", location="main", quantity=5, reference="delivery note 7"),
    expect=_changed(5, repeats=True),
    scenarios=(Scenario(Client.SAME_KEY),),
    strikes=past_the_door,
)

SET = Step(
    name="set stock, whatever there was",
    prepare=_watched,
    act=_asks("PUT", "/levels/main", available=LOW, expected_available=None, reason="counted"),
    expect=_changed(LOW - STOCK, repeats=False),
    scenarios=(Scenario(Client.NO_KEY, twice=True),),
    strikes=past_the_door,
)


# ---- the threshold ---------------------------------------------------------------------------------------------


def _told_once(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
    yield from told_well(context, scenario)
    yield from _told_of_low_stock(world, is_low=True)
    yield from stock_is(world, available=STOCK)


THRESHOLD = Step(
    name="set the low-stock threshold",
    prepare=_stocked,
    act=_asks("PUT", "/levels/main/low-stock-threshold", threshold=STOCK),
    expect=_told_once,
    scenarios=(Scenario(Client.SAME_KEY, twice=True), Scenario(Client.NO_KEY)),
    strikes=past_the_door,
)


# ---- parcels ---------------------------------------------------------------------------------------------------

BOUGHT = 4


def _to_be_sent(world: World) -> Context:
    return bought(world, {"MUG-BLUE": BOUGHT})


def _partly_sent(world: World) -> Context:
    context = _to_be_sent(world)
    of_staff(world, context, "fulfillments", {"lines": [{"sku": "MUG-BLUE", "quantity": 1}]})
    return context


def _dispatch_one(world: World, context: Context, key: str | None) -> Answer | None:
    return staff_ask(world, context, "fulfillments", key, {"lines": [{"sku": "MUG-BLUE", "quantity": 1}]})


def _dispatch_rest(world: World, context: Context, key: str | None) -> Answer | None:
    return staff_ask(world, context, "fulfillments", key, {"carrier": "DHL", "tracking_number": "JD01"})


def _sent_once(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
    yield from told_well(context, scenario)
    yield from _parcels_are(world, context, [1])


def _everything_sent(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
    yield from told_well(context, scenario, done_before=("orders.nothing_to_dispatch",))
    yield from _parcels_are(world, context, [1, BOUGHT - 1])


def _parcels_are(world: World, context: Context, units: list[int]) -> Iterator[str]:
    order = order_of(world, context)
    sent = sorted(sum(line["quantity"] for line in parcel["lines"]) for parcel in order.parcels)
    if sent != units or announced(world, "orders.dispatched") != len(units):
        yield f"parcels of {sent} units left, announced {announced(world, 'orders.dispatched')} times"
    status = "fulfilled" if sum(units) == BOUGHT else "partial"
    if order.header["fulfillment_status"] != status:
        yield f"the order is {order.header['fulfillment_status']}"
    yield from stock_is(world, available=STOCK - BOUGHT, committed=BOUGHT - sum(units), dispatched=sum(units))


DISPATCH_PART = Step(
    name="send a part",
    prepare=_to_be_sent,
    act=_dispatch_one,
    expect=_sent_once,
    scenarios=(Scenario(Client.SAME_KEY),),
    strikes=past_the_door,
)

DISPATCH_REST = Step(
    name="send the rest",
    prepare=_partly_sent,
    act=_dispatch_rest,
    expect=_everything_sent,
    scenarios=(Scenario(Client.NO_KEY),),
    strikes=past_the_door,
)

STEPS = (
    ADJUST_DOWN,
    ADJUST_UP,
    ADJUST_WHAT_WAS_SEEN,
    RECEIVE,
    SET,
    THRESHOLD,
    DISPATCH_PART,
    DISPATCH_REST,
)
