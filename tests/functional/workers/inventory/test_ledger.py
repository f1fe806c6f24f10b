"""The audit that compares levels, movements and history."""

from commerce.inventory import ledger
from commerce.inventory.model import Bucket
from tests.functional.workers.inventory.conftest import Warehouse

KEYS = {"pk": {"S": "sku#TEE-S"}, "sk": {"S": "level#main"}}


class TestDifferences:
    def test_finds_none_after_a_shop_s_life(self, warehouse: Warehouse):
        images = [
            warehouse.receive(20, skus=("TEE-S", "TEE-M")),
            warehouse.sell(9),
            warehouse.move(Bucket.RESERVED, Bucket.COMMITTED, 6),
            warehouse.move(Bucket.RESERVED, Bucket.AVAILABLE, 3),
            warehouse.move(Bucket.COMMITTED, Bucket.DISPATCHED, 5),
            warehouse.move(Bucket.DISPATCHED, Bucket.QUALITY_HOLD, 2),
            warehouse.move(Bucket.QUALITY_HOLD, Bucket.DAMAGED, 2),
            warehouse.move(Bucket.DAMAGED, Bucket.WRITTEN_OFF, 1),
            warehouse.move(Bucket.AVAILABLE, None, 4),
        ]

        warehouse.deliver(*images)

        assert ledger.differences() == ()

    def test_finds_a_level_that_was_tampered_with(self, warehouse: Warehouse):
        warehouse.deliver(warehouse.receive(5))

        warehouse.store.dynamodb.update_item(
            TableName="test-inventory",
            Key=KEYS,
            UpdateExpression="ADD available :more",
            ExpressionAttributeValues={":more": {"N": "2"}},
        )

        assert [str(difference) for difference in ledger.differences()] == [
            "TEE-S main: available is 7, expected 5",
            "TEE-S main: buckets is 7, expected 5",
        ]

    def test_finds_movements_that_the_level_lacks(self, warehouse: Warehouse):
        warehouse.deliver(warehouse.receive(5))

        warehouse.store.dynamodb.delete_item(TableName="test-inventory", Key=KEYS)

        assert {(one.what, one.expected, one.found) for one in ledger.differences()} == {
            ("available", 5, 0),
            ("received", 5, 0),
        }

    def test_finds_history_that_is_missing_or_made_up(self, warehouse: Warehouse):
        first, second = warehouse.receive(5), warehouse.receive(6)
        warehouse.deliver(first)
        [row] = warehouse.history()

        warehouse.store.dynamodb.put_item(TableName="test-inventory", Item={**row, "quantity": {"N": "50"}})

        wrong = [(one.where, one.what, one.expected, one.found) for one in ledger.differences()]
        ids = [image["pk"]["S"].removeprefix("movement#") for image in (first, second)]
        assert sorted(wrong) == sorted(
            [
                (ids[0], "history", 0, 1),
                (ids[0], "history", 1, 0),
                (ids[1], "history", 1, 0),
            ]
        )
        assert ledger.differences(with_history=False) == ()
