"""A shopper who comes back to an order whose payment never started."""

from typing import Any

import pytest

from commerce.checkout.state import load
from commerce.orders.tokens import order_token
from tests.support.shop import check_out, filled_cart, open_shop
from tests.support.store import Answer, Store


def ordered_in_vain(store: Store, cart: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """Order a cart while Stripe is down; return the order's id and the headers that open it."""
    store.stripe.fault("POST", "/v1/payment_intents", "500_recorded")
    assert check_out(store, cart).status == 503
    (order_id,) = {row["pk"]["S"] for row in store.items("orders") if row["sk"]["S"] == "order"}
    return order_id, {"Order-Token": order_token(load(order_id).order)}


class TestPaymentThatNeverStarted:
    def test_is_started_now_and_can_be_paid(self, paying_store: Store) -> None:
        open_shop(paying_store)
        order_id, headers = ordered_in_vain(paying_store, filled_cart(paying_store))

        answer = paying_store.post(f"/v1/orders/{order_id}/payment", headers=headers)
        paying_store.stripe.pay(answer.body["payment"]["intent_id"])
        paying_store.drain()

        assert answer.status == 200
        assert paying_store.get(f"/v1/orders/{order_id}", headers=headers).body["status"] == "placed"

    @pytest.mark.parametrize("way", ["payment", "checkout"])
    def test_is_started_under_a_key_that_can_be_repeated(self, paying_store: Store, way: str) -> None:
        open_shop(paying_store)
        cart = filled_cart(paying_store)
        order_id, headers = ordered_in_vain(paying_store, cart)
        headers |= {"Idempotency-Key": "again-1"}

        def go() -> Answer:
            if way == "checkout":
                return check_out(paying_store, cart, headers=headers)
            return paying_store.post(f"/v1/orders/{order_id}/payment", headers=headers)

        first, again = go(), go()

        assert first.status == 200
        assert again.status in {200, 201}
        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.body == first.body
        assert len(paying_store.stripe.listed("payment_intents")) == 1

    def test_a_key_opens_nothing_without_the_orders_token(self, paying_store: Store) -> None:
        """G11: the same address, the same browser and the same key are no credential."""
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body
        path, key = f"/v1/orders/{checkout['order']['id']}/payment", {"Idempotency-Key": "resume-1"}
        mine = paying_store.post(path, headers=key | {"Order-Token": checkout["order_token"]})

        strangers = [paying_store.post(path, headers=key | token) for token in ({}, {"Order-Token": "k1.AAAA"})]

        assert mine.status == 200
        assert [(answer.status, answer.code) for answer in strangers] == [(404, "orders.not_found")] * 2
