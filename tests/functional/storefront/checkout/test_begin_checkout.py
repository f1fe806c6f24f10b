"""POST /v1/carts/{cart_id}/checkout, as a shopper sees it."""

import pytest

from tests.support.shop import bought, check_out, filled_cart, level, open_shop, shoppers_order
from tests.support.store import Store


class TestBuying:
    def test_a_checkout_freezes_the_price_holds_the_stock_and_starts_one_payment(self, paying_store: Store) -> None:
        open_shop(paying_store, "MUG-BLUE", "LAMP")
        cart = filled_cart(paying_store, {"MUG-BLUE": 2, "LAMP": 1})

        answer = check_out(paying_store, cart)

        assert answer.status == 201
        order, payment = answer.body["order"], answer.body["payment"]
        assert (order["status"], order["payment_status"], order["fulfillment_status"]) == (
            "pending",
            "pending",
            "unfulfilled",
        )
        assert order["totals"]["total"] == {"amount": 2 * 1900 + 4500 + 500, "currency": "USD"}
        assert [line["sku"] for line in order["lines"]] == ["MUG-BLUE", "LAMP"]
        intent = paying_store.stripe.intent(payment["intent_id"])
        assert (intent["amount"], intent["currency"], intent["status"]) == (8800, "usd", "requires_payment_method")
        assert intent["client_secret"] == payment["client_secret"]
        assert intent["metadata"]["order_id"] == order["id"]
        assert (level(paying_store)["available"], level(paying_store)["reserved"]) == (8, 2)

    def test_a_paid_checkout_becomes_a_placed_order(self, paying_store: Store) -> None:
        open_shop(paying_store)

        checkout = bought(paying_store)

        order = shoppers_order(paying_store, checkout).body
        assert (order["status"], order["payment_status"]) == ("placed", "paid")
        stock = level(paying_store)
        assert (stock["available"], stock["reserved"], stock["sold"], stock["received"]) == (8, 0, 2, 10)

    def test_an_order_that_costs_nothing_is_placed_without_stripe(self, paying_store: Store) -> None:
        open_shop(paying_store, "STICKER")
        cart = filled_cart(paying_store, {"STICKER": 1})

        answer = check_out(paying_store, cart)

        assert answer.status == 201
        assert answer.body["payment"] is None
        assert (answer.body["order"]["status"], answer.body["order"]["payment_status"]) == ("placed", "paid")
        assert paying_store.stripe.changes() == []
        assert level(paying_store, "STICKER")["sold"] == 1
        assert paying_store.get(f"/v1/carts/{cart['id']}").body["state"] == "ordered"

    def test_no_secret_of_the_payment_is_stored(self, paying_store: Store) -> None:
        open_shop(paying_store)

        secret = check_out(paying_store, filled_cart(paying_store)).body["payment"]["client_secret"]

        for table in ("orders", "payments", "carts", "idempotency", "outbox"):
            assert secret not in str(paying_store.items(table))


class TestOneOrderPerCart:
    def test_a_repeat_without_a_key_gets_the_same_order(self, paying_store: Store) -> None:
        open_shop(paying_store)
        cart = filled_cart(paying_store)
        first = check_out(paying_store, cart)

        again = check_out(paying_store, cart)

        assert (first.status, again.status) == (201, 200)
        assert again.body["order"]["id"] == first.body["order"]["id"]
        assert again.body["payment"]["client_secret"] == first.body["payment"]["client_secret"]
        assert len(paying_store.stripe.listed("payment_intents")) == 1
        assert level(paying_store)["reserved"] == 2

    def test_a_repeat_with_its_key_gets_the_first_answer(self, paying_store: Store) -> None:
        open_shop(paying_store)
        cart = filled_cart(paying_store)
        key = {"Idempotency-Key": "checkout-1"}
        first = check_out(paying_store, cart, headers=key)

        again = check_out(paying_store, cart, headers=key)

        assert (first.status, again.status) == (201, 201)
        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.body == first.body

    def test_a_repeat_after_payment_shows_the_placed_order(self, paying_store: Store) -> None:
        open_shop(paying_store)
        cart = filled_cart(paying_store)
        first = check_out(paying_store, cart)
        paying_store.stripe.pay(first.body["payment"]["intent_id"])
        paying_store.drain()

        again = check_out(paying_store, cart)

        assert again.status == 200
        assert (again.body["order"]["status"], again.body["payment"]) == ("placed", None)

    def test_a_repeat_that_expects_another_total_is_refused(self, paying_store: Store) -> None:
        open_shop(paying_store)
        cart = filled_cart(paying_store)
        check_out(paying_store, cart)

        answer = paying_store.post(
            f"/v1/carts/{cart['id']}/checkout", {"expected_total": {"amount": 1, "currency": "USD"}}
        )

        assert (answer.status, answer.code) == (409, "checkout.price_changed")


