"""Carts and checkouts of a shop whose taxes Stripe computes."""

from collections.abc import Iterator
from typing import Any

import pytest

from commerce.adapters import stripe_tax
from commerce.adapters.json_http import JsonHttp
from commerce.taxes import stripe_provider
from tests.functional.storefront.carts.conftest import Shop
from tests.functional.storefront.carts.test_taxes import GERMAN_SHOP, amounts, sent_to
from tests.support.gift_cards import issue
from tests.support.payments import LocalStripe
from tests.support.store import Answer, Store, running_store

CALCULATIONS = "/v1/tax/calculations"
DAY = 24 * 3600.0


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give Stripe more time than shoppers do: the machine may be busy. Remember nothing of the test before."""
    patient = JsonHttp(seconds=20)
    monkeypatch.setattr(stripe_tax, "http", lambda: patient)
    stripe_provider.forget()
    yield
    stripe_provider.forget()
    patient.close()


def opened(store: Store) -> Shop:
    shop = Shop(store)
    shop.sells("BOOK", {"amount": 10700, "currency": "EUR"}, tax_class="books")
    shop.sells("LAMP", {"amount": 11900, "currency": "EUR"})
    shop.ships("post", {"amount": 595, "currency": "EUR"})
    assert store.put("/v1/admin/taxes", GERMAN_SHOP).status == 200
    return shop


@pytest.fixture
def taxing(stripe_server: LocalStripe) -> Iterator[Shop]:
    """The shop in Germany, which has Stripe compute taxes."""
    with running_store(stripe_server, TAX_PROVIDER="stripe_tax") as store:
        yield opened(store)


def asked(store: Store) -> int:
    """Return how often Stripe computed a tax."""
    return len(store.stripe.changes(CALCULATIONS))


def checked_out(store: Store, cart: dict[str, Any]) -> Answer:
    agreed = {"expected_total": cart["totals"]["total"], "pricing_hash": cart["pricing_hash"]}
    return store.post(f"/v1/carts/{cart['id']}/checkout", agreed)


class TestCart:
    def test_shows_what_stripe_computed(self, taxing: Shop) -> None:
        cart = sent_to(taxing.store, taxing, "FR")

        assert {line["tax"]["rule"] for line in cart["lines"]} == {"stripe_tax:standard_rated"}
        assert amounts(cart) == {
            "subtotal": 12000 + 12000,
            "discount": 0,
            "shipping": 600,
            "tax": 2000 + 2000 + 100,
            "total": 24600,
            "due": 24600,
        }
        assert cart["problems"] == []

    def test_is_computed_once_however_often_it_is_read_and_then_checked_out(self, taxing: Shop) -> None:
        store = taxing.store
        cart = sent_to(store, taxing, "FR")
        before = asked(store)

        for _ in range(3):
            stripe_provider.forget()  # Each time another process.
            assert store.get(f"/v1/carts/{cart['id']}").body["totals"] == cart["totals"]
        stripe_provider.forget()
        answer = checked_out(store, cart)

        assert answer.status == 201, answer.body
        assert answer.body["order"]["totals"] == cart["totals"]
        assert (before, asked(store)) == (1, 1)

    def test_is_computed_anew_when_anything_of_the_question_changes(self, taxing: Shop) -> None:
        store = taxing.store
        cart = sent_to(store, taxing, "FR")

        taxing.puts(cart["id"], "BOOK", 2)
        stripe_provider.forget()
        again = store.get(f"/v1/carts/{cart['id']}").body

        assert amounts(again)["tax"] == 2000 + 4000 + 100
        assert asked(store) == 2

    def test_is_computed_anew_when_codes_gift_cards_or_groups_change_what_is_taxed(self, taxing: Shop) -> None:
        store = taxing.store
        off = {"title": "Ten", "status": "active", "actions": [{"kind": "percent_off_order", "off_basis_points": 1000}]}
        assert store.put("/v1/admin/promotions/ten", {**off, "trigger": "code"}).status == 200
        assert store.post("/v1/admin/promotions/ten/codes", {"code": "TEN"}).status == 201
        members = [{"kind": "customer_groups", "any_of": ["members"]}]
        assert store.put("/v1/admin/promotions/members", {**off, "conditions": members}).status == 200
        card = issue(store, 1000, currency="EUR")
        cart = sent_to(store, taxing, "FR")
        path = f"/v1/carts/{cart['id']}"

        def tax_and_due(answer: Answer) -> tuple[int, int]:
            assert answer.status == 200, answer.body
            stripe_provider.forget()  # Each time another process.
            return amounts(answer.body)["tax"], amounts(answer.body)["due"]

        assert tax_and_due(store.post(f"{path}/gift-cards", {"code": card["code"]})) == (4100, 23600)
        assert tax_and_due(store.post(f"{path}/codes", {"code": "TEN"})) == (3700, 21200)
        assert tax_and_due(store.delete(f"{path}/codes/TEN")) == (4100, 23600)
        groups = f"/v1/admin/carts/{cart['id']}/customer-groups"
        assert tax_and_due(store.put(groups, {"customer_groups": ["members"]})) == (3700, 21200)
        assert tax_and_due(store.put(groups, {"customer_groups": []})) == (4100, 23600)
        assert tax_and_due(store.delete(f"{path}/gift-cards/{card['id']}")) == (4100, 24600)

    def test_is_computed_for_whoever_changes_the_cart_first_after_stripe_was_away(self, taxing: Shop) -> None:
        store = taxing.store
        cart = sent_to(store, taxing, "FR")
        card = issue(store, 1000, currency="EUR")
        path = f"/v1/carts/{cart['id']}/gift-cards"
        for change in (
            lambda: store.post(path, {"code": card["code"]}),
            lambda: store.delete(f"{path}/{card['id']}"),
        ):
            store.tick(8 * DAY)
            stripe_provider.forget()
            before = asked(store)

            assert change().status == 200
            stripe_provider.forget()
            assert amounts(store.get(f"/v1/carts/{cart['id']}").body)["tax"] == 4100
            assert asked(store) == before + 1

    def test_is_computed_anew_when_a_line_is_taken_out(self, taxing: Shop) -> None:
        store = taxing.store
        cart = sent_to(store, taxing, "FR")

        again = store.delete(f"/v1/carts/{cart['id']}/lines/BOOK").body
        stripe_provider.forget()

        assert amounts(again)["tax"] == 2000 + 100
        assert store.get(f"/v1/carts/{cart['id']}").body["totals"] == again["totals"]
        assert asked(store) == 2

    def test_is_shown_to_whoever_repeats_how_it_was_made(self, taxing: Shop) -> None:
        store, key = taxing.store, {"Idempotency-Key": "made-once"}
        cart_id = store.post("/v1/carts", {"currency": "EUR"}, headers=key).body["id"]
        taxing.puts(cart_id, "LAMP", 1)
        address = {"name": "Ann", "line1": "1 Quay", "city": "Port", "postal_code": "10115", "country": "FR"}
        store.patch(f"/v1/carts/{cart_id}", {"shipping_address": address})
        store.tick(DAY)

        again = store.post("/v1/carts", {"currency": "EUR"}, headers=key)

        assert (again.status, again.body["id"]) == (201, cart_id)
        assert amounts(again.body)["tax"] == 2000

    def test_is_not_computed_any_more_once_it_is_an_order(self, taxing: Shop) -> None:
        store = taxing.store
        cart = sent_to(store, taxing, "FR")
        order = checked_out(store, cart).body
        store.stripe.pay(order["payment"]["intent_id"], "pm_card_visa")
        store.drain()

        store.tick(DAY)
        stripe_provider.forget()
        after = store.get(f"/v1/carts/{cart['id']}")

        assert (after.status, after.body["state"], asked(store)) == (200, "ordered", 1)

    def test_is_not_computed_before_there_is_an_address(self, taxing: Shop) -> None:
        cart = taxing.store.get(f"/v1/carts/{taxing.cart('EUR', LAMP=1)}").body

        assert cart["totals"]["tax"]["amount"] == 1900
        assert asked(taxing.store) == 0

    def test_is_not_written_by_a_read(self, taxing: Shop) -> None:
        store = taxing.store
        cart = sent_to(store, taxing, "FR")
        before = store.items("taxes")

        store.tick(DAY)  # Another day, another question.
        store.get(f"/v1/carts/{cart['id']}")
        store.get(f"/v1/carts/{cart['id']}")

        assert store.items("taxes") == before
        assert asked(store) == 2, "a process remembers what it asked"

    def test_bears_no_tax_as_a_business_abroad(self, taxing: Shop) -> None:
        cart = sent_to(taxing.store, taxing, "FR", tax_id="FR61954506077")

        assert {line["tax"]["reason"] for line in cart["lines"]} == {"reverse_charge"}
        assert amounts(cart)["total"] == 20500


class TestSilence:
    def test_of_stripe_has_the_shops_rules_computed_and_shoppers_check_out(self, taxing: Shop) -> None:
        store = taxing.store
        store.stripe.fault("POST", CALCULATIONS, "500_recorded")
        cart = sent_to(store, taxing, "DE")
        store.stripe.fault("POST", CALCULATIONS, "500_recorded")

        answer = checked_out(store, cart)

        assert {line["tax"]["rule"] for line in cart["lines"]} == {"de", "de-books"}
        assert answer.status == 201, answer.body

    def test_of_stripe_lets_nobody_check_out_if_the_shop_wants_so(self, stripe_server: LocalStripe) -> None:
        with running_store(stripe_server, TAX_PROVIDER="stripe_tax", TAX_FALLBACK="refuse") as store:
            shop = opened(store)
            store.stripe.fault("POST", CALCULATIONS, "429", times=2)
            cart = sent_to(store, shop, "FR")
            refused = checked_out(store, cart)
            after = store.get(f"/v1/carts/{cart['id']}").body

        assert [(it["code"], it["blocking"]) for it in cart["problems"]] == [("carts.taxes_unknown", True)]
        assert (refused.status, refused.code) == (422, "checkout.cart_not_ready")
        assert [it["code"] for it in refused.body["errors"]] == ["carts.taxes_unknown"]
        assert after["problems"] == []

    def test_that_ends_between_cart_and_checkout_changes_no_total_unseen(self, taxing: Shop) -> None:
        store = taxing.store
        store.stripe.control("tax", rates={"FR": [["country", "France", "10"]]})
        store.stripe.fault("POST", CALCULATIONS, "429")
        cart = sent_to(store, taxing, "FR")

        answer = checked_out(store, cart)

        assert (answer.status, answer.code) == (409, "checkout.price_changed")
        assert answer.body["quote"]["totals"]["tax"]["amount"] == 1000 + 1000 + 50


class TestThreeDecimals:
    def test_taxes_come_to_a_total_that_can_be_charged(self, paying_store: Store) -> None:
        store, shop = paying_store, Shop(paying_store)
        shop.sells("DATES", {"amount": 1230, "currency": "BHD"})
        shop.ships("post", {"amount": 770, "currency": "BHD"})
        rules = {
            "home": {"country": "BH"},
            "registrations": [{"country": "BH"}],
            "rates": [{"id": "bh", "name": "VAT", "rate": "0.1", "country": "BH"}],
            "countries": [{"country": "BH", "prices_include_tax": False}],
        }
        assert store.put("/v1/admin/taxes", rules).status == 200
        cart_id = shop.cart("BHD", DATES=1)
        address = {"name": "Ann", "line1": "1 Quay", "city": "Manama", "postal_code": "315", "country": "BH"}
        fields = {"email": "ann@example.com", "shipping_address": address, "shipping_method": "post"}

        cart = store.patch(f"/v1/carts/{cart_id}", fields).body

        assert cart["problems"] == []
        assert amounts(cart)["tax"] == 120 + 80
        assert amounts(cart)["total"] == 2200
        assert checked_out(store, cart).status == 201
