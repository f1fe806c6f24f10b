"""What invoices and credit notes say about the taxes of orders that were made through carts."""

from typing import Any
from unittest.mock import patch

import pytest

from commerce.invoices import truth
from commerce.kernel.errors import Unavailable
from tests.support import pdf
from tests.support.invoices import SELLER, numbers, refund, set_up, whole
from tests.support.shop import check_out
from tests.support.store import Store

Json = dict[str, Any]

GERMAN_SELLER = {
    "legal_name": "Harbor Goods GmbH",
    "line1": "Kai 1",
    "city": "Hamburg",
    "postal_code": "20457",
    "country": "DE",
    "tax_id": "DE136695976",
}
GERMAN_SHOP = {
    "home": {"country": "DE"},
    "rates": [
        {"id": "de", "name": "MwSt.", "rate": "0.19", "country": "DE"},
        {"id": "de-books", "name": "MwSt.", "rate": "0.07", "country": "DE", "tax_class": "books"},
        {"id": "fr", "name": "TVA", "rate": "0.20", "country": "FR"},
    ],
    "registrations": [{"country": "DE", "tax_id": "DE136695976"}],
    "one_stop_shop": {"country": "DE", "over_threshold": True},
    "exemptions": [{"id": "museum", "tax_id": "DE129273398"}],
    "shipping": "proportional",
}
AMERICAN_SHOP = {
    "home": {"country": "US", "region": "CA"},
    "rates": [
        {"id": "ca", "name": "California", "rate": "0.06", "country": "US", "region": "CA"},
        {"id": "la", "name": "Los Angeles", "rate": "0.0125", "country": "US", "region": "CA", "level": 2},
        {"id": "books", "name": "California", "rate": "0", "country": "US", "region": "CA", "tax_class": "books"},
    ],
    "registrations": [{"country": "US", "region": "CA"}],
    "countries": [{"country": "US", "prices_include_tax": False}],
}
FRENCH_BUSINESS = "FR 61 954 506 077"


def sells(store: Store, sku: str, amount: int, currency: str, tax_class: str = "standard") -> None:
    variant = {"sku": sku, "title": "One size", "prices": [{"amount": amount, "currency": currency}]}
    product = {"slug": sku.lower(), "title": sku.title(), "status": "active", "tax_class": tax_class}
    assert store.post("/v1/admin/products", product | {"variants": [variant]}).status == 201
    receipt = store.post(f"/v1/admin/stock/{sku}/receipts", {"location": "main", "quantity": 100})
    assert receipt.status == 201


def opened(store: Store, currency: str, taxes: Json, **invoicing: Any) -> Store:
    """Open a shop that sells a lamp, and a book of another tax class, sends them by post, and invoices."""
    sells(store, "LAMP", 11900, currency)
    sells(store, "BOOK", 3567, currency, tax_class="books")
    method = {"title": "Post", "prices": [{"amount": 595, "currency": currency}]}
    assert store.put("/v1/admin/shipping-methods/post", method).status == 200
    assert store.put("/v1/admin/taxes", taxes).status == 200
    assert set_up(store, **invoicing).status == 200
    return store


@pytest.fixture
def german(paying_store: Store) -> Store:
    return opened(paying_store, "EUR", GERMAN_SHOP, seller=GERMAN_SELLER)


@pytest.fixture
def american(paying_store: Store) -> Store:
    return opened(paying_store, "USD", AMERICAN_SHOP, seller=SELLER | {"region": "CA"})


def ordered(store: Store, country: str, currency: str = "EUR", /, region: str | None = None, **changes: Any) -> Json:
    """Return the checkout of a paid order of two lamps and three books."""
    cart_id = store.post("/v1/carts", {"currency": currency}).body["id"]
    for sku, quantity in {"LAMP": 2, "BOOK": 3}.items():
        assert store.put(f"/v1/carts/{cart_id}/lines/{sku}", {"quantity": quantity}).status == 200
    address = {"name": "Ann", "line1": "1 Quay", "city": "Port", "postal_code": "90001", "country": country}
    fields = {"email": "ann@example.com", "shipping_address": address | {"region": region}, "shipping_method": "post"}
    cart = store.patch(f"/v1/carts/{cart_id}", fields | changes)
    assert cart.status == 200, cart.body
    answer = check_out(store, cart.body)
    assert answer.status == 201, answer.body
    store.stripe.pay(answer.body["payment"]["intent_id"], "pm_card_visa")
    store.drain()
    checkout: Json = answer.body
    return checkout


def invoice(store: Store, checkout: Json) -> Json:
    return whole(store, checkout, numbers(store, checkout)[0])


def credit_notes(store: Store, checkout: Json) -> list[Json]:
    return [whole(store, checkout, number) for number in numbers(store, checkout)[1:]]


