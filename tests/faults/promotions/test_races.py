"""Many hands on the same limit: it is never passed, the last use can be had, and what is closed gives back once."""

from functools import partial
from typing import Any

import pytest

from commerce.adapters import ssm
from commerce.kernel.ids import new_id
from commerce.promotions.uses import Uses
from tests.faults.promotions.conftest import (
    OTHER_KEYS,
    applied,
    budget,
    budget_left,
    check_sound,
    close,
    make,
    order,
    order_on,
    place,
    priced,
    put,
    rows,
    uses_left,
)
from tests.support.dynamodb_local import JustBefore
from tests.support.racing import at_once

pytestmark = pytest.mark.java

CROWD = 64


def shopper(number: int) -> str:
    return f"shopper-{number}@example.com"


def order_some(count: int) -> None:
    for _ in range(count):
        order()


class TestUses:
    def test_of_64_at_once_five_have_the_five_that_there_are(self, tables: Any):
        put(limits={"uses": 5})

        outcomes = at_once([order] * CROWD)

        assert outcomes.count("done") == 5
        assert set(outcomes) <= {"done", "not applied", "promotions.overtaken"}
        assert uses_left() == 0
        check_sound(tables)

    def test_the_last_one_can_be_had(self, tables: Any):
        put(limits={"uses": 5})

        for _ in range(5):
            order()

        assert applied(priced()) == ["used_up"]

    def test_are_spread_over_parts_while_there_are_many(self, tables: Any):
        put(limits={"uses": 1000})

        for _ in range(20):
            order()

        parts = [row for row in rows(tables, "promotion#sale") if row["sk"]["S"].startswith("limit#")]
        assert len(parts) == 4
        assert all(int(row["uses_left"]["N"]) < 250 for row in parts)
        assert uses_left() == 980

    def test_taken_and_given_back_at_once_sum_up(self, tables: Any):
        put(limits={"uses": 12})
        held: list[Uses] = []
        for _ in range(8):
            order(among=held)

        outcomes = at_once([*[partial(close, each) for each in held], *[order] * 24])

        sold = outcomes[8:].count("done")
        assert outcomes[:8] == ["done"] * 8
        assert uses_left() == 12 - sold
        check_sound(tables)
        assert order_on() == 12 - sold

    def test_that_staff_change_meanwhile_are_counted_all_the_same(self, tables: Any):
        put(limits={"uses": 40})

        outcomes = at_once([*[order] * 24, *[partial(put, limits={"uses": 30})] * 2])

        assert uses_left() == 30 - outcomes[:24].count("done")
        check_sound(tables)

    def test_that_are_taken_while_staff_lower_the_limit_are_not_taken_away(self, tables: Any):
        put(limits={"uses": 8, **budget(240)})

        with JustBefore("TransactWriteItems", partial(order_some, 5)):
            refused = at_once([partial(put, limits={"uses": 4, **budget(240)})])

        assert refused == ["promotions.limit_below_uses"]
        with JustBefore("TransactWriteItems", order):
            refused = at_once([partial(put, limits={"uses": 8, **budget(170)})])

        assert refused == ["promotions.limit_below_uses"]
        assert (uses_left(), budget_left()) == (2, 60)
        check_sound(tables)

    def test_cannot_be_limited_below_those_that_are_taken(self, tables: Any):
        put(limits={"uses": 10})
        for _ in range(3):
            order()

        assert at_once([partial(put, limits={"uses": 2})]) == ["promotions.limit_below_uses"]
        put(limits={"uses": 3})

        assert applied(priced()) == ["used_up"]


class TestBudget:
    def test_of_64_at_once_as_many_as_it_lasts_for_have_something(self, tables: Any):
        put(limits=budget(160))

        outcomes = at_once([order] * CROWD)

        assert outcomes.count("done") + order_on() == 5
        assert budget_left() == 10
        assert applied(priced()) == ["budget_used_up"]
        check_sound(tables)

    def test_can_be_had_to_the_last_cent_though_it_lies_in_parts(self, tables: Any):
        put(limits=budget(60))

        order()
        assert applied(priced()) == ["applied"]
        order()

        assert budget_left() == 0
        check_sound(tables)

    def test_goes_by_what_each_order_saves(self, tables: Any):
        put(limits=budget(100), actions=[{"kind": "percent_off_order", "off_basis_points": 1000}])

        outcomes = at_once([partial(order, price=price) for price in (100, 200, 300, 400, 500) * 4])

        saved = [10, 20, 30, 40, 50] * 4
        spent = sum(amount for amount, outcome in zip(saved, outcomes, strict=True) if outcome == "done")
        assert budget_left() == 100 - spent >= 0
        check_sound(tables)

    def test_and_uses_are_taken_together_or_not_at_all(self, tables: Any):
        put(limits={"uses": 3, **budget(1000)})

        outcomes = at_once([order] * 16)

        assert outcomes.count("done") + order_on() == 3
        assert (uses_left(), budget_left()) == (0, 910)
        check_sound(tables)


