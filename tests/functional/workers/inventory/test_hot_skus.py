"""SKUs that too many buy at the same moment: how they are found, split, evened out and watched."""

from typing import Any

import pytest

from commerce.inventory import contention, ledger
from commerce.inventory.model import Bucket
from commerce.kernel import clock
from tests.functional.workers.inventory.conftest import Image, Warehouse, available
from tests.support.calls import counted
from tests.support.store import Store
from tests.unit.edge.dynamo import canceled, failure, trouble

HOT = 7
"""Conflicts that a shard bears, here."""

HELD = canceled("None", "TransactionConflict")
"""Another transaction held the level: the second action of a movement of one SKU."""


def split(store: Store, shards: int) -> None:
    assert store.put("/v1/admin/stock/TEE-S/shards", {"shards": shards}).status == 200


def shards_of(store: Store) -> int:
    levels: list[dict[str, Any]] = store.get("/v1/admin/stock/TEE-S").body["levels"]
    return int(levels[0]["shards"])


def parts(store: Store) -> dict[str, int]:
    """Return what is available in each row of the level."""
    rows = [item for item in store.items("inventory") if item["sk"]["S"].startswith("level#")]
    return {row["sk"]["S"].removeprefix("level#"): int(row.get("available", {"N": "0"})["N"]) for row in rows}


def fought_over(warehouse: Warehouse, times: int) -> Image:
    """Sell units one by one, each after a few conflicts, until there were so many; return the last movement."""
    image: Image = {}
    for _ in range(times // 5):
        with trouble("TransactWriteItems", *[HELD] * 5):
            image = warehouse.sell(1)
    with trouble("TransactWriteItems", *[HELD] * (times % 5)):
        return warehouse.sell(1) if times % 5 else image


class TestRule:
    @pytest.fixture(autouse=True)
    def _patient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tenacity.nap.time.sleep", lambda _: None)
        monkeypatch.setattr(contention, "HOT", HOT)

    @pytest.mark.parametrize(("conflicts", "shards"), [(HOT, 1), (HOT + 1, 4)])
    def test_a_sku_is_split_when_transactions_meet_at_it_too_often_within_a_minute(
        self, store: Store, warehouse: Warehouse, conflicts: int, shards: int
    ):
        warehouse.receive(100)

        warehouse.deliver(fought_over(warehouse, conflicts))

        assert shards_of(store) == shards
        assert sum(parts(store).values()) == available(store)["TEE-S"]
        assert ledger.differences(with_history=False) == ()

    def test_a_split_sku_is_split_further_when_that_is_not_enough_and_never_beyond_sixteen(
        self, store: Store, warehouse: Warehouse
    ):
        warehouse.receive(1000)

        found = []
        for conflicts in (HOT + 1, HOT + 1, 4 * HOT, 16 * HOT + 1):
            warehouse.deliver(fought_over(warehouse, conflicts))
            found.append(shards_of(store))

        assert found == [4, 4, 16, 16], "four shards bear four times as many, and a split begins a new count"

    def test_conflicts_of_long_ago_do_not_count(self, store: Store, warehouse: Warehouse):
        warehouse.receive(100)
        fought_over(warehouse, HOT)
        clock.set_offset(60)
        fought_over(warehouse, HOT)
        image = warehouse.sell(1)
        warehouse.deliver(image)
        assert shards_of(store) == 1

        fought_over(warehouse, 1)
        clock.set_offset(180)
        warehouse.deliver(warehouse.sell(1))
        assert shards_of(store) == 1

    def test_it_is_split_later_when_buyers_are_faster(self, store: Store, warehouse: Warehouse):
        warehouse.receive(100)
        image = fought_over(warehouse, HOT + 1)
        taken = canceled("None", "ConditionalCheckFailed")

        with trouble("TransactWriteItems", taken):
            assert warehouse.deliver(image) == {"batchItemFailures": []}
        assert shards_of(store) == 1
        warehouse.deliver(warehouse.sell(1))

        assert shards_of(store) == 4

    def test_a_sale_costs_nothing_more_when_nobody_meets_it(self, store: Store, warehouse: Warehouse):
        warehouse.receive(100)

        with counted(store) as calls:
            warehouse.sell(1)

        assert calls == {"TransactWriteItems": 1}

    @pytest.mark.parametrize("code", ["ThrottlingException", "TransactionConflictException"])
    def test_a_sale_goes_through_when_conflicts_cannot_be_counted(self, store: Store, warehouse: Warehouse, code: str):
        warehouse.receive(100)

        with trouble("UpdateItem", *[failure(code)] * 9), trouble("TransactWriteItems", HELD):
            warehouse.deliver(warehouse.sell(1))

        assert available(store)["TEE-S"] in {0, 99}
        assert shards_of(store) == 1

    def test_the_audit_passes_over_the_count(self, warehouse: Warehouse):
        warehouse.receive(100)
        fought_over(warehouse, 3)

        assert ledger.differences(with_history=False) == ()


class TestEveningOut:
    def test_units_that_came_into_one_shard_are_spread(self, store: Store, warehouse: Warehouse):
        split(store, 4)

        warehouse.deliver(warehouse.receive(40))

        assert parts(store) == {"main": 10, "main#1": 10, "main#2": 10, "main#3": 10}
        assert available(store)["TEE-S"] == 40

    def test_does_not_follow_from_itself(self, store: Store, warehouse: Warehouse):
        split(store, 4)
        warehouse.deliver(warehouse.receive(40))
        [evened] = [image for image in warehouse.documents() if image["reason"]["S"] == "rebalance"]

        warehouse.deliver(evened)

        assert len(warehouse.documents()) == 2
        assert len(warehouse.history()) == 1 + 4

    def test_a_few_units_stay_where_they_are(self, store: Store, warehouse: Warehouse):
        split(store, 4)

        warehouse.deliver(warehouse.receive(7))

        assert parts(store) == {"main": 7}


class TestLowStock:
    def test_is_about_all_shards_together(self, store: Store, warehouse: Warehouse):
        warehouse.receive(40)
        split(store, 4)
        warehouse.set_threshold(35)

        warehouse.deliver(warehouse.sell(4))
        assert warehouse.announced() == []
        warehouse.deliver(warehouse.sell(1))
        warehouse.deliver(warehouse.sell(1))
        warehouse.deliver(warehouse.receive(9))

        assert warehouse.announced() == [("stock_low", 35), ("stock_recovered", 43)]

    def test_is_told_by_the_clock_when_the_stream_lost_it(self, store: Store, warehouse: Warehouse):
        warehouse.receive(40)
        split(store, 4)
        warehouse.set_threshold(35)
        warehouse.sell(5)
        clock.set_offset(121)

        store.invoke("inventory/reproject_movements")

        assert warehouse.announced() == [("stock_low", 35)]

    def test_a_movement_of_held_units_changes_no_sum(self, store: Store, warehouse: Warehouse):
        warehouse.receive(40)
        split(store, 4)
        warehouse.sell(5)

        warehouse.deliver(warehouse.move(Bucket.RESERVED, Bucket.COMMITTED, 5))

        assert store.get("/v1/admin/stock/TEE-S").body["levels"][0]["committed"] == 5