def plain(told: Any) -> Any:
    """Return what was told with plain numbers in place of money."""
    if isinstance(told, dict):
        return told["amount"] if set(told) == {"amount", "currency"} else {key: plain(it) for key, it in told.items()}
    return [plain(it) for it in told] if isinstance(told, list) else told


def by_rate(document: Json) -> list[tuple[str, str, int, int]]:
    return [(tax["title"], tax["rate"], tax["net"], tax["amount"]) for tax in plain(document["taxes"])]


class TestInclusivePrices:
    def test_are_told_line_by_line_with_net_tax_gross_rates_and_rule(self, german: Store) -> None:
        document = plain(invoice(german, ordered(german, "DE")))

        told = ("unit_price", "unit_net", "net", "gross", "tax_rule", "tax_reason", "tax_country")
        assert [tuple(line[name] for name in told) for line in document["lines"]] == [
            (11900, 10000, 20000, 23800, "de", "rate", "DE"),
            (3567, 3334, 10001, 10701, "de-books", "rate", "DE"),
            (595, 518, 518, 595, "de-books+de", "rate", "DE"),
        ]
        assert document["prices_include_tax"] is True
        assert (document["net"], document["tax"], document["total"]) == (30519, 4577, 35096)

    def test_are_summed_up_by_rate_with_the_parts_of_shipping_that_go_with_each(self, german: Store) -> None:
        document = invoice(german, ordered(german, "DE"))

        assert by_rate(document) == [("MwSt.", "19", 20345, 3865), ("MwSt.", "7", 10174, 712)]
        assert plain(document["untaxed"]) == 0

    def test_of_consumers_in_another_member_state_have_the_tax_of_theirs(self, german: Store) -> None:
        document = plain(invoice(german, ordered(german, "FR")))

        lamp = document["lines"][0]
        assert (lamp["restated"], lamp["unit_net"], lamp["gross"], lamp["tax_country"]) == (200, 10000, 24000, "FR")
        assert {tax["title"] for tax in document["taxes"]} == {"TVA"}
        assert document["notes"] == []


class TestPromotions:
    def test_are_told_as_discounts_without_tax_and_taxed_no_more(self, german: Store) -> None:
        actions = [{"kind": "percent_off_order", "off_basis_points": 1000}, {"kind": "free_shipping"}]
        sale = {"title": "Sale", "status": "active", "actions": actions}
        assert german.put("/v1/admin/promotions/sale", sale).status == 200
        document = plain(invoice(german, ordered(german, "DE")))

        told = ("unit_net", "discount", "discount_net", "net", "gross")
        lines = {line["sku"]: tuple(line[name] for name in told) for line in document["lines"]}
        assert lines["LAMP"] == (10000, 2380, 2000, 18000, 21420)
        assert lines[None][1:] == (595, lines[None][0], 0, 0)
        assert document["net"] + document["tax"] == document["total"] == sum(line[-1] for line in lines.values())


class TestNoTax:
    def test_of_businesses_in_another_member_state_is_told_with_their_number_and_the_law(self, german: Store) -> None:
        document = invoice(german, ordered(german, "FR", tax_id=FRENCH_BUSINESS))

        assert document["customer"]["tax_id"] == "FR61954506077"
        assert {line["tax_rule"] for line in document["lines"]} == {"reverse_charge"}
        assert {tax["treatment"] for tax in document["taxes"]} == {"intra_community"}
        assert document["notes"] == ["Exempt intra-Community supply: Article 138 of Directive 2006/112/EC."]
        assert by_rate(document) == [("Intra-Community supply", "0", 30519, 0)]
        assert plain(document["tax"]) == 0

    def test_of_exports_is_told_with_the_law(self, german: Store) -> None:
        document = invoice(german, ordered(german, "CH"))

        assert document["notes"] == ["Exempt export: Article 146 of Directive 2006/112/EC."]
        assert {line["tax_reason"] for line in document["lines"]} == {"export"}
        assert plain(document["tax"]) == 0

    def test_of_exempt_buyers_is_told_with_the_exemption(self, german: Store) -> None:
        document = invoice(german, ordered(german, "DE", tax_id="DE129273398"))

        assert document["notes"] == ["Exempt from tax."]
        assert {line["tax_rule"] for line in document["lines"]} == {"exemption:museum"}
        assert plain(document["tax"]) == 0

    def test_where_the_shop_is_not_registered_needs_no_words(self, american: Store) -> None:
        document = invoice(american, ordered(american, "US", "USD", region="NV"))

        assert (document["taxes"], document["notes"]) == ([], [])
        assert plain(document["untaxed"]) == plain(document["total"]) == 23800 + 10701 + 595
        assert {line["tax_reason"] for line in document["lines"]} == {"not_registered"}