class TestCustomers:
    def test_have_a_promotion_as_often_as_they_may(self, tables: Any):
        put(limits={"uses_per_customer": 2})

        outcomes = at_once([partial(order, email=email) for email in ("ann@example.com", "Bea@example.com") * 12])

        assert (outcomes[::2].count("done"), outcomes[1::2].count("done")) == (2, 2)
        assert applied(priced(email="ANN@example.com ")) == ["used_by_customer"]
        assert applied(priced(email="cy@example.com")) == ["applied"]

    def test_are_known_by_hashes_alone(self, tables: Any):
        put(limits={"uses_per_customer": 2}, conditions=[{"kind": "first_order"}])

        order()

        assert "ann" not in str(rows(tables, ""))
        assert len(rows(tables, "customer#")) == 2

    def test_are_known_by_the_key_before_too(self, tables: Any, monkeypatch: pytest.MonkeyPatch):
        put(limits={"uses_per_customer": 2})
        held: list[Uses] = []
        order(among=held)

        monkeypatch.setattr(ssm, "_parsed", lambda _: OTHER_KEYS)
        outcomes = at_once([order] * 8)

        assert outcomes.count("done") == 1
        assert applied(priced()) == ["used_by_customer"]
        close(held[0])
        assert applied(priced()) == ["applied"]

    def test_have_one_first_order(self, tables: Any):
        put(conditions=[{"kind": "first_order"}])
        held: list[Uses] = []

        outcomes = at_once([partial(order, among=held)] * 16)

        assert outcomes.count("done") == 1
        assert applied(priced()) == ["not_first_order"]
        assert applied(priced(email="")) == ["customer_unknown"]
        close(held[0])
        assert applied(priced()) == ["applied"]

    def test_who_ordered_something_else_meanwhile_have_no_first_order_any_more(self, tables: Any):
        held: list[Uses] = []
        put("other")
        order(among=held)
        put(conditions=[{"kind": "first_order"}])
        order(among=held)

        at_once([partial(place, held[0]), partial(close, held[1])])

        assert applied(priced()) == ["applied", "not_first_order"]

    def test_whose_first_order_is_placed_and_canceled_have_it_again(self, tables: Any):
        put(conditions=[{"kind": "first_order"}])
        held: list[Uses] = []
        order(among=held)

        place(held[0])
        assert applied(priced()) == ["not_first_order"]
        close(held[0], was_placed=True)

        assert applied(priced()) == ["applied"]


class TestCodes:
    def test_that_work_once_work_once(self, tables: Any):
        put(trigger="code")
        make(code="ONCE", uses_at_most=1)
        held: list[Uses] = []

        outcomes = at_once([partial(order, "once", among=held)] * CROWD)

        assert outcomes.count("done") == 1
        assert applied(priced("ONCE")) == ["code_used"]
        close(held[0])
        assert applied(priced("ONCE")) == ["applied"]

    def test_that_work_several_times_work_so_often(self, tables: Any):
        put(trigger="code")
        make(code="FEW", uses_at_most=3)

        outcomes = at_once([partial(order, "FEW")] * 24)

        assert outcomes.count("done") == 3
        assert applied(priced("FEW")) == ["code_used"]

    def test_of_a_batch_are_used_each_by_one(self, tables: Any):
        put(trigger="code", limits={"uses": 6})
        make(batch="mail", quantity=10)
        codes = [row["text"]["S"] for row in rows(tables, "code#")]

        outcomes = at_once([partial(order, code) for code in codes * 3])

        assert outcomes.count("done") == 6
        assert sum("used_by" in row for row in rows(tables, "code#")) == 6
        check_sound(tables)

    def test_of_five_promotions_are_taken_together(self, tables: Any):
        names = ["a", "b", "c", "d", "e"]
        for name in names:
            put(name, trigger="code", limits={"uses": 3, "uses_per_customer": 1, **budget(90)})
            make(name, code=f"CODE-{name}", uses_at_most=3)

        outcomes = at_once(
            [partial(order, *(f"CODE-{name}" for name in names), email=shopper(number)) for number in range(12)]
        )

        # Who reads while others order may find some of the codes used up, and others not yet.
        assert 3 <= outcomes.count("done") + order_on(*(f"CODE-{name}" for name in names)) <= 5
        assert [uses_left(name) for name in names] == [0] * 5
        assert [budget_left(name) for name in names] == [0] * 5


class TestBatch:
    def test_asked_for_by_many_at_once_has_no_code_too_many(self, tables: Any):
        put(trigger="code")

        outcomes = at_once([partial(make, batch="mail", quantity=200, key=None)] * 6)
        again = make(batch="mail", quantity=200)

        assert again.batch.made == 200
        assert len(rows(tables, "code#")) == 200
        assert {getattr(each, "batch", None) is not None or each == "request.write_conflict" for each in outcomes} == {
            True
        }

    def test_of_one_key_at_once_is_made_once(self, tables: Any):
        put(trigger="code")

        at_once([partial(make, batch="mail", quantity=5, key="k-1")] * 8)

        assert len(rows(tables, "code#")) == 5

    def test_one_code_at_once_belongs_to_one_promotion(self, tables: Any):
        put("a", trigger="code")
        put("b", trigger="code")

        outcomes = at_once([partial(make, name, code="SUMMER") for name in ("a", "b") * 8])

        assert outcomes.count("promotions.code_taken") == 15


class TestGivenBack:
    def test_once_however_often_an_order_is_closed(self, tables: Any):
        put(trigger="code", limits={"uses": 5, "uses_per_customer": 3, **budget(300)})
        make(code="SUMMER", uses_at_most=2)
        held: list[Uses] = []
        order("SUMMER", among=held)
        order("SUMMER", among=held)
        assert applied(priced("SUMMER")) == ["code_used"]

        order_id = new_id("ord")
        outcomes = at_once([partial(close, held[0], order_id)] * 12)

        assert outcomes.count("done") == 1
        assert (uses_left(), budget_left()) == (4, 270)
        [code] = rows(tables, "code#")
        [customer] = rows(tables, "customer#")
        assert (code["uses_left"]["N"], customer["uses"]["N"]) == ("1", "1")
