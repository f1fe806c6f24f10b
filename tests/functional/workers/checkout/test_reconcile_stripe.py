"""Every hour: whatever the webhook did not bring takes the same way as if it had."""

import httpx

from tests.support.gift_cards import balances, cart_with, issue
from tests.support.payments import SECRET_KEY
from tests.support.shop import check_out, filled_cart, level, open_shop, shoppers_order
from tests.support.store import Store


class TestOutageOfTheWebhook:
    def test_an_order_that_was_paid_meanwhile_is_placed(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body
        paying_store.stripe.pay(checkout["payment"]["intent_id"])

        paying_store.invoke("checkout/reconcile_stripe")

        order = shoppers_order(paying_store, checkout).body
        assert (order["status"], order["payment_status"]) == ("placed", "paid")
        assert level(paying_store)["reserved"] == 0
        assert paying_store.get(f"/v1/carts/{order['cart_id']}").body["state"] == "ordered"

    def test_an_order_whose_payment_was_canceled_at_stripe_gives_its_stock_back(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body
        canceled = httpx.post(
            f"{paying_store.stripe.url}/v1/payment_intents/{checkout['payment']['intent_id']}/cancel",
            headers={"Authorization": f"Bearer {SECRET_KEY}"},
        )
        assert canceled.status_code == 200, canceled.text

        paying_store.invoke("checkout/reconcile_stripe")

        order = shoppers_order(paying_store, checkout).body
        assert order["status"] in {"canceled", "expired"}
        assert (level(paying_store)["available"], level(paying_store)["reserved"]) == (10, 0)

    def test_an_order_whose_payment_was_canceled_at_stripe_gives_its_cards_back(self, paying_store: Store) -> None:
        open_shop(paying_store)
        card = issue(paying_store, 1000)
        checkout = check_out(paying_store, cart_with(paying_store, card)).body
        canceled = httpx.post(
            f"{paying_store.stripe.url}/v1/payment_intents/{checkout['payment']['intent_id']}/cancel",
            headers={"Authorization": f"Bearer {SECRET_KEY}"},
        )
        assert canceled.status_code == 200, canceled.text

        paying_store.invoke("checkout/reconcile_stripe")

        assert balances(paying_store, card) == [1000]
