"""DynamoDB did it, and the answer got lost: the SDK repeats the call, and the effect must stay one."""

from typing import Any

import pytest

from commerce.giftcards import expiry, issuing, ledger, staff_operations
from commerce.giftcards.issuing import SoldUnits
from commerce.giftcards.records import AccountRecord
from commerce.giftcards.staff_schemas import NewGiftCard
from commerce.kernel import clock
from commerce.kernel.money import Money
from tests.faults.giftcards.conftest import (
    a_call,
    adjust,
    announced,
    card,
    disable,
    issued,
    redeem,
    refund,
    release,
)
from tests.support.dynamodb_local import LostResponse
from tests.support.racing import staff_call

pytestmark = [pytest.mark.java, pytest.mark.parametrize("tokens_count", [True, False])]


def lost(*, tokens_count: bool) -> LostResponse:
    return LostResponse("TransactWriteItems", tokens_count=tokens_count)


class TestLostResponse:
    def test_redeems_once(self, tables: Any, *, tokens_count: bool) -> None:
        card_id = issued(5000)

        with lost(tokens_count=tokens_count) as seen:
            redeem(5000, card_id, patience=1)

        assert seen.sent == 2
        assert (card(card_id).balance, card(card_id).spent, card(card_id).version) == (0, 5000, 2)
        assert ledger.differences() == ()

    def test_releases_once(self, tables: Any, *, tokens_count: bool) -> None:
        card_id = issued(5000)
        order_id, parts = redeem(3000, card_id)

        with lost(tokens_count=tokens_count):
            release(order_id, parts)

        assert card(card_id).balance == 5000
        assert announced(tables).count("giftcards.released") == 1
        assert ledger.differences() == ()

    def test_refunds_once(self, tables: Any, *, tokens_count: bool) -> None:
        card_id = issued(5000)
        order_id, parts = redeem(3000, card_id)

        with lost(tokens_count=tokens_count):
            refund(order_id, parts, "ref_1")

        assert (card(card_id).balance, card(card_id).spent) == (5000, 0)
        assert ledger.differences() == ()

    def test_issues_once(self, tables: Any, *, tokens_count: bool) -> None:
        new = NewGiftCard(amount=Money(amount=5000, currency="USD"))

        with lost(tokens_count=tokens_count):
            answer = staff_operations.issue(new=new, call=staff_call("k-1"), dry_run=False)

        assert card(answer.id).balance == 5000
        assert announced(tables) == ["giftcards.issued"]
        assert ledger.differences() == ()

    @pytest.mark.parametrize("key", [None, "k-1"])
    def test_adjusts_once(self, tables: Any, key: str | None, *, tokens_count: bool) -> None:
        card_id = issued(5000)

        with lost(tokens_count=tokens_count):
            adjust(card_id, -4000, key=key, seen=5000)

        assert card(card_id).balance == 1000
        assert ledger.differences() == ()

    def test_disables_once(self, tables: Any, *, tokens_count: bool) -> None:
        card_id = issued(5000)

        with lost(tokens_count=tokens_count):
            disable(card_id)

        assert announced(tables) == ["giftcards.disabled", "giftcards.issued"]
        assert ledger.differences() == ()

    def test_writes_off_once(self, tables: Any, *, tokens_count: bool) -> None:
        soon = clock.from_epoch(clock.epoch(clock.now()) + 5)
        card_id = issued(5000, expires_at=soon)
        clock.set_offset(91 * 24 * 3600)

        with lost(tokens_count=tokens_count):
            counts = expiry.write_off(call=a_call())

        assert counts == {"written_off": 1, "failed": 0}
        assert card(card_id).balance == 0
        assert ledger.differences() == ()

    def test_issues_what_an_order_sold_once(self, tables: Any, *, tokens_count: bool) -> None:
        sold = [SoldUnits(sku="GIFT-25", quantity=2, amount=Money(amount=2500, currency="USD"))]

        with lost(tokens_count=tokens_count):
            issuing.issued_for_order(order_id="ord_1", sold=sold, call=a_call())

        items = tables.scan(TableName="test-gift_cards", ConsistentRead=True)["Items"]
        cards = [AccountRecord.from_raw_data(item) for item in items if item["sk"]["S"] == "account"]
        assert [each.balance for each in cards] == [2500, 2500]
        assert announced(tables) == ["giftcards.issued"] * 2
        assert ledger.differences() == ()
