"""Who meets at a SKU that is split over two shards, and what must come of it."""

from collections.abc import Callable, Iterator

from tests.faults.machine.cases import Context, keyed
from tests.faults.machine.interleaving import Side
from tests.faults.machine.picture import BUCKETS
from tests.faults.machine.shop import filled_cart
from tests.faults.machine.sides import asks, carts
from tests.faults.machine.steps.one_order import stock_is
from tests.faults.machine.world import World
from tests.support.shop import check_out
from tests.support.store import Answer

PATH = "/v1/admin/stock/MUG-BLUE/shards"


def _leaves_and_is_told_of(world: World, context: Context) -> Answer | None:
    answer = world.call("DELETE", f"/v1/carts/{context['cart']}/checkout", headers=keyed("leave"))
    world.project_movements()
    return answer


LEAVES_AND_IS_TOLD_OF = Side("Ada goes back to the cart, and the stream tells of it", _leaves_and_is_told_of)
PUTS_TOGETHER = Side("staff put the SKU together", asks("PUT", PATH, {"shards": 1}, key="shards"))


def split_carts(stock: int, quantity: int, *emails: str) -> Callable[[World], Context]:
    """Return a shop with so many mugs in two shards, and a cart with some of them for each shopper."""
    prepare = carts(stock, quantity, *emails)

    def split(world: World) -> Context:
        context = prepare(world)
        assert world.store.put(PATH, {"shards": 2}).status == 200
        world.drain()
        return context

    return split


def split_and_held(world: World) -> Context:
    """Let an order that nobody paid yet hold the mugs of both shards."""
    context = split_carts(2, 2, "ada@example.com")(world)
    checkout = check_out(world.store, context["ready"])
    assert checkout.status == 201, checkout.body
    world.drain()
    return context


def all_sold(units: int) -> Callable[[World, Context], Iterator[str]]:
    """Return the check that every mug was sold, and nobody was refused who could have one."""

    def expect(world: World, context: Context) -> Iterator[str]:
        refused = [answer for answer in (context["first"], context["second"]) if answer.status >= 300]
        if refused:
            yield f"somebody was told {refused[0].status} {refused[0].code}"
        yield from stock_is(world, available=0, reserved=0, committed=units, received=units)

    return expect


def all_back(world: World, _: Context) -> Iterator[str]:
    """Check that all mugs lie in the one row that is left, and can be bought."""
    yield from stock_is(world, available=2, reserved=0, received=2)
    for key, row in world.picture().level_rows.items():
        if key[2] and any(row.get(bucket, 0) for bucket in BUCKETS):
            yield f"there is something left in shard {key[2]}"
    bought = check_out(world.store, filled_cart(world, {"MUG-BLUE": 2}))
    if bought.status != 201:
        yield f"nobody can have both mugs: {bought.status} {bought.code}"
