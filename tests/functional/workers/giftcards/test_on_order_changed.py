"""The gift cards that an order sold follow the order."""

import json
import re
from typing import Any

import boto3
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends
from moto.sns.models import sns_backends

from commerce.checkout import gift_cards
from commerce.giftcards import issuing, ledger
from commerce.giftcards.issuing import SoldUnits
from commerce.giftcards.records import AccountRecord
from commerce.kernel import clock, transactions
from commerce.kernel.call import system_call
from commerce.kernel.errors import Unavailable
from commerce.kernel.money import Money
from tests.functional.workers.giftcards.conftest import GIFT, PRICE, GiftShop
from tests.support.aws import REGION
from tests.support.calls import counted
from tests.support.shop import EMAIL, check_out, filled_cart
from tests.support.store import Store

CODE = re.compile(r"\b(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}\b")


def mails() -> list[Any]:
    """Return the mails that held a gift card."""
    sent = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    return [mail for mail in sent if "gift card" in mail.subject]


def alerts() -> list[str]:
    topics = sns_backends[DEFAULT_ACCOUNT_ID][REGION].topics.values()
    return [message for topic in topics for _, message, *_ in topic.sent_notifications if "gift card" in message]


def staff(store: Store, checkout: dict[str, Any], what: str, **body: Any) -> Any:
    answer = store.post(f"/v1/admin/orders/{checkout['order']['id']}/{what}", {"reason": "sorry", **body})
    assert answer.status in {200, 201}, answer.body
    store.drain()
    return answer.body


