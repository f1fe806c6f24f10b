"""Many hands on the same stock: nothing is oversold, nothing is lost, and every unit is explained."""

from functools import partial
from typing import Any

import pytest

from commerce.inventory import ledger, low_stock, projection, queries, staff_operations
from commerce.inventory.model import Bucket
from commerce.inventory.schemas import Adjustment, LowStockThreshold, StockSetting
from commerce.kernel import clock
from commerce.kernel.call import system_call
from tests.faults.inventory.conftest import announced, documents, level, move, receive, reserve
from tests.support.dynamodb_local import JustBefore
from tests.support.racing import at_once, staff_call

pytestmark = pytest.mark.java


def adjust(delta: int, *, key: str | None = None) -> None:
    new = Adjustment(location="main", delta=delta, reason="counted")
    staff_operations.adjust(sku="TEE-S", new=new, call=staff_call(key), dry_run=False)


def set_available(available: int, *, expected: int | None) -> None:
    new = StockSetting(available=available, expected_available=expected, reason="shelf count")
    staff_operations.set_available(sku="TEE-S", location="main", new=new, call=staff_call(), dry_run=False)


def set_threshold(threshold: int) -> None:
    new = LowStockThreshold(threshold=threshold)
    staff_operations.set_low_stock_threshold(sku="TEE-S", location="main", new=new, call=staff_call())


def project(image: dict[str, Any]) -> None:
    assert projection.project_movements(images=[image], call=system_call(worker="test", now=clock.now())) == []


class TestReserve:
    def test_of_64_shoppers_at_once_as_many_are_served_as_there_are_units(self, tables: Any):
        receive(5)

        outcomes = at_once([reserve_one] * 64)

        assert (outcomes.count("done"), outcomes.count("inventory.insufficient_stock")) == (5, 59)
        assert (level().available, level().reserved) == (0, 5)
        assert ledger.differences(with_history=False) == ()

    def test_of_carts_with_the_same_skus_in_any_order_none_is_served_by_half(self, tables: Any):
        receive(7, "TEE-S", "TEE-M", "MUG")

        carts = [("TEE-S", "TEE-M"), ("TEE-M", "MUG"), ("MUG", "TEE-S"), ("MUG", "TEE-M", "TEE-S")] * 8
        outcomes = at_once([partial(reserve, 1, *cart) for cart in carts])

        served = [cart for cart, outcome in zip(carts, outcomes, strict=True) if outcome == "done"]
        for sku in ("TEE-S", "TEE-M", "MUG"):
            assert level(sku).reserved == sum(cart.count(sku) for cart in served) <= 7
        assert set(outcomes) <= {"done", "inventory.insufficient_stock"}
        assert ledger.differences(with_history=False) == ()

    def test_of_one_sku_on_two_lines_never_takes_more_than_there_is(self, tables: Any):
        receive(5)

        outcomes = at_once([partial(reserve, 1, "TEE-S", "TEE-S")] * 8)

        assert outcomes.count("done") == 2
        assert (level().available, level().reserved) == (1, 4)

    def test_and_release_at_once_keep_every_unit(self, tables: Any):
        receive(10)
        reserve(5)

        at_once([reserve_one, partial(move, Bucket.RESERVED, Bucket.AVAILABLE, 1), partial(adjust, -1)] * 12)

        assert level().is_sound
        assert ledger.differences(with_history=False) == ()


class TestByHand:
    def test_two_additions_at_once_add_up(self, tables: Any):
        receive(1)

        assert at_once([partial(adjust, 5), partial(adjust, 5)]) == ["done", "done"]

        assert level().available == 11

    def test_the_same_key_at_once_counts_once(self, tables: Any):
        receive(1)

        outcomes = at_once([partial(adjust, 5, key="k-1")] * 10)

        assert sorted(outcomes) == ["already done"] * 9 + ["done"]
        assert level().available == 6
        assert ledger.differences(with_history=False) == ()

    def test_of_those_who_saw_the_same_quantity_one_sets_it(self, tables: Any):
        receive(4)

        outcomes = at_once([partial(set_available, 10 + number, expected=4) for number in range(10)])

        assert sorted(outcomes) == ["done"] + ["inventory.stale_quantity"] * 9
        assert ledger.differences(with_history=False) == ()

    def test_setting_without_looking_loses_no_sale_that_happens_meanwhile(self, tables: Any):
        receive(50)

        at_once([*[partial(set_available, 40, expected=None)] * 3, *[reserve_one] * 20])

        assert level().reserved == 20
        assert level().is_sound
        assert ledger.differences(with_history=False) == ()


class TestLowStock:
    def test_is_announced_once_however_many_tell_of_it(self, tables: Any):
        receive(10)
        set_threshold(8)
        at_once([reserve_one] * 6)

        outcomes = at_once([partial(project, image) for image in documents(tables)] * 3)

        assert set(outcomes) == {"done"}
        assert announced(tables) == ["inventory.stock_low"]
        assert ledger.differences() == ()

    def test_is_not_missed_when_a_sale_comes_between_reading_the_level_and_setting_its_threshold(self, tables: Any):
        receive(10)

        def sell() -> None:
            reserve(8)
            for image in documents(tables):
                project(image)

        with JustBefore("TransactWriteItems", sell):
            set_threshold(3)

        assert announced(tables) == ["inventory.stock_low"]

    def test_is_not_announced_when_it_recovered_before_the_announcement(self, tables: Any):
        receive(10)
        set_threshold(3)
        reserve(8)
        level_row = queries.stored_rows(sku="TEE-S")

        receive(5)
        low_stock.watch(rows=level_row, call=staff_call())

        assert announced(tables) == []

    def test_alternates_with_recovery(self, tables: Any):
        receive(10)
        set_threshold(5)

        works = [partial(reserve, 6), partial(receive, 6), partial(reserve, 6), partial(receive, 6)]
        for work in works:
            at_once([work])
            at_once([partial(project, image) for image in documents(tables)])

        assert announced(tables) == ["inventory.stock_low", "inventory.stock_recovered"] * 2


def reserve_one() -> None:
    reserve(1)
