"""Two functions at once, the quick slice: one of them stops before each of its effects until the other is done.

`make prove` runs every order of their calls that may make a difference.
"""

from collections.abc import Iterator

import pytest

from local.engines.dynamodb import DynamoDBLocal
from tests.faults.machine.cases import Bench
from tests.faults.machine.interleaving import Interleaver, Pair
from tests.faults.machine.pairs import DANGEROUS, PAIRS
from tests.faults.machine.world import running_world


@pytest.fixture(scope="module")
def interleaver(engine: DynamoDBLocal) -> Iterator[Interleaver]:
    with running_world(engine.url) as world:
        yield Interleaver(Bench(world))


def pair(name: str) -> Pair:
    return next(pair for pair in PAIRS if pair.name == name)


@pytest.mark.parametrize("name", sorted(DANGEROUS))
def test_no_promise_is_broken_while_one_waits_for_the_other(interleaver: Interleaver, name: str) -> None:
    orders = list(interleaver.telling_orders(pair(name)))

    broken = {f"make prove case='{name}/{order.schedule}'": order.violations for order in orders if order.violations}
    assert broken == {}
    assert len(orders) > 1, "both sides have effects to wait before"
