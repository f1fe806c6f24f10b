"""DynamoDB did it, and the answer got lost: the SDK repeats the call, and the effect must stay one."""

from typing import Any

import pytest

from commerce.promotions.uses import Uses
from tests.faults.promotions.conftest import (
    applied,
    budget,
    budget_left,
    check_sound,
    close,
    make,
    order,
    priced,
    put,
    rows,
    uses_left,
)
from tests.support.dynamodb_local import JustBefore, LostResponse

pytestmark = pytest.mark.java

BOTH = pytest.mark.parametrize("tokens_count", [True, False])


class TestLostResponse:
    @BOTH
    def test_takes_once(self, tables: Any, *, tokens_count: bool):
        put(trigger="code", limits={"uses": 5, "uses_per_customer": 3, **budget(1000)})
        make(code="SUMMER", uses_at_most=3)

        with LostResponse("TransactWriteItems", tokens_count=tokens_count) as lost:
            order("SUMMER")

        assert lost.sent == 2
        assert (uses_left(), budget_left()) == (4, 970)
        [code] = rows(tables, "code#")
        [customer] = rows(tables, "customer#")
        assert (code["uses_left"]["N"], customer["uses"]["N"]) == ("2", "1")

    @BOTH
    def test_takes_the_last_use_and_does_not_call_it_used_up(self, tables: Any, *, tokens_count: bool):
        put(limits={"uses": 1})

        with LostResponse("TransactWriteItems", tokens_count=tokens_count):
            order()

        assert uses_left() == 0

    @BOTH
    def test_gives_back_once(self, tables: Any, *, tokens_count: bool):
        put(limits={"uses": 5, **budget(1000)})
        held: list[Uses] = []
        order(among=held)

        with LostResponse("TransactWriteItems", tokens_count=tokens_count):
            close(held[0])

        assert (uses_left(), budget_left()) == (5, 1000)

    @BOTH
    def test_moves_between_parts_change_no_sum(self, tables: Any, *, tokens_count: bool):
        put(limits=budget(60))

        with LostResponse("TransactWriteItems", tokens_count=tokens_count) as lost:
            order()

        assert lost.sent > 2
        assert budget_left() == 30
        check_sound(tables)

    @BOTH
    def test_makes_a_batch_once(self, tables: Any, *, tokens_count: bool):
        put(trigger="code")

        with LostResponse("TransactWriteItems", tokens_count=tokens_count):
            made = make(batch="mail", quantity=120)

        assert made.batch.made == 120
        assert len(rows(tables, "code#")) == 120

    @BOTH
    def test_puts_a_promotion_and_its_limits_once(self, tables: Any, *, tokens_count: bool):
        put(limits={"uses": 5})

        with LostResponse("TransactWriteItems", tokens_count=tokens_count):
            put(limits={"uses": 50})

        assert uses_left() == 50


class TestOvertaken:
    def test_between_pricing_and_ordering_prices_again(self, tables: Any):
        put(limits={"uses": 1})

        with pytest.raises(Exception, match="used_up"), JustBefore("TransactWriteItems", order):
            order()

        assert uses_left() == 0

    def test_while_parts_are_moved_reads_them_again(self, tables: Any):
        put(limits=budget(90))

        with JustBefore("TransactWriteItems", order):
            order()

        assert budget_left() == 30
        assert applied(priced()) == ["applied"]
        check_sound(tables)
