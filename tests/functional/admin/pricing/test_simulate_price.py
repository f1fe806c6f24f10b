"""POST /v1/admin/pricing/simulate: what a cart would cost."""

from typing import Any

from tests.support.payments import LocalStripe
from tests.support.shop import ADDRESS, filled_cart, open_shop
from tests.support.store import Answer, Store, running_store

PATH = "/v1/admin/pricing/simulate"
DESTINATION = {name: ADDRESS[name] for name in ("country", "postal_code", "city")}


def simulate(store: Store, **wanted: Any) -> Answer:
    body = {"lines": [{"sku": "MUG-BLUE", "quantity": 2}], **wanted}
    return store.post(PATH, body)


def promote(store: Store, **terms: Any) -> None:
    actions = [{"kind": "percent_off_order", "off_basis_points": 1000}]
    answer = store.put("/v1/admin/promotions/sale", {"title": "Sale", "status": "active", "actions": actions, **terms})
    assert answer.status == 200, answer.body


class TestSimulation:
    def test_says_what_a_cart_says(self, store: Store) -> None:
        open_shop(store)
        promote(store)
        cart = filled_cart(store)

        found = simulate(store, email=cart["email"], destination=DESTINATION, shipping_method="standard")

        assert found.status == 200
        same = ("totals", "pricing_hash", "explanation", "promotions", "lines", "problems", "shipping_option")
        assert {name: found.body[name] for name in same} == {name: cart[name] for name in same}

    def test_looks_at_another_day(self, store: Store) -> None:
        open_shop(store)
        promote(store, starts_at="2030-06-01T00:00:00Z", ends_at="2030-06-02T00:00:00Z")

        today = simulate(store).body
        then = simulate(store, at="2030-06-01T12:00:00Z").body

        assert (today["totals"]["discount"]["amount"], then["totals"]["discount"]["amount"]) == (0, 380)
        assert today["promotions"][0]["reason"] == "promotions.not_started"
        assert then["at"] == "2030-06-01T12:00:00.000Z"

    def test_looks_as_another_shopper(self, store: Store) -> None:
        open_shop(store)
        promote(store, conditions=[{"kind": "customer_groups", "any_of": ["wholesale"]}])

        found = simulate(store, customer_groups=["wholesale"]).body

        assert found["totals"]["discount"]["amount"] == 380

    def test_knows_a_customer_and_asks_stripe_for_taxes_as_a_cart_does(self, stripe_server: LocalStripe) -> None:
        with running_store(stripe_server, TAX_PROVIDER="stripe_tax", PRICES_INCLUDE_TAX="false") as store:
            store.stripe.control("tax", rates={"US": [["state", "New Hampshire", "10"]]})
            open_shop(store)
            promote(store, conditions=[{"kind": "first_order"}])
            cart = filled_cart(store)

            found = simulate(store, email=cart["email"], destination=DESTINATION, shipping_method="standard")

            assert (found.status, found.body["totals"]) == (200, cart["totals"])
            assert found.body["totals"]["tax"]["amount"] > 0
            assert found.body["promotions"][0]["applied"]

    def test_uses_codes_and_counts_nothing(self, store: Store) -> None:
        open_shop(store)
        promote(store, trigger="code", limits={"uses": 1})
        store.post("/v1/admin/promotions/sale/codes", {"code": "SAVE-10"})

        found = [simulate(store, codes=["save10"]).body for _ in range(2)]

        assert [each["totals"]["discount"]["amount"] for each in found] == [380, 380]
        assert store.get("/v1/admin/promotions/sale/usage").body["uses"]["left"] == 1
        assert store.items("carts") == []

    def test_refuses_codes_that_nobody_knows(self, store: Store) -> None:
        open_shop(store)

        answer = simulate(store, codes=["NOBODY"])

        assert (answer.status, answer.code) == (422, "promotions.code_unknown")

    def test_tells_what_is_not_sold(self, store: Store) -> None:
        open_shop(store)

        found = simulate(store, lines=[{"sku": "NOTHING", "quantity": 1}]).body

        assert (found["lines"][0]["unit_price"], found["problems"][0]["code"]) == (None, "carts.line_unavailable")
