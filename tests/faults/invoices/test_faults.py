"""A response is lost, a process dies: at whatever call, a number is taken by a document or not at all."""

from typing import Any, Self
from unittest.mock import patch

import pytest
from botocore.httpsession import URLLib3Session

from commerce.invoices import operations
from commerce.kernel import records
from tests.faults.invoices.conftest import YEAR, Shop
from tests.support.dynamodb_local import LostResponse
from tests.support.sales import back

pytestmark = pytest.mark.java

MOST_CALLS = 40
INVOICES, CREDIT_NOTES = f"INV-{YEAR}-", f"CN-{YEAR}-"


class Died(BaseException):
    """The process is gone: nothing that it would have caught is caught."""


class DiesAt:
    """Ends the process at its n-th call to DynamoDB.

    :ivar died: whether it came that far.
    """

    def __init__(self, call: int, *, after: bool) -> None:
        """
        :param after: DynamoDB still carries the call out.
        """
        self._left = call
        self._after = after
        self.died = False

    def __enter__(self) -> Self:
        records.connection().client.meta.events.register_first("before-send.dynamodb", self._send)
        return self

    def __exit__(self, _: object, error: object, __: object) -> bool:
        records.connection().client.meta.events.unregister("before-send.dynamodb", self._send)
        return isinstance(error, Died)

    def _send(self, request: Any, **_: Any) -> None:
        self._left -= 1
        if self._left:
            return
        self.died = True
        if self._after:
            session = URLLib3Session()
            session.send(request)
            session.close()
        raise Died


class TestLostResponse:
    @pytest.mark.parametrize("tokens_count", [True, False])
    def test_takes_one_number(self, shop: Shop, *, tokens_count: bool) -> None:
        with LostResponse("TransactWriteItems", tokens_count=tokens_count) as lost:
            shop.tell("ord_1")
        shop.tell("ord_2")

        assert lost.sent == 2
        shop.check(INVOICES, 2)
        assert shop.numbers(INVOICES) == [number_of(shop, "ord_1"), number_of(shop, "ord_2")]

    def test_takes_one_number_also_when_others_took_theirs_before_the_repeat(self, shop: Shop) -> None:
        others = [lambda: shop.tell("ord_2"), lambda: shop.tell("ord_1")]

        def meanwhile() -> None:
            for other in others:
                other()

        with LostResponse("TransactWriteItems", tokens_count=False, meanwhile=meanwhile):
            shop.tell("ord_1")

        shop.check(INVOICES, 2)
        assert number_of(shop, "ord_1") == f"{INVOICES}000001"

    def test_makes_one_credit_note_also_when_the_next_one_came_before_the_repeat(self, shop: Shop) -> None:
        shop.tell("ord_1")
        first, second = back(100, id="a", after=1), back(200, id="b", after=2)
        shop.reversals["ord_1"] = (first,)

        def meanwhile() -> None:
            shop.reversals["ord_1"] = (first, second)
            shop.tell("ord_1")

        with LostResponse("TransactWriteItems", tokens_count=False, meanwhile=meanwhile):
            shop.tell("ord_1")

        shop.check(CREDIT_NOTES, 2)
        assert shop.totals("ord_1") == {"invoice": 12_256, "credit-note#a": 100, "credit-note#b": 200}

    @pytest.mark.parametrize("operation", ["Query", "GetItem"])
    def test_of_a_read_does_no_harm(self, shop: Shop, operation: str) -> None:
        with LostResponse(operation):
            shop.tell("ord_1")

        shop.check(INVOICES, 1)


class TestDeath:
    @pytest.mark.parametrize("after", [True, False], ids=["after", "before"])
    def test_at_any_call_leaves_no_gap_and_the_next_delivery_does_the_rest(self, shop: Shop, *, after: bool) -> None:
        deaths = 0
        for call in range(1, MOST_CALLS):
            order = f"ord_{call}"
            shop.reversals[order] = (back(100, id="a"), back(200, id="b", after=2))
            with DiesAt(call, after=after) as fate:
                shop.tell(order)
            shop.tell(f"other_{call}")
            shop.tell(order)
            shop.make_up()

            deaths += fate.died
            shop.check(INVOICES, 2 * call)
            shop.check(CREDIT_NOTES, 2 * call)
            if not fate.died:
                break

        assert not fate.died, "there are calls that nobody died at"
        assert deaths >= 8, "settings, three documents with their transactions"


class TestTrouble:
    def test_that_lasts_lets_the_order_wait_and_no_number_is_lost(self, shop: Shop) -> None:
        with patch.object(operations, "_taken", side_effect=RuntimeError):
            shop.tell("ord_1")
        assert [row["sk"]["S"] for row in shop.rows() if row["pk"]["S"] == "waiting"] == ["ord_1"]
        shop.tell("ord_2")

        shop.make_up()

        shop.check(INVOICES, 2)
        assert number_of(shop, "ord_1") == f"{INVOICES}000002"


def number_of(shop: Shop, order_id: str) -> str:
    [row] = [row for row in shop.rows() if (row["pk"]["S"], row["sk"]["S"]) == (order_id, "invoice")]
    return str(row["document"]["M"]["number"]["S"])
