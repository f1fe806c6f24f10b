"""Many documents at once: each series is 1 to n, without a gap and without a number twice."""

import random
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from commerce.invoices import queries
from tests.faults.invoices.conftest import YEAR, Shop
from tests.support.dynamodb_local import JustBefore
from tests.support.racing import at_once
from tests.support.sales import NOON, back, summed

pytestmark = pytest.mark.java

WHOLE = 12_256
"""The total of each sale."""


class TestNumbers:
    def test_of_64_orders_at_once_are_1_to_64(self, shop: Shop) -> None:
        orders = [f"ord_{number:02d}" for number in range(64)]

        at_once([partial(shop.tell, order) for order in orders])
        shop.make_up()

        shop.check(f"INV-{YEAR}-", 64)
        assert [shop.totals(order) for order in orders] == [{"invoice": WHOLE}] * 64
        assert [row for row in shop.rows() if row["pk"]["S"] == "waiting"] == []

    def test_of_one_order_that_is_told_32_times_at_once_is_one(self, shop: Shop) -> None:
        at_once([partial(shop.tell, "ord_1")] * 32)

        shop.check(f"INV-{YEAR}-", 1)

    def test_of_invoices_and_credit_notes_at_once_have_no_gap_in_either_series(self, shop: Shop) -> None:
        orders = [f"ord_{number}" for number in range(6)]
        parts = (1, 3_000, 255, 9_000)
        for order in orders:
            shop.reversals[order] = tuple(back(amount, id=f"r{amount}", after=amount) for amount in parts)

        at_once([partial(shop.tell, order) for order in orders * 4])
        shop.make_up()

        shop.check(f"INV-{YEAR}-", 6)
        shop.check(f"CN-{YEAR}-", 24)
        for order in orders:
            totals = shop.totals(order)
            assert totals.pop("invoice") == WHOLE
            assert totals == {f"credit-note#r{amount}": amount for amount in parts}

    def test_of_one_order_whose_refunds_become_known_one_by_one_sum_up(self, shop: Shop) -> None:
        shop.tell("ord_1")
        parts = [back(1_532, id=f"r{number}", after=number) for number in range(8)]

        def refund(count: int) -> None:
            shop.reversals["ord_1"] = tuple(parts[:count])
            shop.tell("ord_1")

        at_once([partial(refund, count) for count in range(1, 9)])
        shop.reversals["ord_1"] = tuple(parts)
        shop.tell("ord_1")

        shop.check(f"CN-{YEAR}-", 8)
        credited = shop.totals("ord_1")
        assert credited.pop("invoice") == sum(credited.values()) == WHOLE
        adds_up(shop, "ord_1")

    def test_of_two_refunds_in_two_years_see_each_other_although_their_series_differ(self, shop: Shop) -> None:
        """Each half of what is taxed at 7 % would have the larger half of its net, if they did not."""
        midnight = datetime(YEAR, 12, 31, 23, tzinfo=UTC)
        shop.tell("ord_1")
        first, second = back(WHOLE // 2, id="a"), back(WHOLE // 2, id="b", after=2)
        shop.reversals["ord_1"] = (first,)

        def meanwhile() -> None:
            shop.reversals["ord_1"] = (second,)
            shop.tell("ord_1", at=midnight)
            shop.reversals["ord_1"] = (first, second)

        shop.reversals["ord_1"] = (first, second)
        with JustBefore("TransactWriteItems", meanwhile):
            shop.tell("ord_1", at=midnight - timedelta(milliseconds=1))

        shop.check(f"CN-{YEAR}-", 1)
        shop.check(f"CN-{YEAR + 1}-", 1)
        adds_up(shop, "ord_1")

    def test_follow_the_order_of_issue_although_clocks_differ(self, shop: Shop) -> None:
        chance = random.Random(7)
        moments = [NOON + timedelta(milliseconds=chance.randint(-900, 900)) for _ in range(24)]

        at_once([partial(shop.tell, f"ord_{number}", at=at) for number, at in enumerate(moments)])

        shop.check(f"INV-{YEAR}-", 24)

    def test_begin_anew_at_midnight_in_the_shops_time_zone_with_clocks_on_both_sides_of_it(self, shop: Shop) -> None:
        midnight = datetime(YEAR, 12, 31, 23, tzinfo=UTC)
        moments = [midnight + timedelta(milliseconds=offset) for offset in (-2, 0, -1, 1)] * 6

        at_once([partial(shop.tell, f"ord_{number}", at=at) for number, at in enumerate(moments)])

        shop.check(f"INV-{YEAR}-", 12)
        shop.check(f"INV-{YEAR + 1}-", 12)


def adds_up(shop: Shop, order_id: str) -> None:
    """Check that the credit notes of an order sum up to its invoice, tax by tax."""
    invoice, *notes = (each.document for each in queries.stored_documents(order_id=order_id))
    assert summed(notes) == summed([invoice])
