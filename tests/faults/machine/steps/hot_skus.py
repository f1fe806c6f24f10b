"""A SKU that is split over shards: staff split it, buyers take its last units, and workers even it out."""

from collections.abc import Iterator

from commerce.inventory import operations
from commerce.inventory.model import Bucket, Move, Reason
from commerce.kernel.call import system_call
from commerce.kernel.transactions import commit
from tests.faults.machine.cases import Client, Context, Scenario, Shopper, Step, keyed
from tests.faults.machine.shop import filled_cart, open_shop
from tests.faults.machine.steps.checkout import check_out_the_cart, shopper_pays
from tests.faults.machine.steps.one_order import asked, reaches_out, stock_is, told_well
from tests.faults.machine.wire import Outgoing
from tests.faults.machine.world import World
from tests.support.shop import check_out
from tests.support.store import Answer

SHARDS, UNITS = 4, 7
"""Not a multiple of each other: whoever wants all of them needs all shards."""

PATH = "/v1/admin/stock/MUG-BLUE/shards"


def _whole(world: World) -> Context:
    open_shop(world, stock=UNITS)
    world.drain()
    return {"into": SHARDS}


def _split(world: World) -> Context:
    context = _whole(world)
    assert world.store.put(PATH, {"shards": SHARDS}).status == 200
    world.drain()
    return context


def _wanted_by_one(world: World) -> Context:
    return _split(world) | {"cart": filled_cart(world, {"MUG-BLUE": UNITS})}


def _held_by_one(world: World) -> Context:
    """Split, and let an unpaid order hold more than any shard has, so that not all of it is in the first one."""
    context = _split(world)
    checkout = check_out(world.store, filled_cart(world, {"MUG-BLUE": 3}))
    assert checkout.status == 201, checkout.body
    world.drain()
    return context | {"into": 1}


def _asks_for_shards(world: World, context: Context, key: str | None) -> Answer | None:
    return asked(world, context, "PUT", PATH, {"shards": context["into"]}, **keyed(key))


def _all_for_sale(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
    """Check that all mugs are there, and that one buyer can have all of them."""
    yield from told_well(context, scenario)
    yield from stock_is(world, available=UNITS, reserved=0, received=UNITS)
    bought = check_out(world.store, filled_cart(world, {"MUG-BLUE": UNITS}))
    if bought.status != 201:
        yield f"nobody can have all mugs: {bought.status} {bought.code}"


def _went_or_came_back(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
    """Check that the last mugs were sold to one order, or are all there."""
    orders = list(world.picture().orders.values())
    sold = UNITS * sum(order.status == "placed" for order in orders)
    yield from stock_is(world, available=UNITS - sold, reserved=0, committed=sold, received=UNITS)
    if scenario.client is not Client.GIVES_UP and (context["answer"] is None or context["answer"].status >= 300):
        yield "the buyer could not have the mugs that are there"


def _came_to_one_shard(world: World) -> Context:
    """Let mugs come into one shard only, as they do where nobody minds shards: with returned parcels, for example."""
    context = _split(world)
    moves = [Move("MUG-BLUE", "main", None, Bucket.AVAILABLE, 5 * UNITS)]
    call = system_call(worker="test", now=world.now)
    commit(operations.move(moves=moves, reason=Reason.RETURN, reference="", call=call))
    return context


def _looks(world: World, _context: Context, _key: str | None) -> None:
    world.project_movements()


def _even(world: World, *_: object) -> Iterator[str]:
    yield from stock_is(world, available=6 * UNITS, received=6 * UNITS)
    parts = [row.get("available", 0) for _, row in sorted(world.picture().level_rows.items())]
    if max(parts) - min(parts) > 1:
        yield f"the shards have {parts} mugs"


def _at_stock(call: Outgoing) -> bool:
    """Tell whether a call reads levels for a cart or moves units; the others are struck where plain SKUs are sold."""
    return call.operation in {"BatchGetItem", "TransactWriteItems"} and "inventory" in call.about


SPLIT = Step(
    name="split a SKU",
    prepare=_whole,
    act=_asks_for_shards,
    expect=_all_for_sale,
    scenarios=(Scenario(Client.SAME_KEY, twice=True), Scenario(Client.GIVES_UP)),
    strikes=reaches_out,
)

PUT_TOGETHER = Step(
    name="put a split SKU together",
    prepare=lambda world: _split(world) | {"into": 1},
    act=_asks_for_shards,
    expect=_all_for_sale,
    scenarios=(Scenario(Client.GIVES_UP),),
    strikes=reaches_out,
)

PUT_TOGETHER_WHILE_HELD = Step(
    name="put a split SKU together while an order holds it",
    prepare=_held_by_one,
    act=_asks_for_shards,
    expect=_all_for_sale,
    scenarios=(Scenario(Client.SAME_KEY),),
    strikes=reaches_out,
)

LAST_UNITS = Step(
    name="check out the last units of a split SKU",
    prepare=_wanted_by_one,
    act=check_out_the_cart,
    after=shopper_pays,
    expect=_went_or_came_back,
    scenarios=(Scenario(Client.SAME_KEY, twice=True), Scenario(Client.NO_KEY, Shopper.NEVER)),
    strikes=_at_stock,
)

EVEN_OUT = Step(
    name="even out a split SKU",
    prepare=_came_to_one_shard,
    act=_looks,
    expect=_even,
    scenarios=(Scenario(twice=True),),
    by_client=False,
    strikes=_at_stock,
)

STEPS = (SPLIT, PUT_TOGETHER, PUT_TOGETHER_WHILE_HELD, LAST_UNITS, EVEN_OUT)
