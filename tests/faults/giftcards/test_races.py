"""Many hands on one gift card: it never pays more than is on it, nothing is lost, and every unit is explained."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from commerce.giftcards import issuing, ledger, lookups, operations
from commerce.giftcards.errors import InsufficientBalance
from commerce.giftcards.issuing import SoldUnits
from commerce.giftcards.model import GiftCardState
from commerce.giftcards.records import AccountRecord
from commerce.kernel import clock
from commerce.kernel.errors import WriteConflict
from commerce.kernel.ids import new_id
from commerce.kernel.money import Money
from commerce.kernel.transactions import commit
from tests.faults.giftcards.conftest import (
    a_call,
    adjust,
    announced,
    card,
    disable,
    issued,
    once,
    parts_of,
    redeem,
    refund,
    release,
)
from tests.support.dynamodb_local import JustBefore
from tests.support.racing import at_once

pytestmark = pytest.mark.java


def codes_of(outcomes: list[Any]) -> list[Any]:
    return [outcome if isinstance(outcome, str) else "done" for outcome in outcomes]


class TestRedeem:
    def test_of_64_at_once_as_many_are_paid_as_the_card_holds(self, tables: Any) -> None:
        card_id = issued(5000)

        outcomes = codes_of(at_once([partial(redeem, 1000, card_id)] * 64))

        assert outcomes.count("done") == 5
        assert set(outcomes) <= {"done", "giftcards.insufficient_balance", "request.write_conflict"}
        now = card(card_id)
        assert (now.balance, now.spent, now.version) == (0, 5000, 6)
        assert ledger.differences() == ()

    def test_of_64_at_once_for_all_of_it_one_is_paid(self, tables: Any) -> None:
        card_id = issued(5000)

        outcomes = codes_of(at_once([partial(redeem, 5000, card_id)] * 64))

        assert outcomes.count("done") == 1
        assert (card(card_id).balance, announced(tables).count("giftcards.redeemed")) == (0, 1)

    def test_with_several_cards_takes_all_of_them_or_none(self, tables: Any) -> None:
        first, second = issued(1000), issued(1000)

        outcomes = codes_of(at_once([partial(redeem, 1500, first, second), partial(redeem, 1500, second, first)] * 8))

        assert outcomes.count("done") == 1
        assert card(first).balance + card(second).balance == 500
        assert ledger.differences() == ()

    def test_twice_for_one_order_counts_once(self, tables: Any) -> None:
        card_id, order_id = issued(5000), new_id("ord")

        outcomes = codes_of(at_once([partial(redeem, 1000, card_id, order_id=order_id, patience=3)] * 12))

        assert sorted(set(outcomes)) == ["done", "request.write_conflict"]
        assert outcomes.count("done") == 1
        assert card(card_id).balance == 4000

    def test_of_a_card_as_it_was_read_before_somebody_used_it_is_refused(self, tables: Any) -> None:
        card_id = issued(5000)
        seen = card(card_id)
        parts = parts_of(1000, seen)

        redeem(3000, card_id)

        with pytest.raises(WriteConflict):
            once(lambda: operations.redeemed(parts=parts, cards=[seen], order_id="ord_late", call=a_call()))
        redeem(2000, card_id)
        with pytest.raises(InsufficientBalance):
            once(lambda: operations.redeemed(parts=parts, cards=[seen], order_id="ord_late", call=a_call()))
        assert ledger.differences() == ()

    def test_and_adjusting_and_disabling_at_once_lose_nothing(self, tables: Any) -> None:
        card_id = issued(5000)

        works: list[Callable[[], Any]] = [
            partial(redeem, 100, card_id),
            partial(adjust, card_id, -50),
            partial(adjust, card_id, 70),
        ]
        at_once([*works * 5, partial(disable, card_id)])

        now = card(card_id)
        assert now.state is GiftCardState.DISABLED
        assert 0 <= now.balance == 5000 - now.spent + _adjusted(tables, card_id)
        assert ledger.differences() == ()

    def test_after_disabling_takes_nothing(self, tables: Any) -> None:
        card_id = issued(5000)
        seen = card(card_id)
        parts = parts_of(1000, seen)

        with JustBefore("TransactWriteItems", partial(disable, card_id)), pytest.raises(WriteConflict):
            once(lambda: operations.redeemed(parts=parts, cards=[seen], order_id="ord_1", call=a_call()))

        assert card(card_id).balance == 5000
        assert parts_of(1000, card(card_id)) == ()


def _adjusted(tables: Any, card_id: str) -> int:
    items = tables.scan(TableName="test-gift_cards", ConsistentRead=True)["Items"]
    return sum(
        int(item["amount"]["N"])
        for item in items
        if item["pk"]["S"] == card_id and item["sk"]["S"].startswith("entry#adjust")
    )


class TestGiveBack:
    def test_of_one_order_by_many_happens_once(self, tables: Any) -> None:
        card_id = issued(5000)
        order_id, parts = redeem(3000, card_id)

        outcomes = at_once(
            [partial(once, lambda: operations.released(parts=parts, order_id=order_id, call=a_call()))] * 12
        )

        assert outcomes.count("done") == 1
        assert (card(card_id).balance, card(card_id).spent) == (5000, 0)
        assert announced(tables).count("giftcards.released") == 1
        assert ledger.differences() == ()

    def test_never_exceeds_what_was_taken(self, tables: Any) -> None:
        card_id = issued(5000)
        order_id, parts = redeem(3000, card_id)
        release(order_id, parts)

        with pytest.raises(WriteConflict):
            once(lambda: operations.refunded(parts=parts, refund_id="ref_1", order_id=order_id, call=a_call()))

        assert card(card_id).balance == 5000

    def test_of_many_refunds_at_once_counts_each(self, tables: Any) -> None:
        card_id = issued(5000)
        order_id, parts = redeem(3000, card_id)
        share = tuple(type(part)(part.account_id, part.kind, part.label, 500) for part in parts)

        outcomes = at_once([partial(refund, order_id, share, f"ref_{number}") for number in range(6)])

        assert outcomes == ["done"] * 6
        assert (card(card_id).balance, card(card_id).spent) == (5000, 0)
        assert ledger.differences() == ()

    def test_and_redeeming_at_once_keeps_every_unit(self, tables: Any) -> None:
        card_id = issued(5000)
        open_orders = [redeem(500, card_id) for _ in range(8)]

        works = [partial(release, *order) for order in open_orders]
        at_once([*works, *[partial(redeem, 300, card_id)] * 8])

        now = card(card_id)
        assert now.balance + now.spent == 5000
        assert now.spent % 300 == 0
        assert ledger.differences() == ()

    def test_onto_several_cards_is_whole(self, tables: Any) -> None:
        first, second = issued(1000), issued(1000)
        order_id, parts = redeem(1800, first, second)

        at_once([partial(release, order_id, parts), partial(adjust, first, 5), partial(adjust, second, 7)])

        assert (card(first).balance, card(second).balance) == (1005, 1007)


class TestByHand:
    def test_the_same_key_at_once_counts_once(self, tables: Any) -> None:
        card_id = issued(5000)

        outcomes = at_once([partial(adjust, card_id, 5, key="k-1")] * 10)

        assert outcomes.count("done") == 1
        assert set(outcomes) <= {"done", "already done"}
        assert card(card_id).balance == 5005

    def test_of_those_who_saw_the_same_balance_one_changes_it(self, tables: Any) -> None:
        card_id = issued(5000)

        outcomes = at_once([partial(adjust, card_id, number, seen=5000) for number in range(1, 11)])

        assert sorted(outcomes) == ["done"] + ["giftcards.stale_balance"] * 9

    def test_disabling_at_once_happens_once(self, tables: Any) -> None:
        card_id = issued(5000)

        outcomes = at_once([partial(disable, card_id)] * 10)

        assert set(outcomes) == {"done"}
        assert announced(tables) == ["giftcards.disabled", "giftcards.issued"]


class TestSold:
    SOLD = (SoldUnits(sku="GIFT-25", quantity=30, amount=Money(amount=2500, currency="USD")),)

    def test_of_many_who_hear_of_an_order_each_unit_gets_one_card(self, tables: Any) -> None:
        at_once([partial(issuing.issued_for_order, order_id="ord_1", sold=self.SOLD, call=a_call())] * 8)
        issuing.issued_for_order(order_id="ord_1", sold=self.SOLD, call=a_call())

        cards = [row for row in accounts(tables) if row.order_id == "ord_1"]
        assert len(cards) == 30
        assert announced(tables) == ["giftcards.issued"] * 30
        assert ledger.differences() == ()

    def test_issuing_and_disabling_at_once_lose_nothing(self, tables: Any) -> None:
        issuing.issued_for_order(order_id="ord_1", sold=self.SOLD, call=a_call())
        row = next(iter(accounts(tables)))

        at_once(
            [partial(issuing.disabled_for_order, order_id="ord_1", reason="undone", call=a_call())] * 4
            + [partial(redeem, 100, row.pk)] * 4
        )
        issuing.disabled_for_order(order_id="ord_1", reason="undone", call=a_call())

        assert {each.state for each in accounts(tables)} == {"disabled"}
        assert announced(tables).count("giftcards.disabled") == 30
        assert ledger.differences() == ()


def accounts(tables: Any) -> list[AccountRecord]:
    pages = tables.get_paginator("scan").paginate(TableName="test-gift_cards", ConsistentRead=True)
    items = [item for page in pages for item in page["Items"]]
    return [AccountRecord.from_raw_data(item) for item in items if item["sk"]["S"] == "account"]


def test_a_limit_of_lookups_is_never_exceeded(tables: Any) -> None:
    now = clock.now()

    outcomes = at_once([lambda: commit([lookups.counted(client_ip="198.51.100.7", now=now)])] * 48)

    assert outcomes.count("done") <= 30
    assert set(outcomes) <= {"done", "giftcards.too_many_lookups", "request.write_conflict"}
