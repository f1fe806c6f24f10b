"""Mails and alerts, sent for events that come out of a queue."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends
from moto.sns.models import sns_backends

from commerce.adapters import mail
from commerce.customers.model import PostalAddress
from commerce.inventory import queries as inventory
from commerce.inventory.model import Level
from commerce.kernel import clock, transactions
from commerce.kernel.call import system_call
from commerce.kernel.errors import Unavailable
from commerce.kernel.money import Money
from commerce.notifications import operations
from commerce.orders.events import OrderCreated
from commerce.orders.model import ChosenShipping, Order, OrderDetails, OrderLine, OrderStatus
from commerce.orders.operations import created
from commerce.orders.tokens import opens
from commerce.payments.model import PaymentStatus
from commerce.pricing.model import Totals
from tests.support.aws import REGION
from tests.support.logs import logged
from tests.support.store import Store, running_store

ORDER_ID = "ord_abc"
EMAIL = "grace@example.org"
AMOUNTS = {"subtotal": 5997, "discount": 500, "shipping": 490, "tax": 0, "total": 5987, "due": 5987}


def usd(amount: int) -> Money:
    return Money(amount=amount, currency="USD")


@pytest.fixture
def store() -> Iterator[Store]:
    with running_store(SHOP_URL="https://harbor.example") as running:
        boto3.client("sesv2", region_name=REGION).create_email_identity(EmailIdentity="shop@example.com")
        yield running


def write_order(title: str = "Tin mug", name: str = "Grace Hopper", email: str = EMAIL) -> Order:
    now = clock.now()
    order = Order(
        id=ORDER_ID,
        number="1042",
        cart_id="cart_x",
        status=OrderStatus.PLACED,
        payment_status=PaymentStatus.PAID,
        email=email,
        totals=Totals.model_validate(
            {name: usd(amount) for name, amount in AMOUNTS.items()} | {"prices_include_tax": True}
        ),
        item_count=3,
        created_at=now,
        placed_at=now,
        hold_expires_at=now + timedelta(minutes=30),
    )
    details = OrderDetails(
        lines=(
            OrderLine(
                sku="MUG-1",
                product_id="prod_1",
                title=title,
                variant_title="Large",
                options={},
                image=None,
                quantity=3,
                unit_price=usd(1999),
                total=usd(5997),
            ),
        ),
        allocations=(),
        shipping=ChosenShipping(id="std", title="Standard", price=usd(490)),
        shipping_address=PostalAddress(
            name=name,
            line1="1 Pier Road",
            line2="Flat 2",
            city="Hobart",
            postal_code="7000",
            region="TAS",
            country="AU",
        ),
        billing_address=None,
        explanation=[],
        pricing_hash="hash",
    )
    call = system_call(worker="test", now=now)
    event = OrderCreated(order_id=order.id, number=order.number, total=usd(5987), hold_expires_at=order.hold_expires_at)
    transactions.commit(created(order=order, details=details, event=event, call=call))
    return order


def message(type_: str, data: dict[str, Any], event_id: str = "evt_1") -> dict[str, Any]:
    detail = {
        "event_id": event_id,
        "type": type_,
        "version": 1,
        "aggregate": f"order#{ORDER_ID}",
        "sequence": 2,
        "occurred_at": clock.text(clock.now()),
        "actor": "stripe",
        "data": data,
        "added_later": True,
    }
    return {"version": "0", "source": "tradewind", "detail-type": type_, "detail": detail}


PLACED = {"order_id": ORDER_ID, "number": "1042", "total": {"amount": 5987, "currency": "USD"}}


def deliver(store: Store, *messages: dict[str, Any]) -> list[str]:
    """Deliver messages and return the ids of those that come again."""
    records = [
        {
            "messageId": f"m{number}",
            "receiptHandle": "r",
            "body": json.dumps(body),
            "attributes": {},
            "messageAttributes": {},
            "md5OfBody": "",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:q",
            "awsRegion": REGION,
        }
        for number, body in enumerate(messages)
    ]
    answer = store.invoke("notifications/deliver_notification", {"Records": records})
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def mails() -> list[Any]:
    return list(ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages)


class Outbox:
    """Mails as they are handed to the mail service."""

    def __init__(self) -> None:
        self.sent: list[dict[str, str]] = []
        self.is_down = False

    def send(self, **letter: str) -> str:
        if self.is_down:
            raise mail.MailNotTaken
        self.sent.append(letter)
        return f"message-{len(self.sent)}"


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Outbox:
    outbox = Outbox()
    monkeypatch.setattr(mail, "send", outbox.send)
    return outbox


class TestConfirmation:
    def test_goes_to_the_shopper_through_ses(self, store: Store) -> None:
        write_order()

        assert deliver(store, message("orders.placed", PLACED)) == []

        [sent] = mails()
        assert sent.destinations == {"ToAddresses": [EMAIL]}
        assert sent.source == "Harbor Goods <shop@example.com>"
        assert sent.subject == "Harbor Goods: your order 1042"

    def test_tells_what_was_ordered_and_where_it_goes(self, store: Store, post: Outbox) -> None:
        write_order()

        deliver(store, message("orders.placed", PLACED))

        [letter] = post.sent
        for body in (letter["text"], letter["html"]):
            assert "Harbor Goods" in body
            assert "1042" in body
            assert "Tin mug (Large)" in body
            for amount in ("59.97 USD", "-5.00 USD", "4.90 USD", "59.87 USD"):
                assert amount in body
            for part in ("Grace Hopper", "1 Pier Road", "Flat 2", "7000 Hobart", "TAS", "AU"):
                assert part in body
        assert "3 x Tin mug (Large): 59.97 USD" in letter["text"]

    def test_links_to_the_order_with_the_token_in_the_fragment(self, store: Store, post: Outbox) -> None:
        order = write_order()

        deliver(store, message("orders.placed", PLACED))

        [letter] = post.sent
        start = "https://harbor.example/orders/ord_abc#token="
        token = letter["text"].partition(start)[2].split()[0]
        assert opens(order, token)
        assert f'href="{start}{token}"' in letter["html"]
        assert "?token" not in letter["text"] + letter["html"]

    def test_has_no_link_without_a_shop_address(self, post: Outbox) -> None:
        with running_store(SHOP_URL="") as store:
            write_order()

            deliver(store, message("orders.placed", PLACED))

        assert "token" not in post.sent[0]["text"] + post.sent[0]["html"]

    def test_escapes_html_of_people(self, store: Store, post: Outbox) -> None:
        write_order(title='<img src=x onerror="alert(1)">', name="<script>Bobby</script> & Co")

        deliver(store, message("orders.placed", PLACED))

        [letter] = post.sent
        assert "<img" not in letter["html"]
        assert "<script" not in letter["html"]
        assert "&lt;script&gt;Bobby&lt;/script&gt; &amp; Co" in letter["html"]
        assert "<script>Bobby</script> & Co" in letter["text"]


class TestRefund:
    def test_tells_the_amount_of_this_refund(self, store: Store, post: Outbox) -> None:
        write_order()
        data = {
            "order_id": ORDER_ID,
            "number": "1042",
            "refund_id": "re_1",
            "amount": {"amount": 1999, "currency": "USD"},
        }

        deliver(store, message("orders.refunded", data))

        [letter] = post.sent
        assert letter["to"] == EMAIL
        assert "refund" in letter["subject"]
        assert "19.99 USD" in letter["text"]
        assert "19.99 USD" in letter["html"]


class TestAlerts:
    DATA = {"sku": "MUG-1", "location": "main", "available": 3, "threshold": 5}  # noqa: RUF012

    @pytest.fixture
    def level(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, Level]:
        levels = {"main": Level(sku="MUG-1", location="main", available=2, low_stock_threshold=5)}
        monkeypatch.setattr(inventory, "stored_levels", lambda *, sku: levels if sku == "MUG-1" else {})
        return levels

    @pytest.fixture
    def store(self) -> Iterator[Store]:
        with running_store() as running:
            yield running

    @staticmethod
    def alerts() -> list[tuple[str | None, str]]:
        [topic] = sns_backends[DEFAULT_ACCOUNT_ID][REGION].topics.values()
        return [(sent[2], sent[1]) for sent in topic.sent_notifications]

    def test_tells_the_merchant_what_is_left_now(self, store: Store, level: dict[str, Level]) -> None:
        assert deliver(store, message("inventory.stock_low", self.DATA)) == []

        [(subject, text)] = self.alerts()
        assert subject == "Low stock: MUG-1 at main (2 left)"
        assert "MUG-1 at main has 2 left; you asked to be told at 5" in text

    def test_says_nothing_when_it_recovered_meanwhile(self, store: Store, level: dict[str, Level]) -> None:
        level["main"] = level["main"].model_copy(update={"available": 50})

        assert deliver(store, message("inventory.stock_low", self.DATA)) == []
        assert self.alerts() == []

    def test_tells_the_merchant_of_money_that_waits(self, store: Store) -> None:
        data = {"review_id": "rev_1", "kind": "amount_mismatch", "order_id": "ord_1", "detail": "59.87 USD were due."}

        assert deliver(store, message("payments.review_opened", data)) == []

        [(subject, text)] = self.alerts()
        assert subject == "Money waits for you: amount_mismatch"
        assert "rev_1" in text
        assert "59.87 USD were due." in text

    def test_tells_once(self, store: Store, level: dict[str, Level]) -> None:
        deliver(store, message("inventory.stock_low", self.DATA), message("inventory.stock_low", self.DATA))

        assert len(self.alerts()) == 1


class TestOnce:
    def test_sends_one_mail_for_an_event_that_comes_twice(self, store: Store, post: Outbox) -> None:
        write_order()
        event = message("orders.placed", PLACED)

        assert deliver(store, event, event) == []
        assert deliver(store, event) == []

        assert len(post.sent) == 1

    def test_still_knows_after_three_days_and_after_the_lease(self, store: Store, post: Outbox) -> None:
        write_order()
        event = message("orders.placed", PLACED)
        deliver(store, event)
        clock.set_offset(3 * 24 * 3600)

        assert deliver(store, event) == []
        assert len(post.sent) == 1

    def test_sends_a_mail_for_every_event(self, store: Store, post: Outbox) -> None:
        write_order()

        deliver(store, message("orders.placed", PLACED, "evt_1"), message("orders.placed", PLACED, "evt_2"))

        assert len(post.sent) == 2

    def test_waits_while_another_delivery_is_sending(
        self, store: Store, post: Outbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_order()
        event = message("orders.placed", PLACED)

        def send(**letter: str) -> str:
            with pytest.raises(operations.BeingSent):
                operations.deliver(body=json.dumps(event), call=system_call(worker="other", now=clock.now()))
            return post.send(**letter)

        monkeypatch.setattr(mail, "send", send)

        assert deliver(store, event) == []
        assert len(post.sent) == 1

    def test_tries_again_after_a_failure_when_the_queue_delivers_again(self, store: Store, post: Outbox) -> None:
        write_order()
        event = message("orders.placed", PLACED)
        post.is_down = True
        assert deliver(store, event) == ["m0"]
        post.is_down = False
        clock.set_offset(180)

        assert deliver(store, event) == []
        assert len(post.sent) == 1

    def test_may_send_twice_when_it_dies_between_sending_and_marking(
        self, store: Store, post: Outbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_order()
        event = message("orders.placed", PLACED)
        whole = transactions.commit

        def dies(writes: list[Any]) -> None:
            if post.sent:
                raise Unavailable
            whole(writes)

        monkeypatch.setattr(operations, "commit", dies)
        assert deliver(store, event) == ["m0"]
        monkeypatch.setattr(operations, "commit", whole)
        clock.set_offset(180)

        assert deliver(store, event) == []
        assert deliver(store, event) == []
        assert len(post.sent) == 2

    def test_delivers_the_neighbours_of_a_bad_message(self, store: Store, post: Outbox) -> None:
        write_order()
        broken = {"detail": {"type": "orders.placed"}}
        unknown_order = message("orders.placed", {"order_id": "ord_none"}, "evt_9")

        again = deliver(store, broken, message("orders.placed", PLACED), unknown_order)

        assert again == ["m0", "m2"]
        assert len(post.sent) == 1

    def test_passes_over_events_that_tell_nobody(self, store: Store, post: Outbox) -> None:
        assert deliver(store, message("inventory.stock_recovered", {"sku": "x"}), message("orders.new_kind", {})) == []
        assert post.sent == []
        assert store.items("notifications") == []


class TestPrivacy:
    def test_stores_and_logs_no_personal_data(self, store: Store, post: Outbox) -> None:
        order = write_order()

        with logged() as log:
            deliver(
                store, message("orders.placed", PLACED), message("orders.placed", {"order_id": "ord_none"}, "evt_9")
            )

        kept = log.getvalue() + json.dumps(store.items("notifications"))
        token = post.sent[0]["text"].partition("#token=")[2].split()[0]
        assert "OrderNotFound" in kept
        for secret in (order.email, "Grace", "Pier Road", token):
            assert secret not in kept

    def test_keeps_the_address_out_of_a_refusal(self, store: Store) -> None:
        write_order(email="not-verified@example.org\r\nBcc: x@example.org")

        with logged() as log:
            assert deliver(store, message("orders.placed", PLACED)) == ["m0"]

        assert "MailNotTaken" in log.getvalue()
        assert "not-verified" not in log.getvalue()


class TestHeaders:
    @pytest.mark.parametrize(
        ("name", "sender"),
        [
            ("Harbor\r\nBcc: evil@example.org", '"Harbor Bcc: evil@example.org" <shop@example.com>'),
            ('Bob "the <b>" Co', '"Bob \\"the <b>\\" Co" <shop@example.com>'),
            ("Café Zoë", "=?utf-8?b?Q2Fmw6kgWm/Dqw==?= <shop@example.com>"),
            ("A, B", '"A, B" <shop@example.com>'),
        ],
    )
    def test_a_shop_name_cannot_add_headers(
        self, store: Store, monkeypatch: pytest.MonkeyPatch, name: str, sender: str
    ) -> None:
        seen: dict[str, Any] = {}

        class Client:
            def send_email(self, **arguments: Any) -> dict[str, str]:
                seen.update(arguments)
                return {"MessageId": "m"}

        monkeypatch.setattr(mail, "_client", Client)

        mail.send(to=EMAIL, sender_name=name, subject="Hi\r\nBcc: x\x00", text="t", html="h")

        assert seen["FromEmailAddress"] == sender
        assert seen["Content"]["Simple"]["Subject"]["Data"] == "Hi Bcc: x"


def test_an_order_mail_shows_no_address_when_printed(store: Store) -> None:
    from commerce.notifications.queries import order_mail  # noqa: PLC0415 - only here.

    write_order()
    order = order_mail(order_id=ORDER_ID)

    assert EMAIL not in repr(order)
    assert "Pier Road" not in repr(order)
    assert (
        replace(order, order_token="t/1").link("https://x.example/") == "https://x.example/orders/ord_abc#token=t%2F1"
    )
