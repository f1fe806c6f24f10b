"""POST /v1/carts."""

from tests.support.store import Store


class TestCreateCart:
    def test_answers_the_whole_empty_cart(self, store: Store):
        answer = store.post("/v1/carts", {})

        zero = {"amount": 0, "currency": "USD"}
        assert answer.status == 201
        assert answer.headers["ETag"] == '"1"'
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.body == {
            "id": answer.body["id"],
            "state": "open",
            "order_id": None,
            "currency": "USD",
            "lines": [],
            "email": None,
            "shipping_address": None,
            "billing_address": None,
            "shipping_method": None,
            "shipping_tax": None,
            "tax_id": None,
            "shipping_option": None,
            "requires_shipping": False,
            "totals": {
                "subtotal": zero,
                "discount": zero,
                "shipping": zero,
                "tax": zero,
                "total": zero,
                "gift_cards": zero,
                "credit": zero,
                "due": zero,
                "prices_include_tax": True,
            },
            "gift_cards": [],
            "problems": [
                {
                    "code": "carts.empty",
                    "blocking": True,
                    "param": "lines",
                    "message": "The cart is empty.",
                    "available": None,
                    "shipping_methods": None,
                },
                {
                    "code": "carts.email_missing",
                    "blocking": True,
                    "param": "email",
                    "message": "Say to which e-mail address the confirmation goes.",
                    "available": None,
                    "shipping_methods": None,
                },
            ],
            "pricing_hash": answer.body["pricing_hash"],
            "explanation": [],
            "created_at": answer.body["created_at"],
            "updated_at": answer.body["created_at"],
            "expires_at": answer.body["expires_at"],
            "version": 1,
        }

    def test_gives_ids_that_nobody_guesses(self, store: Store):
        ids = [store.post("/v1/carts", {}).body["id"] for _ in range(3)]

        assert len(set(ids)) == 3
        assert all(cart_id.startswith("cart_") and len(cart_id) == 31 for cart_id in ids)

    def test_needs_no_body(self, store: Store):
        answer = store.post("/v1/carts")

        assert answer.status == 201
        assert answer.body["currency"] == "USD"

    def test_takes_any_currency(self, store: Store):
        bodies = {currency: store.post("/v1/carts", {"currency": currency}).body for currency in ("EUR", "JPY", "KWD")}

        for currency, body in bodies.items():
            assert body["currency"] == currency
            assert body["totals"]["due"] == {"amount": 0, "currency": currency}

    def test_refuses_what_is_no_currency(self, store: Store):
        answers = [store.post("/v1/carts", {"currency": each}) for each in ("eur", "EURO", "ZZZ", "", 7, ["EUR"])]

        assert [answer.status for answer in answers] == [422] * 6
        assert {fault["param"] for answer in answers for fault in answer.body["errors"]} == {"currency"}
        assert store.items("carts") == []

    def test_refuses_fields_that_it_does_not_know(self, store: Store):
        names = ["id", "state", "total", "email", "hold_used_seconds", "order_id"]

        answers = [store.post("/v1/carts", {name: "x"}) for name in names]

        assert [answer.status for answer in answers] == [422] * 6
        assert [answer.body["errors"][0]["param"] for answer in answers] == names

    def test_gives_the_same_cart_to_a_repeated_key(self, store: Store):
        headers = {"Idempotency-Key": "create-1"}

        first = store.post("/v1/carts", {"currency": "EUR"}, headers=headers)
        second = store.post("/v1/carts", {"currency": "EUR"}, headers=headers)
        other = store.post("/v1/carts", {"currency": "USD"}, headers=headers)

        assert (first.status, second.status) == (201, 201)
        assert second.body == first.body
        assert second.headers["Idempotent-Replayed"] == "true"
        assert (other.status, other.code) == (422, "idempotency.key_reused")
        assert len(store.items("carts")) == 1