class TestExclusivePrices:
    def test_have_the_tax_on_top_level_by_level(self, american: Store) -> None:
        document = invoice(american, ordered(american, "US", "USD", region="CA"))

        assert document["prices_include_tax"] is False
        assert by_rate(document) == [
            ("Los Angeles", "1.25", 24395 + 10701, 439),
            ("California", "6", 24395, 1464),
            ("California", "0", 10701, 0),
        ]
        assert plain(document["total"]) == plain(document["net"]) + plain(document["tax"])


class TestCreditNotes:
    @pytest.mark.parametrize("parts", [[1], [333, 1, 7777]])
    def test_of_all_that_was_paid_sum_up_to_the_invoice_rate_by_rate(self, german: Store, parts: list[int]) -> None:
        self.check(german, ordered(german, "DE"), parts)

    @pytest.mark.parametrize("parts", [[1], [333, 1, 7777]])
    def test_do_so_where_prices_exclude_tax(self, american: Store, parts: list[int]) -> None:
        self.check(american, ordered(american, "US", "USD", region="CA"), parts)

    def check(self, store: Store, checkout: Json, parts: list[int]) -> None:
        for part in parts:
            refund(store, checkout, part)
        refund(store, checkout)
        document, notes = invoice(store, checkout), credit_notes(store, checkout)

        assert [plain(note["total"]) for note in notes[:-1]] == parts
        for note in notes:
            assert plain(note["net"]) + plain(note["tax"]) == plain(note["total"])
        for name in ("net", "tax", "total", "untaxed"):
            assert sum(plain(note[name]) for note in notes) == plain(document[name]), name
        sums: dict[tuple[str, str], tuple[int, int]] = {}
        for title, rate, net, amount in (row for note in notes for row in by_rate(note)):
            before = sums.get((title, rate), (0, 0))
            sums[title, rate] = (before[0] + net, before[1] + amount)
        assert sums == {(title, rate): (net, amount) for title, rate, net, amount in by_rate(document)}

    def test_about_a_part_share_its_tax_among_the_rates(self, german: Store) -> None:
        checkout = ordered(german, "DE")
        refund(german, checkout, 1000)
        [note] = credit_notes(german, checkout)

        assert plain(note["total"]) == 1000
        assert sum(amount for *_, amount in by_rate(note)) == plain(note["tax"])
        assert 129 <= plain(note["tax"]) <= 132, "as much of it as of the invoice: 45.77 of 350.96"

    def test_say_the_same_as_their_invoice_about_no_tax(self, german: Store) -> None:
        checkout = ordered(german, "FR", tax_id=FRENCH_BUSINESS)
        refund(german, checkout, 1000)
        [note] = credit_notes(german, checkout)

        assert note["notes"] == invoice(german, checkout)["notes"]
        assert note["customer"]["tax_id"] == "FR61954506077"


class TestNationalTax:
    def test_is_told_in_the_sellers_currency_at_the_rate_that_the_shop_knows(self, american: Store) -> None:
        assert american.put("/v1/admin/exchange-rates/SEK", {"rate": "11.25"}).status == 200
        assert set_up(american, tax_currency="SEK").status == 200
        told = invoice(american, ordered(american, "US", "USD", region="CA"))["national_tax"]

        assert told["amount"] == {"amount": 21409, "currency": "SEK"}, "19.03 dollars"
        assert (told["rate"], told["source"]) == ("45/4", "manual")

    def test_is_told_on_what_is_made_up_for_later_too(self, american: Store) -> None:
        assert american.put("/v1/admin/exchange-rates/SEK", {"rate": "11.25"}).status == 200
        assert set_up(american, tax_currency="SEK").status == 200
        with patch.object(truth, "sale_of", side_effect=Unavailable):
            by_clock, by_staff = (ordered(american, "US", "USD", region="CA") for _ in range(2))

        assert american.post(f"/v1/admin/orders/{by_staff['order']['id']}/invoices").status == 200
        american.invoke("invoices/issue_waiting_invoices")

        for checkout in (by_clock, by_staff):
            assert invoice(american, checkout)["national_tax"]["amount"] == {"amount": 21409, "currency": "SEK"}

    def test_is_left_out_where_nobody_knows_the_rate(self, german: Store) -> None:
        assert set_up(german, seller=GERMAN_SELLER, tax_currency="SEK").status == 200

        assert invoice(german, ordered(german, "DE"))["national_tax"] is None


class TestPdf:
    def test_tells_the_rates_of_each_line_and_their_sums(self, german: Store) -> None:
        checkout = ordered(german, "DE")
        [number] = numbers(german, checkout)
        text = pdf.read(german.get(f"/v1/admin/orders/{checkout['order']['id']}/invoices/{number}/pdf").body).text

        assert "7 / 19" in text
        assert "MwSt.\n19\n203.45\n38.65" in text
        assert "Net\n305.19\nTax\n45.77\nTotal EUR\n350.96" in text
