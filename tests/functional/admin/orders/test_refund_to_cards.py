"""Refunds of orders that gift cards and store credit paid: back to where the money came from, the last to pay first."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from commerce.payments.model import Payment, PaymentStatus
from tests.support.gift_cards import balances, cart_with, credit, entries, issue
from tests.support.shop import check_out, open_shop, staff_order
from tests.support.store import Answer, Store


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


def bought_with(store: Store, *cards: dict[str, Any]) -> dict[str, Any]:
    """Buy two mugs for 43 dollars."""
    answer = check_out(store, cart_with(store, *cards))
    assert answer.status == 201, answer.body
    if answer.body["payment"]:
        store.stripe.pay(answer.body["payment"]["intent_id"])
        store.drain()
    checkout: dict[str, Any] = answer.body
    return checkout


def refund(
    store: Store, checkout: dict[str, Any], amount: int | None = None, query: str = "", **options: Any
) -> Answer:
    body = {"reason": "part"} | ({"amount": usd(amount)} if amount is not None else {})
    return store.post(f"/v1/admin/orders/{checkout['order']['id']}/refunds{query}", body, **options)


def cancel(store: Store, checkout: dict[str, Any], query: str = "", **body: Any) -> Answer:
    return store.post(f"/v1/admin/orders/{checkout['order']['id']}/cancel{query}", {"reason": "no", **body})


def told(refund: dict[str, Any]) -> tuple[str, int, list[int]]:
    """Return a refund's state, what Stripe sends back of it, and what goes onto each card."""
    return refund["state"], refund["to_provider"]["amount"], [part["amount"]["amount"] for part in refund["to_cards"]]


class TestRefund:
    def test_goes_to_stripe_first_then_to_credit_then_to_cards(self, paying_store: Store) -> None:
        open_shop(paying_store)
        card, owed = issue(paying_store, 1000), credit(paying_store, 700)
        checkout = bought_with(paying_store, card, owed)

        made = [refund(paying_store, checkout, amount) for amount in (2000, 1000, 800, 500, 1)]
        paying_store.drain()

        assert [answer.status for answer in made] == [201, 201, 201, 201, 409]
        assert [told(answer.body["refund"]) for answer in made[:4]] == [
            ("succeeded", 2000, []),
            ("succeeded", 600, [400]),
            ("succeeded", 0, [300, 500]),
            ("succeeded", 0, [500]),
        ]
        assert [answer.body["order"]["payment_status"] for answer in made[:4]] == [
            "partially_refunded",
            "partially_refunded",
            "partially_refunded",
            "refunded",
        ]
        assert [made["amount"] for made in paying_store.stripe.listed("refunds")] == [2000, 600]
        assert balances(paying_store, card, owed) == [1000, 700]

    def test_of_an_order_that_cards_paid_needs_no_stripe(self, paying_store: Store) -> None:
        open_shop(paying_store)
        card = issue(paying_store, 5000)
        checkout = bought_with(paying_store, card)

        answer = refund(paying_store, checkout, headers={"Idempotency-Key": "k"})
        again = refund(paying_store, checkout, headers={"Idempotency-Key": "k"})

        assert told(answer.body["refund"]) == ("succeeded", 0, [4300])
        assert answer.body["order"]["payment_status"] == "refunded"
        assert again.body["refund"] == answer.body["refund"]
        assert paying_store.stripe.changes() == []
        assert entries(paying_store, card) == [("issue", 5000), ("redeem", -4300), ("refund", 4300)]
        types = [entry["type"] for entry in answer.body["order"]["timeline"]]
        assert types == ["orders.placed", "orders.refunded"]

    def test_can_be_looked_at_before(self, paying_store: Store) -> None:
        open_shop(paying_store)
        card = issue(paying_store, 1000)
        checkout = bought_with(paying_store, card)

        answer = refund(paying_store, checkout, 4000, "?dry_run=true")

        assert told(answer.body["refund"]) == ("requested", 3300, [700])
        assert answer.body["order"]["payment"]["returned_to_cards"] == usd(700)
        assert balances(paying_store, card) == [0]

    def test_that_stripe_fails_leaves_the_cards_their_part_once(self, paying_store: Store) -> None:
        open_shop(paying_store)
        card = issue(paying_store, 1000)
        checkout = bought_with(paying_store, card)
        made = refund(paying_store, checkout, 4000).body["refund"]
        paying_store.drain()

        paying_store.stripe.control("refund/fail", refund=made["provider_id"], failure_reason="lost_or_stolen_card")
        paying_store.drain()

        order = staff_order(paying_store, checkout)
        assert told(order["refunds"][0]) == ("failed", 3300, [700])
        assert order["payment"]["refundable"] == usd(3300 + 300)
        assert balances(paying_store, card) == [700]
        rest = refund(paying_store, checkout)
        assert told(rest.body["refund"])[1:] == (3300, [300])
        assert balances(paying_store, card) == [1000]

    def test_made_at_stripe_itself_leaves_the_cards_theirs(self, paying_store: Store) -> None:
        open_shop(paying_store)
        card = issue(paying_store, 1000)
        checkout = bought_with(paying_store, card)
        paying_store.stripe.control("dashboard_refund", payment_intent=checkout["payment"]["intent_id"], amount=3300)
        paying_store.drain()

        answer = refund(paying_store, checkout)

        assert told(answer.body["refund"]) == ("succeeded", 0, [1000])
        assert answer.body["order"]["payment_status"] == "refunded"