class TestRefusals:
    def test_a_price_that_moved_answers_with_the_new_quote(self, paying_store: Store) -> None:
        open_shop(paying_store)
        cart = filled_cart(paying_store)
        product = paying_store.get("/v1/products/mug-blue").body
        variant = {"sku": "MUG-BLUE", "title": "One size", "prices": [{"amount": 2100, "currency": "USD"}]}
        changed = paying_store.patch(f"/v1/admin/products/{product['id']}", {"variants": [variant]})
        assert changed.status == 200, changed.body

        answer = check_out(paying_store, cart)

        assert (answer.status, answer.code) == (409, "checkout.price_changed")
        assert answer.body["quote"]["totals"]["total"] == {"amount": 2 * 2100 + 500, "currency": "USD"}
        assert paying_store.stripe.changes() == []
        assert level(paying_store)["reserved"] == 0

    def test_a_pricing_hash_of_another_quote_is_refused(self, paying_store: Store) -> None:
        open_shop(paying_store)
        cart = filled_cart(paying_store)

        answer = check_out(paying_store, cart | {"pricing_hash": "0" * 64})

        assert (answer.status, answer.code) == (409, "checkout.price_changed")

    def test_stock_that_is_gone_names_the_line_and_takes_nothing(self, paying_store: Store) -> None:
        open_shop(paying_store, "MUG-BLUE", "LAMP")
        cart = filled_cart(paying_store, {"MUG-BLUE": 2, "LAMP": 11})

        answer = check_out(paying_store, cart)

        assert (answer.status, answer.code) == (409, "inventory.insufficient_stock")
        assert [fault["param"] for fault in answer.body["errors"]] == ["lines.LAMP.quantity"]
        assert level(paying_store, "MUG-BLUE")["reserved"] == 0
        assert paying_store.stripe.changes() == []
        assert paying_store.get(f"/v1/carts/{cart['id']}").body["state"] == "open"

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"email": None}, "carts.email_missing"),
            ({"shipping_address": None}, "carts.shipping_address_missing"),
            ({"shipping_method": None}, "carts.shipping_method_missing"),
        ],
    )
    def test_what_is_missing_is_named(self, paying_store: Store, change: dict[str, None], code: str) -> None:
        open_shop(paying_store)
        cart = filled_cart(paying_store)
        cart = paying_store.patch(f"/v1/carts/{cart['id']}", change).body

        answer = check_out(paying_store, cart)

        assert (answer.status, answer.code) == (422, "checkout.cart_not_ready")
        assert code in [fault["code"] for fault in answer.body["errors"]]

    def test_an_empty_cart_cannot_be_ordered(self, paying_store: Store) -> None:
        cart = paying_store.post("/v1/carts", {}).body

        answer = check_out(paying_store, cart)

        assert (answer.status, answer.code) == (422, "checkout.cart_not_ready")

    def test_a_cart_that_is_not_there_is_a_404(self, paying_store: Store) -> None:
        body = {"expected_total": {"amount": 1, "currency": "USD"}}

        answer = paying_store.post("/v1/carts/cart_aaaaaaaaaaaaaaaaaaaaaaaaaa/checkout", body)

        assert (answer.status, answer.code) == (404, "carts.not_found")

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"expected_total": 4300},
            {"expected_total": {"amount": 43.0, "currency": "USD"}},
            {"expected_total": {"amount": "4300", "currency": "USD"}},
            {"expected_total": {"amount": 4300, "currency": "usd"}},
            {"expected_total": {"amount": 4300, "currency": "ZZZ"}},
            {"expected_total": {"amount": 10**18, "currency": "USD"}},
            {"expected_total": {"amount": 4300, "currency": "USD"}, "total": 1},
            {"expected_total": {"amount": 4300, "currency": "USD"}, "status": "placed"},
        ],
    )
    def test_a_malformed_agreement_is_refused_and_takes_nothing(
        self, paying_store: Store, body: dict[str, object]
    ) -> None:
        open_shop(paying_store)
        cart = filled_cart(paying_store)

        answer = paying_store.post(f"/v1/carts/{cart['id']}/checkout", body)

        assert answer.status == 422
        assert level(paying_store)["reserved"] == 0

    def test_a_fourth_open_checkout_of_one_shopper_is_refused(self, paying_store: Store) -> None:
        open_shop(paying_store)
        for email in ("ada@example.com", "ADA@example.com", " ada@example.com "):
            assert check_out(paying_store, filled_cart(paying_store, {"MUG-BLUE": 1}, email=email)).status == 201

        answer = check_out(paying_store, filled_cart(paying_store, {"MUG-BLUE": 1}))

        assert (answer.status, answer.code) == (429, "checkout.too_many_open")
        assert "Retry-After" in answer.headers
        assert level(paying_store)["reserved"] == 3


class TestStripeInTrouble:
    def test_an_order_whose_payment_could_not_start_is_resumed_by_the_same_key(self, paying_store: Store) -> None:
        open_shop(paying_store)
        cart = filled_cart(paying_store)
        paying_store.stripe.fault("POST", "/v1/payment_intents", "500_recorded")
        key = {"Idempotency-Key": "checkout-1"}

        failed = check_out(paying_store, cart, headers=key)
        again = check_out(paying_store, cart, headers=key)

        assert failed.status == 503
        assert failed.body["retryable"]
        assert again.status == 201
        assert again.body["payment"]["client_secret"]
        assert level(paying_store)["reserved"] == 2
        live = [intent for intent in paying_store.stripe.listed("payment_intents") if intent["status"] != "canceled"]
        assert len(live) == 1
