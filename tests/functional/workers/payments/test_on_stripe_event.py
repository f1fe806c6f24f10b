"""SQS StripeEventsQueue: what Stripe's events do to orders, in whatever order and however often they come."""

import itertools
import json
from typing import Any

import pytest

from commerce.checkout.state import store as stored
from tests.support.gift_cards import balances, cart_with, issue
from tests.support.payments import event_of
from tests.support.shop import (
    bought,
    check_out,
    filled_cart,
    level,
    open_shop,
    shoppers_order,
    staff_order,
)
from tests.support.store import Store


def post(store: Store, payload: str) -> None:
    """Let Stripe post an event, and let the worker have it."""
    assert store.pumps.post_webhook(payload).status == 200
    store.drain()


def timeline(store: Store, checkout: dict[str, Any]) -> list[str]:
    return [entry["type"] for entry in staff_order(store, checkout)["timeline"]]


def open_reviews(store: Store) -> list[dict[str, Any]]:
    reviews: list[dict[str, Any]] = store.get("/v1/admin/payment-reviews").body["items"]
    return reviews


class TestSucceeded:
    def test_has_its_effect_once_however_often_it_comes(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)
        paying_store.tick(10)
        before = staff_order(paying_store, checkout)
        intent = paying_store.stripe.intent(checkout["payment"]["intent_id"])

        for days in (0, 2, 3):
            paying_store.tick(days * 86_400)
            post(paying_store, event_of(intent, "payment_intent.succeeded"))

        assert staff_order(paying_store, checkout) == before
        assert level(paying_store)["sold"] == 2

    @pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
    def test_the_order_of_events_does_not_matter(self, paying_store: Store, order: tuple[int, ...]) -> None:
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body
        intent_id = checkout["payment"]["intent_id"]
        pending = paying_store.stripe.intent(intent_id)
        paying_store.stripe.pay(intent_id)
        paying_store.stripe.new_events()
        paid = paying_store.stripe.intent(intent_id)
        events = [
            event_of(pending, "payment_intent.processing", status="processing"),
            event_of(
                pending,
                "payment_intent.payment_failed",
                last_payment_error={"code": "card_declined", "decline_code": "generic_decline", "charge": "ch_1"},
            ),
            event_of(paid, "payment_intent.succeeded"),
        ]

        for number in order:
            post(paying_store, events[number])

        shown = shoppers_order(paying_store, checkout).body
        assert (shown["status"], shown["payment_status"]) == ("placed", "paid")
        stock = level(paying_store)
        assert (stock["available"], stock["reserved"], stock["sold"]) == (8, 0, 2)

    def test_arriving_before_the_intents_id_was_stored_is_adopted(self, paying_store: Store) -> None:
        open_shop(paying_store)
        cart = filled_cart(paying_store)
        paying_store.stripe.fault("POST", "/v1/payment_intents", "500_after")
        failed = check_out(paying_store, cart)
        assert failed.status == 503
        [intent] = paying_store.stripe.listed("payment_intents")
        paying_store.stripe.pay(intent["id"])

        paying_store.drain()

        again = check_out(paying_store, cart)
        assert (again.body["order"]["status"], again.body["order"]["payment_status"]) == ("placed", "paid")

    def test_tells_the_shopper_once(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)

        placed = [event for event in paying_store.pumps.bus if event["type"] == "orders.placed"]

        assert [event["data"]["order_id"] for event in placed] == [checkout["order"]["id"]]
        assert "ada" not in json.dumps(paying_store.pumps.bus)

    def test_the_timeline_says_who_did_what(self, paying_store: Store) -> None:
        open_shop(paying_store)

        checkout = bought(paying_store)

        entries = staff_order(paying_store, checkout)["timeline"]
        assert [(entry["sequence"], entry["type"], entry["actor"].partition(":evt_")[0]) for entry in entries][:3] == [
            (1, "orders.created", "shopper"),
            (2, "orders.payment_started", "shopper"),
            (3, "orders.placed", "stripe"),
        ]
        assert [entry["sequence"] for entry in entries] == list(range(1, len(entries) + 1))