class TestCancel:
    def test_of_a_paid_order_gives_both_back(self, paying_store: Store) -> None:
        open_shop(paying_store)
        card = issue(paying_store, 1000)
        checkout = bought_with(paying_store, card)

        answer = cancel(paying_store, checkout)
        paying_store.drain()

        assert told(answer.body["refund"]) == ("succeeded", 3300, [1000])
        assert [made["amount"] for made in paying_store.stripe.listed("refunds")] == [3300]
        assert balances(paying_store, card) == [1000]
        order = staff_order(paying_store, checkout)
        assert (order["status"], order["payment_status"]) == ("canceled", "refunded")

    def test_of_an_order_that_cards_paid_tells_of_its_refund(self, paying_store: Store) -> None:
        open_shop(paying_store)
        card = issue(paying_store, 5000)
        checkout = bought_with(paying_store, card)

        answer = cancel(paying_store, checkout)

        assert told(answer.body["refund"]) == ("succeeded", 0, [4300])
        types = [entry["type"] for entry in answer.body["order"]["timeline"]]
        assert types == ["orders.placed", "orders.canceled", "orders.refunded"]
        assert balances(paying_store, card) == [5000]

    def test_shows_the_split_before(self, paying_store: Store) -> None:
        open_shop(paying_store)
        card = issue(paying_store, 1000)
        checkout = bought_with(paying_store, card)

        answer = cancel(paying_store, checkout, "?dry_run=true", refund_amount=usd(3500))

        assert told(answer.body["refund"]) == ("requested", 3300, [200])
        assert balances(paying_store, card) == [0]


class TestStatus:
    @given(captured=st.integers(0, 500), cards=st.integers(0, 500), parts=st.lists(st.integers(1, 400), max_size=6))
    def test_of_any_refunds_is_about_both_sources(self, captured: int, cards: int, parts: list[int]) -> None:
        """A payment is refunded when all that arrived went back, from wherever it came."""
        payment = Payment(
            order_id="ord_1", provider="stripe", due=captured, currency="USD", livemode=False,
            capture_method="automatic", captured=captured, by_cards=cards,
        )  # fmt: skip
        for part in parts:
            at_stripe = min(part, payment.refundable_at_provider)
            to_cards = min(part - at_stripe, payment.refundable_to_cards)
            payment = payment.with_refund_requested(at_stripe, to_cards=to_cards)
            payment = payment.model_copy(
                update={"refunded": payment.refunded + at_stripe, "refund_pending": payment.refund_pending - at_stripe}
            )
        back = payment.refunded + payment.returned_to_cards
        assert back == min(sum(parts), captured + cards)
        assert payment.refundable == captured + cards - back
        expected = PaymentStatus.PARTIALLY_REFUNDED if back else PaymentStatus.PAID
        assert payment.status is (PaymentStatus.REFUNDED if 0 < captured + cards <= back else expected)
