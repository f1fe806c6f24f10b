"""What a whole sale takes is committed (tests/cost/totals.toml), and holds."""

from collections.abc import Iterator, Mapping

import pytest

from tests.cost.journey import BROWSE, BUYING, PAGES, Step, alerted, walk
from tests.cost.meter import metered
from tests.cost.shop import furnished_store
from tests.cost.totals import accepted
from tests.support.dynamodb_local import running_dynamodb
from tests.support.payments import LocalStripe

STEPS = (BROWSE, *BUYING, "warn of low stock")


@pytest.fixture(scope="module")
def steps(stripe_server: LocalStripe) -> Iterator[Mapping[str, Step]]:
    with running_dynamodb() as engine, furnished_store(stripe_server, engine) as store, metered() as meter:
        walk(store, meter)
        found = walk(store, meter, number=1).steps
        alert = alerted(store, meter)
        yield {**found, alert.name: alert}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_takes_what_was_accepted(steps: Mapping[str, Step], name: str) -> None:
    assert steps[name].totals == accepted()[name], "if this is meant: make cost COST=--accept"


def test_a_page_is_one_invocation(steps: Mapping[str, Step]) -> None:
    assert [invocation.status for invocation in steps[BROWSE].invocations] == [200] * PAGES


def test_nothing_is_accepted_that_nobody_does() -> None:
    assert set(accepted()) == set(STEPS)
