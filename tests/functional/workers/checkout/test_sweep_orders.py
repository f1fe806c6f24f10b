"""Every five minutes: holds that ended, authorizations that run out, refunds that were not answered."""

import pytest

from tests.support.payments import event_of
from tests.support.shop import bought, check_out, filled_cart, level, open_shop, shoppers_order, staff_order
from tests.support.store import Store

HOLD = 30 * 60


class TestHolds:
    def test_a_hold_ends_and_frees_stock_payment_and_cart(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body

        paying_store.tick(HOLD - 60)
        before = shoppers_order(paying_store, checkout).body["status"]
        paying_store.tick(61)

        assert before == "pending"
        order = shoppers_order(paying_store, checkout).body
        assert (order["status"], order["payment_status"]) == ("expired", "canceled")
        assert (level(paying_store)["available"], level(paying_store)["reserved"]) == (10, 0)
        assert paying_store.stripe.intent(checkout["payment"]["intent_id"])["status"] == "canceled"
        assert paying_store.get(f"/v1/carts/{order['cart_id']}").body["state"] == "open"

    def test_sweeping_again_changes_nothing(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body
        paying_store.tick(HOLD + 1)
        before = staff_order(paying_store, checkout)

        counts = paying_store.invoke("checkout/sweep_orders")

        assert counts == {"attended": 0, "failed": 0}
        assert staff_order(paying_store, checkout) == before

    def test_a_payment_whose_webhook_never_came_is_found_by_the_sweep(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body
        paying_store.stripe.pay(checkout["payment"]["intent_id"])
        paying_store.stripe.new_events()

        paying_store.tick(HOLD + 1)

        order = shoppers_order(paying_store, checkout).body
        assert (order["status"], order["payment_status"]) == ("placed", "paid")
        assert level(paying_store)["sold"] == 2

    def test_an_intent_whose_id_was_lost_is_canceled_and_the_stock_is_free(self, paying_store: Store) -> None:
        open_shop(paying_store)
        paying_store.stripe.fault("POST", "/v1/payment_intents", "500_after")
        assert check_out(paying_store, filled_cart(paying_store)).status == 503

        paying_store.tick(HOLD + 1)

        assert [intent["status"] for intent in paying_store.stripe.listed("payment_intents")] == ["canceled"]
        assert level(paying_store)["available"] == 10

    def test_stock_waits_while_stripe_does_not_answer(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body
        paying_store.stripe.fault("POST", "/cancel", "429")
        with pytest.raises(RuntimeError, match="'failed': 1"):
            paying_store.tick(HOLD + 1)

        held = level(paying_store)["reserved"]
        paying_store.tick(300)

        assert held == 2
        assert shoppers_order(paying_store, checkout).body["status"] == "expired"

    def test_money_that_does_not_fit_does_not_hold_stock_for_ever(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body
        intent_id = checkout["payment"]["intent_id"]
        paying_store.stripe.pay(intent_id)
        paying_store.stripe.new_events()
        intent = paying_store.stripe.intent(intent_id)
        paying_store.pumps.post_webhook(event_of(intent, "payment_intent.succeeded", event_livemode=True))

        paying_store.tick(HOLD + 1)

        order = shoppers_order(paying_store, checkout).body
        assert (order["status"], order["payment_status"]) == ("placed", "review")


class TestLateMoney:
    def test_goes_back_in_full_once(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body
        intent_id = checkout["payment"]["intent_id"]
        pending = paying_store.stripe.intent(intent_id)
        paying_store.pumps.post_webhook(event_of(pending, "payment_intent.canceled", status="canceled"))
        paying_store.drain()
        assert shoppers_order(paying_store, checkout).body["status"] == "expired"

        paying_store.stripe.pay(intent_id)
        paying_store.drain()
        paid = paying_store.stripe.intent(intent_id)
        paying_store.pumps.post_webhook(event_of(paid, "payment_intent.succeeded"))
        paying_store.drain()

        order = staff_order(paying_store, checkout)
        assert (order["status"], order["payment_status"]) == ("expired", "refunded")
        refunds = paying_store.stripe.listed("refunds")
        assert [(refund["amount"], refund["status"]) for refund in refunds] == [(4300, "succeeded")]
        assert level(paying_store)["available"] == 10


class TestAuthorizations:
    def test_are_captured_a_day_before_they_end(self, capturing_store: Store) -> None:
        open_shop(capturing_store)
        checkout = bought(capturing_store)
        placed = shoppers_order(capturing_store, checkout).body
        assert (placed["status"], placed["payment_status"]) == ("placed", "authorized")

        capturing_store.tick(6 * 86_400 - 3600)
        early = shoppers_order(capturing_store, checkout).body["payment_status"]
        capturing_store.tick(2 * 3600)

        assert early == "authorized"
        assert shoppers_order(capturing_store, checkout).body["payment_status"] == "paid"
        assert len(capturing_store.stripe.changes("/capture")) == 1


class TestRefunds:
    def test_one_that_stripe_did_not_answer_is_sent_again(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)
        paying_store.stripe.fault("POST", "/v1/refunds", "500_after")

        answer = paying_store.post(f"/v1/admin/orders/{checkout['order']['id']}/refunds", {"reason": "broken"})
        paying_store.stripe.new_events()
        paying_store.tick(300)

        assert (answer.status, answer.body["refund"]["state"]) == (201, "requested")
        order = staff_order(paying_store, checkout)
        assert (order["payment_status"], order["refunds"][0]["state"]) == ("refunded", "succeeded")
        assert len(paying_store.stripe.listed("refunds")) == 1

    def test_one_that_stripe_made_unheard_is_found_when_its_key_is_forgotten(self, paying_store: Store) -> None:
        """Stripe keeps keys for a day; a store that was down for longer must not send the money a second time."""
        open_shop(paying_store)
        checkout = bought(paying_store)
        body = {"amount": {"amount": 1000, "currency": "USD"}, "reason": "a scratch"}
        paying_store.stripe.fault("POST", "/v1/refunds", "drop_after", times=3)

        answer = paying_store.post(f"/v1/admin/orders/{checkout['order']['id']}/refunds", body)
        paying_store.stripe.new_events()
        paying_store.tick(25 * 3600)

        assert (answer.status, answer.body["refund"]["state"]) == (201, "requested")
        order = staff_order(paying_store, checkout)
        assert [refund["state"] for refund in order["refunds"]] == ["succeeded"]
        assert [refund["amount"] for refund in paying_store.stripe.listed("refunds")] == [1000]

    def test_one_that_stripe_fails_twice_is_made_once_all_the_same(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)
        paying_store.stripe.fault("POST", "/v1/refunds", "500_recorded", times=3)  # The repeat of the first is one.

        paying_store.post(f"/v1/admin/orders/{checkout['order']['id']}/refunds", {"reason": "broken"})
        paying_store.tick(300)
        paying_store.tick(300)

        assert staff_order(paying_store, checkout)["payment_status"] == "refunded"
        assert [refund["amount"] for refund in paying_store.stripe.listed("refunds")] == [4300]


class TestReconciler:
    def test_applies_what_a_dead_webhook_missed(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)
        paying_store.tick(10)  # By then the charge is settled, and Stripe has no more news of its own.
        paying_store.stripe.control("dashboard_refund", payment_intent=checkout["payment"]["intent_id"], amount=4300)

        counts = paying_store.invoke("checkout/reconcile_stripe")
        again = paying_store.invoke("checkout/reconcile_stripe")

        assert counts == again
        assert counts["events"] > 0
        assert staff_order(paying_store, checkout)["payment_status"] == "refunded"


class TestSlowPayments:
    def test_are_asked_about_every_day_and_not_canceled_before_their_time(self, slow_paying_store: Store) -> None:
        store = slow_paying_store
        open_shop(store)
        checkout = bought(store, method="pm_usBankAccount_success")
        intent_id = checkout["payment"]["intent_id"]

        store.tick(86_400 + 60)
        store.stripe.control("process", payment_intent=intent_id)
        store.stripe.new_events()
        store.tick(86_400 + 60)

        assert store.stripe.changes("/cancel") == []
        order = shoppers_order(store, checkout).body
        assert (order["status"], order["payment_status"]) == ("placed", "paid")
