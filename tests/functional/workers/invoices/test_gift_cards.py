"""Invoices and credit notes of orders that gift cards and store credit paid."""

from typing import Any

from tests.support import pdf
from tests.support.gift_cards import balances, cart_with, credit, issue
from tests.support.invoices import documents, numbers, refund, set_up, whole
from tests.support.shop import check_out, open_shop
from tests.support.store import Store


def bought_with(store: Store, *cards: dict[str, Any]) -> dict[str, Any]:
    """Buy two mugs for 43 dollars."""
    answer = check_out(store, cart_with(store, *cards))
    assert answer.status == 201, answer.body
    if answer.body["payment"]:
        store.stripe.pay(answer.body["payment"]["intent_id"])
    store.drain()
    checkout: dict[str, Any] = answer.body
    return checkout


def totals(store: Store, checkout: dict[str, Any]) -> list[tuple[str, int]]:
    return [(each["kind"], each["total"]["amount"]) for each in documents(store, checkout)]


class TestInvoice:
    def test_tells_what_each_of_them_paid(self, paying_store: Store) -> None:
        open_shop(paying_store)
        set_up(paying_store)
        checkout = bought_with(paying_store, issue(paying_store, 1000), credit(paying_store, 700))
        [number] = numbers(paying_store, checkout)

        document = whole(paying_store, checkout, number)

        paid = [(payment["kind"], payment["amount"]["amount"]) for payment in document["payments"]]
        assert paid == [("card", 2600), ("gift_card", 1000), ("credit", 700)]
        path = f"/v1/admin/orders/{checkout['order']['id']}/invoices/{number}/pdf"
        text = pdf.read(paying_store.get(path).body).text
        assert "Paid by card or bank\n26.00\nPaid by gift card\n10.00\nPaid by store credit\n7.00" in text

    def test_comes_at_once_where_they_paid_all(self, paying_store: Store) -> None:
        open_shop(paying_store)
        set_up(paying_store)
        checkout = bought_with(paying_store, issue(paying_store, 5000))
        [number] = numbers(paying_store, checkout)

        assert whole(paying_store, checkout, number)["payments"] == [
            {"kind": "gift_card", "amount": {"amount": 4300, "currency": "USD"}}
        ]

    def test_waits_for_the_capture_of_the_rest(self, capturing_store: Store) -> None:
        open_shop(capturing_store)
        set_up(capturing_store)
        checkout = bought_with(capturing_store, issue(capturing_store, 1000))
        assert totals(capturing_store, checkout) == []

        assert capturing_store.post(f"/v1/admin/orders/{checkout['order']['id']}/capture").status == 200
        capturing_store.drain()

        assert totals(capturing_store, checkout) == [("invoice", 4300)]


class TestCreditNote:
    def test_is_about_all_that_goes_back_wherever_it_goes(self, paying_store: Store) -> None:
        open_shop(paying_store)
        set_up(paying_store)
        checkout = bought_with(paying_store, issue(paying_store, 1000))

        refund(paying_store, checkout, 4000)
        refund(paying_store, checkout)

        assert totals(paying_store, checkout) == [("invoice", 4300), ("credit_note", 4000), ("credit_note", 300)]

    def test_of_a_refund_that_stripe_refused_is_about_what_the_cards_got_back(self, paying_store: Store) -> None:
        open_shop(paying_store)
        set_up(paying_store)
        card = issue(paying_store, 1000)
        checkout = bought_with(paying_store, card)
        paying_store.stripe.control("dashboard_refund", payment_intent=checkout["payment"]["intent_id"], amount=3300)

        refund(paying_store, checkout)

        assert balances(paying_store, card) == [1000]
        assert totals(paying_store, checkout)[0] == ("invoice", 4300)
        assert sorted(totals(paying_store, checkout)[1:]) == [("credit_note", 1000), ("credit_note", 3300)]

    def test_of_a_cancellation_before_the_rest_was_captured_is_about_all(self, capturing_store: Store) -> None:
        open_shop(capturing_store)
        set_up(capturing_store, issue_when="placed")
        card = issue(capturing_store, 1000)
        checkout = bought_with(capturing_store, card)

        assert capturing_store.post(f"/v1/admin/orders/{checkout['order']['id']}/cancel", {}).status == 200
        capturing_store.drain()

        assert balances(capturing_store, card) == [1000]
        assert totals(capturing_store, checkout) == [("invoice", 4300), ("credit_note", 4300)]

    def test_is_not_needed_when_it_was_canceled_before_it_was_invoiced(self, capturing_store: Store) -> None:
        open_shop(capturing_store)
        set_up(capturing_store)
        checkout = bought_with(capturing_store, issue(capturing_store, 1000))

        assert capturing_store.post(f"/v1/admin/orders/{checkout['order']['id']}/cancel", {}).status == 200
        capturing_store.drain()

        assert totals(capturing_store, checkout) == []
