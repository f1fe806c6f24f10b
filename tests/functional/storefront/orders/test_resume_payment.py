"""A shopper who comes back to an order whose payment never started."""

from commerce.checkout.state import load
from commerce.orders.tokens import order_token
from tests.support.shop import check_out, filled_cart, open_shop
from tests.support.store import Store


class TestPaymentThatNeverStarted:
    def test_is_started_now_and_can_be_paid(self, paying_store: Store) -> None:
        open_shop(paying_store)
        cart = filled_cart(paying_store)
        paying_store.stripe.fault("POST", "/v1/payment_intents", "500_recorded")
        assert check_out(paying_store, cart).status == 503
        (order_id,) = {row["pk"]["S"] for row in paying_store.items("orders") if row["sk"]["S"] == "order"}

        headers = {"Order-Token": order_token(load(order_id).order)}
        answer = paying_store.post(f"/v1/orders/{order_id}/payment", headers=headers)
        paying_store.stripe.pay(answer.body["payment"]["intent_id"])
        paying_store.drain()

        assert answer.status == 200
        assert paying_store.get(f"/v1/orders/{order_id}", headers=headers).body["status"] == "placed"
