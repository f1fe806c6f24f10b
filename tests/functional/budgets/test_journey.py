"""What a whole sale takes is committed (tests/cost/totals.toml), and holds."""

from collections.abc import Iterator, Mapping

import pytest

from local.engines.dynamodb import DynamoDBLocal
from tests.cost.journey import APART, BROWSE, BUYING, PAGES, Step, apart, walk
from tests.cost.meter import Invocation, metered
from tests.cost.shop import furnished_store
from tests.cost.totals import accepted
from tests.support.payments import LocalStripe

STEPS = (BROWSE, *BUYING, *APART)


@pytest.fixture(scope="module")
def recorded(
    stripe_server: LocalStripe, engine: DynamoDBLocal
) -> Iterator[tuple[Mapping[str, Step], Mapping[str, Invocation]]]:
    with furnished_store(stripe_server, engine) as store, metered() as meter:
        walk(store, meter)
        journey = walk(store, meter, number=1)
        beside = {step.name: step for step in apart(store, meter)}
        yield journey.steps | beside, journey.clocks()


@pytest.fixture(scope="module")
def steps(recorded: tuple[Mapping[str, Step], Mapping[str, Invocation]]) -> Mapping[str, Step]:
    return recorded[0]


@pytest.fixture(scope="module")
def clocks(recorded: tuple[Mapping[str, Step], Mapping[str, Invocation]]) -> Mapping[str, Invocation]:
    return recorded[1]


@pytest.mark.parametrize("name", STEPS)
def test_a_step_takes_what_was_accepted(steps: Mapping[str, Step], name: str) -> None:
    assert steps[name].totals == accepted()[name], "if this is meant: make cost COST=--accept"


def test_a_page_is_one_invocation(steps: Mapping[str, Step]) -> None:
    assert [invocation.status for invocation in steps[BROWSE].invocations] == [200] * PAGES


def test_every_function_tells_what_it_cost(steps: Mapping[str, Step]) -> None:
    for step in steps.values():
        for invocation in step.invocations:
            [line] = invocation.told

            assert line["EstimatedCost"] > 0, invocation.function


def test_the_order_is_counted_once(steps: Mapping[str, Step]) -> None:
    lines = [line for name in BUYING for invocation in steps[name].invocations for line in invocation.told]

    assert sum(line.get("OrdersPlaced", 0) for line in lines) == 1


def test_an_order_costs_about_what_make_cost_says(steps: Mapping[str, Step]) -> None:
    lines = [line for name in BUYING for invocation in steps[name].invocations for line in invocation.told]
    in_cents = sum(line["EstimatedCost"] for line in lines) / 10_000

    assert 0.015 < in_cents < 0.06, "X-Ray and waits apart, which this machine does not have"


def test_a_clock_that_finds_nothing_tells_nothing(clocks: Mapping[str, Invocation]) -> None:
    assert {name: invocation.told for name, invocation in clocks.items()} == {name: [] for name in clocks}


def test_nothing_is_accepted_that_nobody_does() -> None:
    assert set(accepted()) == set(STEPS)
