"""What a purchase of 1, 10 or 50 lines takes: always the same calls, and units by a stated formula."""

from collections.abc import Callable, Mapping

import pytest

from tests.cost.meter import Invocation
from tests.functional.budgets.budgets import SLACK
from tests.functional.budgets.lines import bought
from tests.functional.budgets.shop import Shop

SIZES = (1, 10, 50)

CALLS = {
    "read the cart": {"dynamodb": 2},
    "change the cart": {"dynamodb": 3},
    "check out": {"dynamodb": 5, "ssm": 2, "stripe": 1},
    "settle": {"dynamodb": 3},
    "read the order": {"dynamodb": 1, "ssm": 1},
}
"""The design's budgets; a checkout has one call for its Idempotency-Key among them."""

READS: dict[str, Callable[[int], float]] = {
    "read the cart": lambda lines: (
        6 + 2 * lines
    ),  # Cart, five rows of the shop; of each line the variant and its level.
    "change the cart": lambda lines: 6 + 2 * lines,
    "check out": lambda lines: 7 + 2 * lines,
    "settle": lambda lines: 2 + round(lines / 6),  # One query of what was frozen, 640 bytes a line.
    "read the order": lambda lines: 1 + round(lines / 6),
}

WRITES: dict[str, Callable[[int], float]] = {
    "read the cart": lambda _: 0,
    "change the cart": lambda lines: 1 + lines // 40,
    "check out": lambda lines: 35 + 3.5 * lines,  # 2 for the level, 1 for the line's share of cart, order and movement.
    "settle": lambda lines: 21 + 2.2 * lines,
    "read the order": lambda _: 0,
}


@pytest.fixture(scope="module")
def purchases(shop: Shop) -> Mapping[int, Mapping[str, Invocation]]:
    return {lines: bought(shop, lines) for lines in SIZES}


@pytest.mark.parametrize("lines", SIZES)
@pytest.mark.parametrize("step", CALLS)
class TestPurchase:
    def test_takes_the_same_calls_however_many_lines(
        self, purchases: Mapping[int, Mapping[str, Invocation]], step: str, lines: int
    ) -> None:
        assert purchases[lines][step].calls_by_service == CALLS[step]

    def test_takes_units_by_the_formula(
        self, purchases: Mapping[int, Mapping[str, Invocation]], step: str, lines: int
    ) -> None:
        taken = purchases[lines][step]

        assert taken.read_units <= READS[step](lines) <= taken.read_units * SLACK
        assert taken.write_units <= WRITES[step](lines) <= taken.write_units * SLACK
