"""DynamoDB did it, and the answer got lost: the SDK repeats the call, and the effect must stay one."""

from typing import Any

import pytest

from commerce.inventory import ledger, projection, staff_operations
from commerce.inventory.schemas import Adjustment, LowStockThreshold
from commerce.kernel import clock
from commerce.kernel.call import system_call
from commerce.kernel.records import connection
from tests.faults.inventory.conftest import announced, documents, level, receive, reserve
from tests.support.dynamodb_local import LostResponse
from tests.support.racing import staff_call

pytestmark = pytest.mark.java


def project_all(tables: Any) -> None:
    for image in documents(tables):
        assert projection.project_movements(images=[image], call=system_call(worker="test", now=clock.now())) == []


class TestLostResponse:
    def test_is_a_fault_that_doubles_a_bare_counter(self, tables: Any):
        receive(5)

        with LostResponse("UpdateItem") as lost:
            bare = {
                "TableName": "test-inventory",
                "Key": {"pk": {"S": "sku#TEE-S"}, "sk": {"S": "level#main"}},
                "UpdateExpression": "ADD available :more",
                "ExpressionAttributeValues": {":more": {"N": "1"}},
            }
            connection().dispatch("UpdateItem", bare)

        assert lost.sent == 2
        assert level().available == 7

    @pytest.mark.parametrize("tokens_count", [True, False])
    def test_reserves_once(self, tables: Any, *, tokens_count: bool):
        receive(5)

        with LostResponse("TransactWriteItems", tokens_count=tokens_count) as lost:
            reserve(2)

        assert lost.sent == 2
        assert (level().available, level().reserved, level().revision) == (3, 2, 2)
        assert ledger.differences(with_history=False) == ()

    @pytest.mark.parametrize("tokens_count", [True, False])
    def test_takes_the_last_units_once_and_does_not_call_them_missing(self, tables: Any, *, tokens_count: bool):
        receive(2)

        with LostResponse("TransactWriteItems", tokens_count=tokens_count):
            reserve(2)

        assert (level().available, level().reserved) == (0, 2)

    def test_is_recognized_after_the_movement_was_projected(self, tables: Any):
        receive(5)

        with LostResponse("TransactWriteItems", tokens_count=False, meanwhile=lambda: project_all(tables)):
            reserve(2)

        assert (level().available, level().reserved) == (3, 2)
        assert ledger.differences() == ()

    @pytest.mark.parametrize("key", [None, "k-1"])
    def test_adjusts_once_also_with_compare_and_set(self, tables: Any, key: str | None):
        receive(5)
        new = Adjustment(location="main", delta=5, reason="counted", expected_available=5)

        with LostResponse("TransactWriteItems", tokens_count=False):
            answer = staff_operations.adjust(sku="TEE-S", new=new, call=staff_call(key), dry_run=False)

        assert answer.available == level().available == 10
        assert ledger.differences(with_history=False) == ()

    def test_announces_low_stock_once(self, tables: Any):
        receive(5)
        new = LowStockThreshold(threshold=5)

        with LostResponse("TransactWriteItems", tokens_count=False) as lost:
            staff_operations.set_low_stock_threshold(sku="TEE-S", location="main", new=new, call=staff_call())

        assert lost.sent == 2
        assert announced(tables) == ["inventory.stock_low"]

    def test_projects_once(self, tables: Any):
        receive(5)

        with LostResponse("TransactWriteItems", tokens_count=False):
            project_all(tables)

        assert ledger.differences() == ()
