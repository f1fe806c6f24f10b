"""DELETE /v1/carts/{cart_id}/checkout: back to the cart."""

from tests.support.shop import bought, check_out, filled_cart, level, open_shop, shoppers_order
from tests.support.store import Store


class TestLeaving:
    def test_frees_the_stock_cancels_the_payment_and_opens_the_cart(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body
        cart_id = checkout["order"]["cart_id"]

        answer = paying_store.delete(f"/v1/carts/{cart_id}/checkout")

        assert (answer.status, answer.body["state"], answer.body["order_id"]) == (200, "open", None)
        assert level(paying_store)["available"] == 10
        assert paying_store.stripe.intent(checkout["payment"]["intent_id"])["status"] == "canceled"
        order = shoppers_order(paying_store, checkout).body
        assert (order["status"], order["payment_status"]) == ("canceled", "canceled")
        [cancellation] = paying_store.stripe.changes("cancel")
        assert cancellation["params"] == {"cancellation_reason": "requested_by_customer"}

    def test_the_cart_can_be_changed_and_ordered_again(self, paying_store: Store) -> None:
        open_shop(paying_store)
        first = check_out(paying_store, filled_cart(paying_store)).body
        cart_id = first["order"]["cart_id"]
        paying_store.delete(f"/v1/carts/{cart_id}/checkout")
        cart = paying_store.put(f"/v1/carts/{cart_id}/lines/MUG-BLUE", {"quantity": 3}).body

        second = check_out(paying_store, cart)

        assert second.status == 201
        assert second.body["order"]["id"] != first["order"]["id"]
        assert level(paying_store)["reserved"] == 3

    def test_is_refused_while_the_payment_is_processing(self, slow_paying_store: Store) -> None:
        paying_store = slow_paying_store
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body
        paying_store.stripe.pay(checkout["payment"]["intent_id"], "pm_usBankAccount_success")
        paying_store.drain()

        answer = paying_store.delete(f"/v1/carts/{checkout['order']['cart_id']}/checkout")

        assert (answer.status, answer.code) == (409, "checkout.payment_under_way")
        assert level(paying_store)["reserved"] == 2

    def test_a_payment_that_was_faster_wins(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body
        paying_store.stripe.pay(checkout["payment"]["intent_id"])

        answer = paying_store.delete(f"/v1/carts/{checkout['order']['cart_id']}/checkout")

        assert (answer.status, answer.code) == (409, "checkout.already_paid")
        assert shoppers_order(paying_store, checkout).body["status"] == "placed"

    def test_is_refused_for_a_cart_without_a_checkout(self, paying_store: Store) -> None:
        open_shop(paying_store)
        cart = filled_cart(paying_store)

        answer = paying_store.delete(f"/v1/carts/{cart['id']}/checkout")

        assert (answer.status, answer.code) == (409, "checkout.not_open")

    def test_is_refused_for_an_ordered_cart(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)

        answer = paying_store.delete(f"/v1/carts/{checkout['order']['cart_id']}/checkout")

        assert (answer.status, answer.code) == (409, "checkout.already_paid")

    def test_a_repeat_with_its_key_answers_the_cart_again(self, paying_store: Store) -> None:
        open_shop(paying_store)
        cart_id = check_out(paying_store, filled_cart(paying_store)).body["order"]["cart_id"]
        key = {"Idempotency-Key": "leave-1"}
        first = paying_store.delete(f"/v1/carts/{cart_id}/checkout", headers=key)

        again = paying_store.delete(f"/v1/carts/{cart_id}/checkout", headers=key)

        assert (first.status, again.status) == (200, 200)
        assert again.headers["Idempotent-Replayed"] == "true"

    def test_a_refusal_is_given_again_to_a_repeat_with_its_key(self, slow_paying_store: Store) -> None:
        store = slow_paying_store
        open_shop(store)
        paid, processing = (check_out(store, filled_cart(store)).body for _ in range(2))
        store.stripe.pay(paid["payment"]["intent_id"])
        store.stripe.pay(processing["payment"]["intent_id"], "pm_usBankAccount_success")

        codes = [
            store.delete(
                f"/v1/carts/{checkout['order']['cart_id']}/checkout", headers={"Idempotency-Key": "leave-1"}
            ).code
            for checkout in (paid, paid, processing, processing)
        ]

        assert codes == ["checkout.already_paid"] * 2 + ["checkout.payment_under_way"] * 2

    def test_holds_of_one_cart_end_after_an_hour_in_all(self, paying_store: Store) -> None:
        open_shop(paying_store)
        cart = filled_cart(paying_store)
        for _ in range(2):
            check_out(paying_store, cart)
            cart = paying_store.delete(f"/v1/carts/{cart['id']}/checkout").body

        answer = check_out(paying_store, cart)

        assert (answer.status, answer.code) == (409, "checkout.hold_used_up")
