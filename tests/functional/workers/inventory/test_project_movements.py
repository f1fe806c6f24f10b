"""The stream's consumer: history, availability in the catalog, and low stock."""

from itertools import permutations

import pytest

from commerce.inventory import ledger
from commerce.inventory.model import Bucket
from tests.functional.workers.inventory.conftest import Warehouse, available
from tests.support.store import Store


class TestHistory:
    def test_tells_each_sku_of_a_movement(self, store: Store, warehouse: Warehouse):
        image = warehouse.receive(5, skus=("TEE-S", "TEE-M"))

        assert warehouse.deliver(image) == {"batchItemFailures": []}

        for sku in ("TEE-S", "TEE-M"):
            [entry] = store.get(f"/v1/admin/stock/{sku}/movements").body["items"]
            assert (entry["from"], entry["to"], entry["quantity"], entry["actor"]) == (
                None,
                "available",
                5,
                "system:test",
            )
        assert ledger.differences() == ()

    def test_stays_the_same_when_a_record_comes_again(self, warehouse: Warehouse):
        images = [warehouse.receive(5), warehouse.sell(2)]
        warehouse.deliver(*images)
        before = warehouse.store.items("inventory")

        warehouse.deliver(*images, *reversed(images))

        assert sorted(map(str, warehouse.store.items("inventory"))) == sorted(map(str, before))
        assert ledger.differences() == ()

    def test_takes_the_mark_away_when_all_is_done(self, warehouse: Warehouse):
        image = warehouse.receive(5)
        assert warehouse.waiting() == [image["pk"]["S"]]

        warehouse.deliver(image)

        assert warehouse.waiting() == []

    def test_of_a_movement_larger_than_a_transaction_is_whole(self, warehouse: Warehouse):
        image = warehouse.receive(1, skus=[f"SKU-{number}" for number in range(99)])

        warehouse.deliver(image)

        assert len(warehouse.history()) == 99
        assert ledger.differences() == ()


class TestAvailability:
    def test_shows_in_the_catalog(self, store: Store, warehouse: Warehouse):
        warehouse.deliver(warehouse.receive(5), warehouse.sell(2))

        assert available(store) == {"TEE-S": 3, "TEE-M": 0}

    @pytest.mark.parametrize("order", list(permutations(range(3))))
    def test_is_right_whatever_the_order_of_records(self, store: Store, warehouse: Warehouse, order: tuple[int, ...]):
        images = [warehouse.receive(5), warehouse.sell(4), warehouse.move(Bucket.RESERVED, Bucket.AVAILABLE, 1)]

        for place in order:
            warehouse.deliver(images[place])

        assert available(store)["TEE-S"] == 2

    def test_leaves_out_locations_that_do_not_sell(self, store: Store, warehouse: Warehouse):
        warehouse.deliver(warehouse.receive(5), warehouse.receive(7, location="closed-shop"))

        assert available(store)["TEE-S"] == 5


class TestLowStock:
    def test_is_announced_when_it_reaches_the_threshold(self, warehouse: Warehouse):
        first = warehouse.receive(10)
        warehouse.set_threshold(3)
        warehouse.deliver(first, warehouse.sell(6))
        assert warehouse.announced() == []

        warehouse.deliver(warehouse.sell(1))

        assert warehouse.announced() == [("stock_low", 3)]

    def test_is_announced_once_while_it_falls_further(self, warehouse: Warehouse):
        warehouse.receive(10)
        warehouse.set_threshold(3)

        for _ in range(4):
            image = warehouse.sell(2)
            warehouse.deliver(image)
            warehouse.deliver(image)

        assert warehouse.announced() == [("stock_low", 2)]

    def test_is_announced_again_after_it_recovered(self, warehouse: Warehouse):
        warehouse.receive(10)
        warehouse.set_threshold(3)

        for image in (warehouse.sell(8), warehouse.receive(5), warehouse.sell(5)):
            warehouse.deliver(image)

        # The consumer sees the level as it is, so it is the last state that counts when records come late.
        assert warehouse.announced() == [("stock_low", 2)]
        warehouse.deliver(warehouse.receive(5))
        warehouse.deliver(warehouse.sell(5))
        assert warehouse.announced() == [("stock_low", 2), ("stock_recovered", 7), ("stock_low", 2)]

    def test_needs_a_threshold(self, warehouse: Warehouse):
        warehouse.deliver(warehouse.receive(5), warehouse.sell(5))

        assert warehouse.announced() == []

    def test_is_told_for_each_location_alone(self, warehouse: Warehouse):
        warehouse.receive(9, location="main")
        warehouse.receive(9, location="closed-shop")
        warehouse.set_threshold(3, location="closed-shop")

        warehouse.deliver(warehouse.sell(9, location="main"), warehouse.sell(7, location="closed-shop"))

        assert warehouse.announced() == [("stock_low", 2)]


class TestTrouble:
    def test_a_record_that_fails_is_tried_again_from_there_on(self, warehouse: Warehouse):
        good, poisoned = warehouse.receive(5), warehouse.receive(6)
        poisoned["moves"]["L"][0]["M"]["to"] = {"N": "1"}

        answer = warehouse.deliver(good, poisoned)

        assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
        assert warehouse.waiting() == [poisoned["pk"]["S"]]
