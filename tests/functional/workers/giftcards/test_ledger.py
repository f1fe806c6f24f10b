"""The audit of gift cards: balances are the sum of their entries, or it says where not."""

from typing import Any

import pytest

from commerce.giftcards import ledger, operations
from commerce.kernel import clock
from commerce.kernel.call import system_call
from commerce.kernel.transactions import commit
from tests.functional.workers.giftcards.test_write_off import issue, paid, refunded
from tests.support.store import Store

TABLE = "test-gift_cards"


def change(store: Store, card: dict[str, Any], sk: str, expression: str, **values: int) -> None:
    """Tamper with a row."""
    store.dynamodb.update_item(
        TableName=TABLE,
        Key={"pk": {"S": card["id"]}, "sk": {"S": sk}},
        UpdateExpression=expression,
        ExpressionAttributeValues={f":{name}": {"N": str(value)} for name, value in values.items()},
    )


class TestDifferences:
    @pytest.fixture
    def card(self, store: Store) -> dict[str, Any]:
        """A card with a life behind it."""
        card = issue(store, 5000)
        part = paid(card, 2000)
        refunded(part)
        unpaid = paid(card, 1500, "ord_2")
        call = system_call(worker="test", now=clock.now())
        commit(operations.released(parts=[unpaid], order_id="ord_2", call=call))
        paid(card, 700, "ord_3")
        store.post(f"/v1/admin/gift-cards/{card['id']}/adjustments", {"delta": -300, "reason": "x"})
        store.post(f"/v1/admin/gift-cards/{card['id']}/disable", {"reason": "x"})
        return card

    def test_are_none_after_a_life(self, store: Store, card: dict[str, Any]) -> None:
        assert ledger.differences() == ()
        shown = store.get(f"/v1/admin/gift-cards/{card['id']}").body
        assert (shown["balance"]["amount"], shown["spent"]["amount"], shown["version"]) == (4000, 700, 8)
        assert [entry["balance_after"]["amount"] for entry in shown["items"]] == [
            4000,
            4000,
            4300,
            5000,
            3500,
            5000,
            3000,
            5000,
        ]

    def test_show_a_balance_that_was_tampered_with(self, store: Store, card: dict[str, Any]) -> None:
        change(store, card, "account", "SET balance = balance + :more", more=1)

        assert [str(each) for each in ledger.differences()] == [f"{card['id']}: balance is 4001, expected 4000"]

    def test_show_an_entry_that_is_gone(self, store: Store, card: dict[str, Any]) -> None:
        store.dynamodb.delete_item(TableName=TABLE, Key={"pk": {"S": card["id"]}, "sk": {"S": "entry#redeem#ord_3"}})

        found = {each.what for each in ledger.differences()}
        assert {"balance", "spent", "version", "entry 6"} <= found

    def test_show_an_entry_that_was_made_up(self, store: Store, card: dict[str, Any]) -> None:
        change(store, card, "entry#redeem#ord_3", "SET amount = :amount", amount=-70)

        found = {(each.what, each.expected, each.found) for each in ledger.differences()}
        assert {("balance", 4630, 4000), ("spent", 70, 700)} <= found

    def test_show_an_order_that_got_back_more_than_it_had_paid(self, store: Store, card: dict[str, Any]) -> None:
        change(store, card, "entry#refund#ref_1", "SET amount = :amount", amount=2001)

        assert ("order ord_1", 0, -1) in {(each.what, each.expected, each.found) for each in ledger.differences()}

    def test_show_entries_without_a_card(self, store: Store, card: dict[str, Any]) -> None:
        store.dynamodb.delete_item(TableName=TABLE, Key={"pk": {"S": card["id"]}, "sk": {"S": "account"}})

        assert {each.what for each in ledger.differences()} == {"balance", "spent", "version"}
