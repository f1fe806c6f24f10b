"""What taxes a cart shows, by the shop's rules and where it goes."""

from typing import Any

import pytest

from tests.support.store import Store

GERMAN_SHOP = {
    "home": {"country": "DE"},
    "rates": [
        {"id": "de", "name": "MwSt.", "rate": "0.19", "country": "DE"},
        {"id": "de-books", "name": "MwSt.", "rate": "0.07", "country": "DE", "tax_class": "books"},
        {"id": "fr", "name": "TVA", "rate": "0.20", "country": "FR"},
    ],
    "registrations": [{"country": "DE", "tax_id": "DE136695976"}],
    "one_stop_shop": {"country": "DE", "over_threshold": True},
}
FRENCH_BUSINESS = "FR 61 954 506 077"


SUMS = ("subtotal", "discount", "shipping", "tax", "total", "due")


@pytest.fixture
def taxed(store: Store, shop: Any) -> Any:
    """The shop in Germany, that also sells a book and sends for 5.95."""
    shop.sells("BOOK", {"amount": 10700, "currency": "EUR"}, tax_class="books")
    shop.sells("LAMP", {"amount": 11900, "currency": "EUR"})
    shop.ships("post", {"amount": 595, "currency": "EUR"})
    assert store.put("/v1/admin/taxes", GERMAN_SHOP).status == 200
    return shop


def sent_to(store: Store, shop: Any, country: str, **changes: Any) -> dict[str, Any]:
    """Return a cart with a lamp and a book that goes to a country."""
    cart_id = shop.cart("EUR", LAMP=1, BOOK=1)
    address = {"name": "Ann", "line1": "1 Quay", "city": "Port", "postal_code": "10115", "country": country}
    fields = {"email": "ann@example.com", "shipping_address": address, "shipping_method": "post", **changes}
    changed = store.patch(f"/v1/carts/{cart_id}", fields)
    assert changed.status == 200, changed.body
    cart: dict[str, Any] = changed.body
    return cart


def amounts(cart: dict[str, Any]) -> dict[str, int]:
    return {name: value["amount"] for name, value in cart["totals"].items() if name in SUMS}


class TestAtHome:
    def test_prices_contain_the_rate_of_each_class(self, store: Store, taxed: Any) -> None:
        cart = sent_to(store, taxed, "DE")

        assert [(line["sku"], line["tax"]["tax"]["amount"], line["tax"]["rule"]) for line in cart["lines"]] == [
            ("LAMP", 1900, "de"),
            ("BOOK", 700, "de-books"),
        ]
        assert cart["shipping_tax"]["tax"]["amount"] == 95
        assert amounts(cart) == {
            "subtotal": 22600,
            "discount": 0,
            "shipping": 595,
            "tax": 2695,
            "total": 23195,
            "due": 23195,
        }

    def test_a_cart_without_an_address_shows_the_tax_of_home(self, store: Store, taxed: Any) -> None:
        cart = store.get(f"/v1/carts/{taxed.cart('EUR', LAMP=1)}").body

        assert cart["totals"]["tax"]["amount"] == 1900
        assert cart["lines"][0]["tax"]["reason"] == "unknown_destination"


class TestAbroad:
    def test_consumers_pay_their_own_countrys_tax_on_the_same_net_price(self, store: Store, taxed: Any) -> None:
        cart = sent_to(store, taxed, "FR")

        assert [line["tax"]["net"]["amount"] for line in cart["lines"]] == [10000, 10000]
        assert [line["restated"]["amount"] for line in cart["lines"]] == [100, 1300]
        assert amounts(cart)["total"] == 12000 + 12000 + 600
        assert {step["source"] for step in cart["explanation"]} == {
            "catalog.price",
            "shipping.price",
            "taxes.restated",
            "taxes.rate",
        }

    def test_businesses_with_a_valid_number_pay_none(self, store: Store, taxed: Any) -> None:
        cart = sent_to(store, taxed, "FR", tax_id=FRENCH_BUSINESS)

        assert (cart["tax_id"]["tax_id"], cart["tax_id"]["valid"]) == ("FR61954506077", True)
        assert {line["tax"]["reason"] for line in cart["lines"]} == {"reverse_charge"}
        assert amounts(cart)["tax"] == 0
        assert amounts(cart)["total"] == 10000 + 10000 + 500

    def test_exports_leave_without_tax(self, store: Store, taxed: Any) -> None:
        assert amounts(sent_to(store, taxed, "US"))["total"] == 20500


class TestTaxIds:
    @pytest.mark.parametrize(
        ("text", "said"), [("FR 61 954 506 078", "mistyped"), ("FR1", "form"), ("QQ123456", "no country")]
    )
    def test_that_cannot_be_are_refused_with_what_is_wrong(
        self, store: Store, taxed: Any, text: str, said: str
    ) -> None:
        refused = store.patch(f"/v1/carts/{taxed.cart('EUR', LAMP=1)}", {"tax_id": text})

        assert (refused.status, refused.code) == (422, "taxes.invalid_tax_id")
        [fault] = refused.body["errors"]
        assert (fault["param"], said in fault["message"]) == ("tax_id", True)

    def test_can_be_taken_back(self, store: Store, taxed: Any) -> None:
        cart = sent_to(store, taxed, "FR", tax_id=FRENCH_BUSINESS)

        again = store.patch(f"/v1/carts/{cart['id']}", {"tax_id": None}).body

        assert again["tax_id"] is None
        assert amounts(again)["tax"] == 4000 + 100