class TestDoesNotFit:
    @pytest.mark.parametrize(
        ("changes", "kind"),
        [
            ({"amount_received": 4299}, "amount_mismatch"),
            ({"amount_received": 100}, "amount_mismatch"),
            ({"currency": "jpy"}, "amount_mismatch"),
            ({"event_livemode": True}, "livemode_mismatch"),
            ({"livemode": True, "event_livemode": True}, "livemode_mismatch"),
            ({"id": "pi_other"}, "other_intent"),
        ],
    )
    def test_is_parked_and_the_order_is_not_paid(self, paying_store: Store, changes: dict[str, Any], kind: str) -> None:
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body
        intent = paying_store.stripe.intent(checkout["payment"]["intent_id"])
        paid = {"status": "succeeded", "amount_received": intent["amount"]} | changes

        post(paying_store, event_of(intent, "payment_intent.succeeded", **paid))
        post(paying_store, event_of(intent, "payment_intent.succeeded", **paid))

        shown = shoppers_order(paying_store, checkout).body
        assert (shown["status"], shown["payment_status"]) == ("pending", "review")
        assert [(review["kind"], review["order_id"]) for review in open_reviews(paying_store)] == [
            (kind, checkout["order"]["id"])
        ]
        assert level(paying_store)["sold"] == 0

    def test_staff_close_a_review_and_the_order_goes_on(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body
        intent = paying_store.stripe.intent(checkout["payment"]["intent_id"])
        post(paying_store, event_of(intent, "payment_intent.succeeded", status="succeeded", amount_received=1))
        [review] = open_reviews(paying_store)
        path = f"/v1/admin/payment-reviews/{review['id']}/resolution"

        closed = paying_store.post(path, {"note": "A test event of ours."})
        again = paying_store.post(path, {"note": "A test event of ours."})

        assert (closed.status, closed.body["state"], closed.body["resolved_by"]) == (200, "resolved", "staff:key_test")
        assert (again.status, again.code) == (409, "payments.review_already_resolved")
        assert open_reviews(paying_store) == []
        assert shoppers_order(paying_store, checkout).body["payment_status"] == "pending"

    def test_money_for_an_order_that_does_not_exist_is_parked(self, paying_store: Store) -> None:
        intent = {
            "id": "pi_lost",
            "amount": 500,
            "amount_received": 500,
            "currency": "usd",
            "livemode": False,
            "status": "succeeded",
            "metadata": {"order_id": "ord_unknown"},
        }

        post(paying_store, event_of(intent, "payment_intent.succeeded"))

        assert [review["kind"] for review in open_reviews(paying_store)] == ["unknown_order"]

    @pytest.mark.parametrize("metadata", [{}, {"order_id": "ord_x", "store": "another-store"}])
    def test_intents_of_other_applications_have_no_effect(self, paying_store: Store, metadata: dict[str, str]) -> None:
        intent = {
            "id": "pi_foreign",
            "amount": 500,
            "amount_received": 500,
            "currency": "usd",
            "livemode": False,
            "status": "succeeded",
            "metadata": metadata,
        }

        post(paying_store, event_of(intent, "payment_intent.succeeded"))

        assert open_reviews(paying_store) == []


class TestDeclined:
    def test_stands_in_the_timeline_and_the_order_can_still_be_paid(self, paying_store: Store) -> None:
        open_shop(paying_store)

        checkout = bought(paying_store, method="pm_card_chargeDeclinedInsufficientFunds")

        order = staff_order(paying_store, checkout)
        assert (order["status"], order["payment_status"], order["payment"]["declines"]) == ("pending", "pending", 1)
        [declined] = [entry for entry in order["timeline"] if entry["type"] == "orders.payment_declined"]
        assert declined["data"]["decline_code"] == "insufficient_funds"


class TestProcessing:
    def test_keeps_the_hold_until_the_outcome_is_known(self, slow_paying_store: Store) -> None:
        store = slow_paying_store
        open_shop(store)
        checkout = bought(store, method="pm_usBankAccount_success")
        assert shoppers_order(store, checkout).body["payment_status"] == "processing"

        store.tick(2 * 86_400)
        held = level(store)["reserved"]
        store.stripe.control("process", payment_intent=checkout["payment"]["intent_id"])
        store.drain()

        assert held == 2
        order = shoppers_order(store, checkout).body
        assert (order["status"], order["payment_status"]) == ("placed", "paid")


class TestCanceled:
    def test_an_intent_canceled_at_stripe_frees_the_stock(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body
        intent = paying_store.stripe.intent(checkout["payment"]["intent_id"])

        post(paying_store, event_of(intent, "payment_intent.canceled", status="canceled"))

        assert shoppers_order(paying_store, checkout).body["status"] == "expired"
        assert level(paying_store)["available"] == 10

    def test_it_gives_gift_cards_back_what_they_paid(self, paying_store: Store) -> None:
        open_shop(paying_store)
        card = issue(paying_store, 1000)
        checkout = check_out(paying_store, cart_with(paying_store, card)).body
        intent = paying_store.stripe.intent(checkout["payment"]["intent_id"])
        taken = balances(paying_store, card)

        post(paying_store, event_of(intent, "payment_intent.canceled", status="canceled"))

        assert (taken, balances(paying_store, card)) == ([0], [1000])

    @pytest.mark.parametrize(("why", "status"), [("requested_by_customer", "canceled"), ("abandoned", "expired")])
    def test_an_order_closes_in_the_words_of_whoever_canceled_its_intent(
        self, paying_store: Store, why: str, status: str
    ) -> None:
        """Stripe may tell of a cancellation before the one who asked for it has written it down."""
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body
        intent = paying_store.stripe.intent(checkout["payment"]["intent_id"])

        post(paying_store, event_of(intent, "payment_intent.canceled", status="canceled", cancellation_reason=why))

        assert shoppers_order(paying_store, checkout).body["status"] == status

    def test_a_stale_cancellation_does_not_undo_a_sale(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)
        intent = paying_store.stripe.intent(checkout["payment"]["intent_id"])

        post(paying_store, event_of(intent, "payment_intent.canceled", status="canceled"))

        assert shoppers_order(paying_store, checkout).body["status"] == "placed"


class TestFees:
    def test_are_known_when_stripe_tells_them(self, paying_store: Store) -> None:
        open_shop(paying_store)

        checkout = bought(paying_store)
        paying_store.tick(10)

        fee = staff_order(paying_store, checkout)["payment"]["fee"]
        assert fee is not None
        assert fee["amount"] > 0


class TestDisputes:
    def test_what_is_disputed_cannot_be_refunded_until_it_is_won(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)
        path = f"/v1/admin/orders/{checkout['order']['id']}/refunds"

        dispute = paying_store.stripe.control("dispute", payment_intent=checkout["payment"]["intent_id"])
        paying_store.drain()
        disputed = staff_order(paying_store, checkout)
        refused = paying_store.post(path, {"reason": "asked for it"})
        paying_store.stripe.control("dispute/close", dispute=dispute["id"], won=True)
        paying_store.drain()
        won = staff_order(paying_store, checkout)

        assert (disputed["payment_status"], disputed["payment"]["refundable"]["amount"]) == ("disputed", 0)
        assert (refused.status, refused.code) == (409, "payments.refund_too_large")
        assert (won["payment_status"], won["payment"]["refundable"]["amount"]) == ("paid", 4300)

    def test_a_lost_dispute_stays(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)
        dispute = paying_store.stripe.control("dispute", payment_intent=checkout["payment"]["intent_id"])

        paying_store.stripe.control("dispute/close", dispute=dispute["id"], won=False)
        paying_store.drain()

        order = staff_order(paying_store, checkout)
        assert (order["payment_status"], order["disputes"][0]["status"]) == ("disputed", "lost")

    def test_a_dispute_of_what_went_back_already_reaches_a_person(self, paying_store: Store) -> None:
        """The bank does not ask whether the shop paid back: the money may leave twice."""
        open_shop(paying_store)
        checkout = bought(paying_store)
        intent_id = checkout["payment"]["intent_id"]
        paying_store.stripe.control("dashboard_refund", payment_intent=intent_id)
        paying_store.drain()

        paying_store.stripe.control("dispute", payment_intent=intent_id)
        paying_store.drain()

        order = staff_order(paying_store, checkout)
        assert (order["payment"]["refunded"]["amount"], order["payment"]["disputed"]["amount"]) == (4300, 4300)
        [review] = open_reviews(paying_store)
        assert (review["kind"], review["amount"]["amount"], review["order_id"]) == ("excess_refund", 4300, order["id"])

    def test_money_that_a_bank_returns_to_a_canceled_order_reaches_a_person(self, paying_store: Store) -> None:
        """While it was disputed it could not go back, and nobody looks at a canceled order again."""
        open_shop(paying_store)
        checkout = bought(paying_store)
        path = f"/v1/admin/orders/{checkout['order']['id']}"
        dispute = paying_store.stripe.control("dispute", payment_intent=checkout["payment"]["intent_id"])
        paying_store.drain()
        canceled = paying_store.post(f"{path}/cancel", {}).body

        paying_store.stripe.control("dispute/close", dispute=dispute["id"], won=True)
        paying_store.drain()
        told = open_reviews(paying_store)
        refunded = paying_store.post(f"{path}/refunds", {"reason": "canceled"}).body

        assert (canceled["order"]["status"], canceled["refund"]) == ("canceled", None)
        assert [(review["kind"], review["amount"]["amount"]) for review in told] == [("dispute_won", 4300)]
        assert (refunded["refund"]["amount"]["amount"], refunded["refund"]["state"]) == (4300, "succeeded")

    def test_a_dispute_that_kept_nothing_back_ends_silently(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)
        dispute = paying_store.stripe.control("dispute", payment_intent=checkout["payment"]["intent_id"])

        paying_store.stripe.control("dispute/close", dispute=dispute["id"], won=True)
        paying_store.drain()

        assert staff_order(paying_store, checkout)["payment_status"] == "paid"
        assert open_reviews(paying_store) == []


class TestNewsThatOvertakes:
    def test_a_refund_or_dispute_ahead_of_its_payment_is_no_excess(self, paying_store: Store) -> None:
        """Stripe promises no order; after an outage of the webhook all of a payment's events come at once."""
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body
        intent_id = checkout["payment"]["intent_id"]
        paying_store.stripe.pay(intent_id)
        paying_store.stripe.control("dashboard_refund", payment_intent=intent_id, amount=1000)
        paying_store.stripe.control("dispute", payment_intent=intent_id, amount=500)
        paid_then_back = paying_store.stripe.new_events()

        for event in reversed(paid_then_back):
            post(paying_store, json.dumps(event))

        order = staff_order(paying_store, checkout)
        assert open_reviews(paying_store) == []
        assert (order["status"], order["payment_status"]) == ("placed", "disputed")
        amounts = {name: order["payment"][name]["amount"] for name in ("captured", "refunded", "disputed")}
        assert amounts == {"captured": 4300, "refunded": 1000, "disputed": 500}


class TestRefundsAtStripe:
    def test_a_refund_made_in_stripes_dashboard_is_recorded(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)

        paying_store.stripe.control("dashboard_refund", payment_intent=checkout["payment"]["intent_id"], amount=1000)
        paying_store.drain()

        order = staff_order(paying_store, checkout)
        assert (order["payment_status"], order["payment"]["refunded"]["amount"]) == ("partially_refunded", 1000)
        assert [refund["origin"] for refund in order["refunds"]] == ["provider"]
        assert order["payment"]["refundable"]["amount"] == 3300

    def test_a_failure_that_nobody_waits_for_reaches_a_person_whatever_breaks(
        self, paying_store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whoever records the failure may die before a person is told, and what is recorded is not news again."""
        open_shop(paying_store)
        checkout = bought(paying_store, method="pm_card_pendingRefund")
        canceled = paying_store.post(f"/v1/admin/orders/{checkout['order']['id']}/cancel", {}).body
        intent_id = checkout["payment"]["intent_id"]
        [refund] = [each for each in paying_store.stripe.listed("refunds") if each["payment_intent"] == intent_id]
        failed = event_of(refund, "refund.failed", status="failed", failure_reason="lost_or_stolen_card")

        def dies_after_it_is_stored(*arguments: Any, **named: Any) -> None:
            stored(*arguments, **named)
            monkeypatch.undo()
            raise RuntimeError

        monkeypatch.setattr("commerce.checkout.refunds.store", dies_after_it_is_stored)
        with pytest.raises(AssertionError):
            post(paying_store, failed)
        post(paying_store, failed)

        assert canceled["refund"]["state"] == "pending"
        assert [review["kind"] for review in open_reviews(paying_store)] == ["refund_failed"]

    def test_a_failure_after_the_order_is_over_reaches_a_person(self, paying_store: Store) -> None:
        """Staff watch what they refund of an order that is alive; one that is canceled has their attention no more."""
        open_shop(paying_store)
        checkout = bought(paying_store)
        path = f"/v1/admin/orders/{checkout['order']['id']}"
        paying_store.post(f"{path}/refunds", {"reason": "late", "amount": {"amount": 300, "currency": "USD"}})
        paying_store.post(f"{path}/cancel", {})
        [refund] = [each for each in paying_store.stripe.listed("refunds") if each["amount"] == 300]

        paying_store.stripe.control("refund/fail", refund=refund["id"])
        paying_store.drain()

        assert staff_order(paying_store, checkout)["payment"]["refundable"]["amount"] == 300
        assert [(review["kind"], review["amount"]["amount"]) for review in open_reviews(paying_store)] == [
            ("refund_failed", 300)
        ]