class TestIssue:
    def test_makes_one_card_for_each_unit_over_its_price(self, shop: GiftShop) -> None:
        checkout = shop.buys(GIFT_25=3, MUG_BLUE=1)

        cards = shop.cards()

        assert [card["balance"]["amount"] for card in cards] == [PRICE] * 3
        assert {card["order_id"] for card in cards} == {checkout["order"]["id"]}
        assert {card["kind"] for card in cards} == {"gift_card"}
        assert cards[0]["issued_by"] == "system:gift_cards.on_order_changed"
        assert ledger.differences() == ()

    def test_mails_each_code_once_to_the_shopper_and_keeps_none(self, shop: GiftShop) -> None:
        checkout = shop.buys(GIFT_25=2)

        sent = mails()

        assert [mail.destinations for mail in sent] == [{"ToAddresses": [EMAIL]}] * 2
        bodies = [str(mail.body) for mail in sent]
        codes = {code for body in bodies for code in CODE.findall(body)}
        assert len(codes) == 2
        for code in codes:
            balance = shop.store.post("/v1/gift-cards/balance", {"code": code})
            assert balance.body["balance"] == {"amount": PRICE, "currency": "USD"}
        assert all("25.00 USD" in body and checkout["order"]["number"] in body for body in bodies)
        stored = json.dumps([shop.store.items(table) for table in ("gift_cards", "outbox", "notifications")])
        assert not any(code in stored or code.replace("-", "") in stored for code in codes)

    def test_makes_no_second_card_however_often_it_is_told(self, shop: GiftShop) -> None:
        checkout = shop.buys(GIFT_25=2)
        before = shop.store.items("gift_cards")

        for kind in ("orders.placed", "orders.placed", "orders.payment_captured"):
            shop.told(checkout, kind)

        assert shop.store.items("gift_cards") == before
        assert len(mails()) == 2

    def test_makes_no_second_card_with_another_key_for_codes(self, shop: GiftShop) -> None:
        checkout = shop.buys(GIFT_25=1)
        keys = [
            {"secret": "test-code-secret-of-the-suite", "since": "1970-01-01T00:00:00Z"},
            {"secret": "a newer one", "since": "1971-01-01T00:00:00Z"},
        ]
        ssm = boto3.client("ssm", region_name=REGION)
        ssm.put_parameter(Name="/tradewind/gift-card-keys", Value=json.dumps(keys), Type="SecureString", Overwrite=True)

        shop.told(checkout)

        assert len(shop.cards()) == 1

    def test_goes_on_where_it_was_stopped(self, shop: GiftShop, monkeypatch: pytest.MonkeyPatch) -> None:
        sold = [SoldUnits(sku=GIFT, quantity=60, amount=Money(amount=PRICE, currency="USD"))]
        call = system_call(worker="test", now=clock.now())
        commit, commits = transactions.commit, []

        def dies_at_the_second(writes: Any) -> None:
            commits.append(1)
            if len(commits) == 2:
                raise Unavailable
            commit(writes)

        monkeypatch.setattr(issuing, "commit", dies_at_the_second)
        with pytest.raises(Unavailable):
            issuing.issued_for_order(order_id="ord_x", sold=sold, call=call)
        half = len(shop.cards())
        made = issuing.issued_for_order(order_id="ord_x", sold=sold, call=call)

        assert (half, made, len(shop.cards())) == (24, 36, 60)
        assert ledger.differences() == ()

    def test_waits_for_the_capture_of_an_authorized_payment(self, capturing_store: Store) -> None:
        shop = GiftShop(capturing_store)
        checkout = shop.buys(GIFT_25=1)
        before = shop.cards()

        answer = capturing_store.post(f"/v1/admin/orders/{checkout['order']['id']}/capture")
        capturing_store.drain()

        assert before == []
        assert answer.status == 200, answer.body
        assert len(shop.cards()) == 1

    def test_of_an_order_that_is_not_paid_yet_makes_nothing(self, shop: GiftShop) -> None:
        checkout = check_out(shop.store, filled_cart(shop.store, {GIFT: 1})).body
        shop.store.drain()

        shop.told(checkout)

        assert shop.cards() == []

    def test_of_a_gift_card_that_costs_nothing_makes_nothing(self, shop: GiftShop) -> None:
        shop.sells("GIFT-0", 0)

        answer = check_out(shop.store, filled_cart(shop.store, {"GIFT-0": 1}))
        shop.store.drain()

        assert (answer.body["order"]["status"], shop.cards()) == ("placed", [])

    def test_of_an_order_without_gift_cards_takes_two_reads(self, shop: GiftShop) -> None:
        checkout = shop.buys(MUG_BLUE=1)

        with counted(shop.store) as calls:
            shop.told(checkout)

        assert calls == {"Query": 1, "BatchGetItem": 1}
        assert shop.cards() == []

    def test_lets_cards_end_by_the_shop_s_rule(self, shop: GiftShop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(issuing, "settings", lambda: type("S", (), {"gift_card_valid_days": 10}))

        shop.buys(GIFT_25=1)

        [row] = [item for item in shop.store.items("gift_cards") if item["sk"]["S"] == "account"]
        card = AccountRecord.from_raw_data(row)
        assert card.expires_at is not None
        assert (card.expires_at - card.issued_at).days == 10
        assert "It can be used until" in str(mails()[0].body)

    def test_of_an_order_that_there_is_not_fails_and_comes_again(self, shop: GiftShop) -> None:
        with pytest.raises(Exception, match="no such order"):
            shop.told({"order": {"id": "ord_none", "number": "1"}})


class TestUndone:
    def test_disables_the_cards_of_a_canceled_order(self, shop: GiftShop) -> None:
        checkout = shop.buys(GIFT_25=2)

        staff(shop.store, checkout, "cancel")

        assert shop.cards() == []
        disabled = shop.cards("disabled")
        assert [card["disabled_reason"] for card in disabled] == ["The order was canceled or refunded."] * 2
        assert alerts() == []
        assert ledger.differences() == ()

    def test_disables_the_cards_of_an_order_that_was_refunded_in_full(self, shop: GiftShop) -> None:
        checkout = shop.buys(GIFT_25=1)

        staff(shop.store, checkout, "refunds")

        assert (len(shop.cards()), len(shop.cards("disabled"))) == (0, 1)

    def test_leaves_cards_when_a_part_is_refunded(self, shop: GiftShop) -> None:
        checkout = shop.buys(GIFT_25=1)

        staff(shop.store, checkout, "refunds", amount={"amount": 100, "currency": "USD"})

        assert (len(shop.cards()), len(shop.cards("disabled"))) == (1, 0)

    def test_tells_staff_what_was_used_by_then(self, shop: GiftShop) -> None:
        checkout = shop.buys(GIFT_25=2)
        used = shop.cards()[0]
        shop.store.dynamodb.update_item(
            TableName="test-gift_cards",
            Key={"pk": {"S": used["id"]}, "sk": {"S": "account"}},
            UpdateExpression="SET spent = :spent, balance = balance - :spent",
            ExpressionAttributeValues={":spent": {"N": "700"}},
        )

        staff(shop.store, checkout, "cancel")

        [alert] = alerts()
        assert "7.00 USD" in alert
        assert used["id"] in alert
        assert checkout["order"]["number"] in alert
        assert shop.cards() == []

    def test_makes_nothing_when_the_cancellation_was_faster(self, shop: GiftShop) -> None:
        checkout = shop.buys(MUG_BLUE=1, GIFT_25=1)
        staff(shop.store, checkout, "cancel")
        before = shop.store.items("gift_cards")

        shop.told(checkout)

        assert shop.store.items("gift_cards") == before

    def test_disables_what_was_issued_while_the_order_was_canceled(
        self, shop: GiftShop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make = issuing.issued_for_order

        def makes_nothing(**_: Any) -> int:
            return 0

        monkeypatch.setattr(issuing, "issued_for_order", makes_nothing)
        checkout = shop.buys(GIFT_25=1)
        canceled = False

        def is_overtaken(**given: Any) -> int:
            nonlocal canceled
            if not canceled:
                canceled = True
                staff(shop.store, checkout, "cancel")
            return make(**given)

        monkeypatch.setattr(issuing, "issued_for_order", is_overtaken)
        call = system_call(worker="test", now=clock.now())

        done = gift_cards.settled(order_id=checkout["order"]["id"], call=call)

        assert (done.issued, done.disabled) == (1, 1)
        assert shop.cards() == []

    def test_sends_no_code_of_a_card_that_is_disabled(self, shop: GiftShop, monkeypatch: pytest.MonkeyPatch) -> None:
        sold = [SoldUnits(sku=GIFT, quantity=1, amount=Money(amount=PRICE, currency="USD"))]
        call = system_call(worker="test", now=clock.now())
        checkout = shop.buys(MUG_BLUE=1)
        order_id = checkout["order"]["id"]
        issuing.issued_for_order(order_id=order_id, sold=sold, call=call)
        issuing.disabled_for_order(order_id=order_id, reason="undone", call=call)

        shop.store.drain()

        assert mails() == []
