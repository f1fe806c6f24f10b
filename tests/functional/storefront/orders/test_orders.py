"""The shopper's order: reading it by its token, and paying after a decline."""

import pytest

from tests.support.shop import bought, check_out, filled_cart, open_shop, shoppers_order
from tests.support.store import Store


class TestGetOrder:
    def test_its_token_opens_it(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body

        answer = shoppers_order(paying_store, checkout)

        assert (answer.status, answer.body) == (200, checkout["order"])
        assert answer.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("token", ["", "k1.", "k1.AAAA", "nonsense", "k1." + "A" * 43, "é"])
    def test_any_other_token_looks_like_a_miss(self, paying_store: Store, token: str) -> None:
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body

        wrong = paying_store.get(f"/v1/orders/{checkout['order']['id']}", headers={"Order-Token": token})
        missing = paying_store.get("/v1/orders/ord_aaaaaaaaaaaaaaaaaaaaaaaaaa", headers={"Order-Token": token})

        assert (wrong.status, missing.status) == (404, 404)
        assert wrong.body | {"request_id": ""} == missing.body | {"request_id": ""}

    def test_the_token_of_another_order_does_not_open_it(self, paying_store: Store) -> None:
        open_shop(paying_store)
        mine = check_out(paying_store, filled_cart(paying_store)).body
        theirs = check_out(paying_store, filled_cart(paying_store)).body

        answer = paying_store.get(f"/v1/orders/{theirs['order']['id']}", headers={"Order-Token": mine["order_token"]})

        assert answer.status == 404


class TestResumePayment:
    def test_gives_the_same_intent_after_a_decline_and_the_next_card_pays(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store, method="pm_card_chargeDeclined")
        order_id, token = checkout["order"]["id"], {"Order-Token": checkout["order_token"]}
        assert shoppers_order(paying_store, checkout).body["status"] == "pending"

        resumed = paying_store.post(f"/v1/orders/{order_id}/payment", headers=token)
        paying_store.stripe.pay(resumed.body["payment"]["intent_id"])
        paying_store.drain()

        assert resumed.status == 200
        assert resumed.body["payment"] == checkout["payment"]
        order = shoppers_order(paying_store, checkout).body
        assert (order["status"], order["payment_status"]) == ("placed", "paid")

    def test_is_refused_when_the_hold_has_ended(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body
        paying_store.tick(31 * 60)

        answer = paying_store.post(
            f"/v1/orders/{checkout['order']['id']}/payment", headers={"Order-Token": checkout["order_token"]}
        )

        assert (answer.status, answer.code) == (409, "checkout.not_payable")

    def test_a_paid_order_has_nothing_to_pay(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)

        answer = paying_store.post(
            f"/v1/orders/{checkout['order']['id']}/payment", headers={"Order-Token": checkout["order_token"]}
        )

        assert (answer.status, answer.body["payment"]) == (200, None)

    def test_needs_the_order_token(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body

        answer = paying_store.post(f"/v1/orders/{checkout['order']['id']}/payment")

        assert (answer.status, answer.code) == (404, "orders.not_found")
