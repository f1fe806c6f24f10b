"""What a movement's projection costs in calls to DynamoDB."""

from tests.functional.workers.inventory.conftest import Warehouse
from tests.support.calls import counted


class TestCalls:
    def test_grow_with_the_skus_of_a_movement_only(self, warehouse: Warehouse):
        one, two = warehouse.receive(5), warehouse.receive(5, skus=("TEE-S", "TEE-M"))

        with counted(warehouse.store) as for_one:
            warehouse.deliver(one)
        with counted(warehouse.store) as for_two:
            warehouse.deliver(two)

        # A history of one row is put alone; the catalog is told by one update each of variant, product and listings.
        assert (for_one["Query"], for_two["Query"]) == (1, 2)
        assert (for_one["PutItem"], for_one["TransactWriteItems"]) == (1, 1)
        assert for_two["TransactWriteItems"] == 2
        assert for_two["UpdateItem"] == 2 * for_one["UpdateItem"]
