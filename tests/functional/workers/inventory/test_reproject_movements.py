"""The clock's run over movements that the stream lost."""

from commerce.inventory import ledger
from commerce.kernel import clock
from tests.functional.workers.inventory.conftest import Warehouse, available
from tests.support.store import Store

REPROJECT = "inventory/reproject_movements"


class TestReprojectMovements:
    def test_projects_what_the_stream_lost(self, store: Store, warehouse: Warehouse):
        for quantity in range(1, 11):
            warehouse.receive(quantity)
        clock.set_offset(121)

        counts = store.invoke(REPROJECT)

        assert counts == {"projected": 10, "failed": 0}
        assert warehouse.waiting() == []
        assert available(store)["TEE-S"] == 55
        assert ledger.differences() == ()

    def test_leaves_what_a_later_movement_told_already(self, store: Store, warehouse: Warehouse):
        warehouse.receive(5)
        warehouse.deliver(warehouse.receive(3))
        clock.set_offset(121)

        counts = store.invoke(REPROJECT)

        assert counts == {"projected": 1, "failed": 0}
        assert available(store)["TEE-S"] == 8
        assert ledger.differences() == ()

    def test_announces_low_stock_that_the_stream_lost(self, store: Store, warehouse: Warehouse):
        warehouse.receive(5)
        warehouse.set_threshold(3)
        warehouse.sell(4)
        clock.set_offset(121)

        store.invoke(REPROJECT)

        assert warehouse.announced() == [("stock_low", 1)]

    def test_leaves_what_the_stream_may_still_bring(self, store: Store, warehouse: Warehouse):
        warehouse.receive(5)
        clock.set_offset(60)

        assert store.invoke(REPROJECT) == {"projected": 0, "failed": 0}

    def test_does_nothing_twice(self, store: Store, warehouse: Warehouse):
        warehouse.deliver(warehouse.receive(5))
        clock.set_offset(600)

        assert store.invoke(REPROJECT) == {"projected": 0, "failed": 0}

    def test_goes_on_after_a_movement_that_cannot_be_projected(self, store: Store, warehouse: Warehouse):
        images = [warehouse.receive(5) for _ in range(4)]
        poisoned = {**images[1], "actor": {"N": "1"}}
        store.dynamodb.put_item(TableName="test-inventory", Item=poisoned)
        clock.set_offset(600)

        counts = store.invoke(REPROJECT)

        assert counts == {"projected": 3, "failed": 1}
        assert warehouse.waiting() == [poisoned["pk"]["S"]]
