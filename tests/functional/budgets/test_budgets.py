"""Every handler keeps to its budget of calls and of DynamoDB's units, and every budget is tight."""

from collections.abc import Mapping

import pytest

from tests.cost.meter import Invocation
from tests.functional.budgets.budgets import BUDGETS, SLACK, Budget
from tests.functional.budgets.scenarios import SCENARIOS, handlers
from tests.functional.budgets.shop import Shop


@pytest.fixture(scope="module")
def taken(shop: Shop) -> Mapping[str, Invocation]:
    """Everything, always in the same order: a list has as many entries as the scenarios before made."""
    return {name: scenario(shop) for name, scenario in SCENARIOS.items()}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_handler_keeps_to_its_budget(taken: Mapping[str, Invocation], name: str) -> None:
    assert name in BUDGETS, f"{name} has no budget; it takes {Budget.taken(taken[name])}"
    assert BUDGETS[name].broken_by(Budget.taken(taken[name])) == []


def test_every_handler_has_a_budget() -> None:
    assert set(handlers()) == {name.partition(":")[0] for name in BUDGETS}


def test_every_budget_has_a_scenario() -> None:
    assert set(SCENARIOS) >= set(BUDGETS)


class TestBudget:
    SEEN = Budget(dynamodb=4, reads=10, writes=20)

    def test_is_broken_by_a_call_more(self) -> None:
        assert Budget(dynamodb=3, reads=10, writes=20).broken_by(self.SEEN) == ["dynamodb: 4 taken, 3 allowed"]

    def test_is_broken_by_half_a_unit_more(self) -> None:
        assert Budget(dynamodb=4, reads=9.5, writes=20).broken_by(self.SEEN) == ["reads: 10 taken, 9.5 allowed"]

    def test_is_broken_by_a_service_that_nobody_spoke_of(self) -> None:
        assert Budget(dynamodb=1).broken_by(Budget(dynamodb=1, stripe=1)) == ["stripe: 1 taken, 0 allowed"]

    def test_is_broken_when_it_is_wider_than_the_slack(self) -> None:
        assert Budget(dynamodb=4, reads=10 * SLACK, writes=20).broken_by(self.SEEN) == []
        assert Budget(dynamodb=4, reads=12, writes=20).broken_by(self.SEEN) == [
            "reads: 12 allowed, only 10 taken; lower the budget"
        ]
