"""An order's invoice and credit notes, as its shopper sees them."""

from typing import Any

import pytest

from commerce.kernel import clock
from tests.support import pdf
from tests.support.invoices import refund, set_up
from tests.support.shop import ADDRESS, EMAIL, bought, open_shop
from tests.support.store import Answer, Store


@pytest.fixture
def checkout(paying_store: Store) -> dict[str, Any]:
    """An order of two mugs at 19.00 and 5.00 for shipping, by a shop that invoices."""
    open_shop(paying_store)
    assert set_up(paying_store).status == 200
    return bought(paying_store)


def read(store: Store, checkout: dict[str, Any], rest: str = "", *, token: str | None = None) -> Answer:
    sent = checkout["order_token"] if token is None else token
    return store.get(f"/v1/orders/{checkout['order']['id']}/invoices{rest}", headers={"Order-Token": sent})


def first_number() -> str:
    return f"INV-{clock.now().year}-000001"


def usd(amount: int) -> dict[str, object]:
    return {"amount": amount, "currency": "USD"}


class TestList:
    def test_has_the_invoice_as_soon_as_the_order_is_paid(self, paying_store: Store, checkout: dict[str, Any]) -> None:
        answer = read(paying_store, checkout)

        assert (answer.status, answer.body["next_cursor"]) == (200, None)
        [invoice] = answer.body["items"]
        assert invoice["number"] == first_number()
        assert (invoice["kind"], invoice["total"], invoice["customer_name"]) == ("invoice", usd(4300), "Ada Byron")
        assert invoice["order_number"] == checkout["order"]["number"]

    def test_has_a_credit_note_for_each_refund_behind_it(self, paying_store: Store, checkout: dict[str, Any]) -> None:
        refund(paying_store, checkout, 1000)
        refund(paying_store, checkout)

        items = read(paying_store, checkout).body["items"]

        assert [(item["kind"], item["total"]["amount"]) for item in items] == [
            ("invoice", 4300),
            ("credit_note", 1000),
            ("credit_note", 3300),
        ]
        year = clock.now().year
        assert [item["number"] for item in items[1:]] == [f"CN-{year}-000001", f"CN-{year}-000002"]

    def test_is_empty_where_the_shop_does_not_invoice(self, paying_store: Store) -> None:
        open_shop(paying_store)

        assert read(paying_store, bought(paying_store)).body["items"] == []


class TestOne:
    def test_tells_who_sold_what_to_whom(self, paying_store: Store, checkout: dict[str, Any]) -> None:
        answer = read(paying_store, checkout, f"/{first_number()}")

        assert answer.status == 200
        assert answer.body["seller"]["legal_name"] == "Harbor Goods Ltd"
        assert answer.body["customer"] == {
            "name": ADDRESS["name"],
            "company": None,
            "tax_id": None,
            "email": EMAIL,
            "country": "US",
            "address": ["1 Pier Road", "03801 Portsmouth", "US"],
        }
        assert [(line["kind"], line["title"], line["quantity"]) for line in answer.body["lines"]] == [
            ("goods", "Enamel mug (One size)", 2),
            ("shipping", "Standard", 1),
        ]
        assert [line["gross"] for line in answer.body["lines"]] == [usd(3800), usd(500)]
        assert answer.body["lines"][0]["unit_net"] == usd(1900)
        assert (answer.body["net"], answer.body["tax"], answer.body["total"]) == (usd(4300), usd(0), usd(4300))
        assert (answer.body["taxes"], answer.body["untaxed"]) == ([], usd(4300))
        assert answer.body["payments"] == [{"kind": "card", "amount": usd(4300)}]
        assert answer.body["supplied_on"] == answer.body["issued_on"] == clock.now().date().isoformat()
        assert (answer.body["refers_to"], answer.body["reason"], answer.body["national_tax"]) == (None, None, None)

    def test_of_a_refund_names_the_invoice(self, paying_store: Store, checkout: dict[str, Any]) -> None:
        refund(paying_store, checkout, 1000, "scratched lid")

        answer = read(paying_store, checkout, f"/CN-{clock.now().year}-000001")

        assert answer.body["refers_to"]["number"] == first_number()
        assert (answer.body["reason"], answer.body["total"], answer.body["payments"]) == (
            "scratched lid",
            usd(1000),
            [],
        )

    def test_stays_as_it_was_issued_whatever_the_shop_changes(
        self, paying_store: Store, checkout: dict[str, Any]
    ) -> None:
        before = read(paying_store, checkout, f"/{first_number()}").body

        changed = {"legal_name": "Other Ltd", "line1": "2 Quay", "city": "Kittery", "country": "US"}
        assert set_up(paying_store, seller=changed, notes=["New."], time_zone="Asia/Tokyo").status == 200
        paying_store.tick(86_400)

        assert read(paying_store, checkout, f"/{first_number()}").body == before

    @pytest.mark.parametrize("number", ["INV-1999-000001", "INV", "x", "CN-2026-000001"])
    def test_is_not_found_by_a_number_that_the_order_does_not_have(
        self, paying_store: Store, checkout: dict[str, Any], number: str
    ) -> None:
        for rest in (f"/{number}", f"/{number}/pdf"):
            answer = read(paying_store, checkout, rest)

            assert (answer.status, answer.code) == (404, "invoices.not_found")

    def test_of_another_order_is_not_found(self, paying_store: Store, checkout: dict[str, Any]) -> None:
        other = bought(paying_store)
        [number] = [item["number"] for item in read(paying_store, other).body["items"]]

        assert read(paying_store, other, f"/{number}").status == 200
        assert read(paying_store, checkout, f"/{number}").code == "invoices.not_found"


class TestPdf:
    def test_is_a_file_with_a_name(self, paying_store: Store, checkout: dict[str, Any]) -> None:
        answer = read(paying_store, checkout, f"/{first_number()}/pdf")

        assert answer.status == 200
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"] == f'inline; filename="{first_number()}.pdf"'
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.body.startswith(b"%PDF-")

    def test_shows_what_the_document_says(self, paying_store: Store, checkout: dict[str, Any]) -> None:
        text = pdf.read(read(paying_store, checkout, f"/{first_number()}/pdf").body).text

        for words in (first_number(), "Harbor Goods Ltd", "Ada Byron", "Enamel mug (One size)", "Total USD\n43.00"):
            assert words in text, words

    def test_is_the_same_each_time(self, paying_store: Store, checkout: dict[str, Any]) -> None:
        first = read(paying_store, checkout, f"/{first_number()}/pdf").body
        paying_store.tick(86_400)

        assert read(paying_store, checkout, f"/{first_number()}/pdf").body == first


class TestToken:
    @pytest.mark.parametrize("rest", ["", "/{number}", "/{number}/pdf"])
    def test_of_nobody_and_of_others_opens_nothing(
        self, paying_store: Store, checkout: dict[str, Any], rest: str
    ) -> None:
        path = rest.format(number=first_number())
        other = bought(paying_store)["order_token"]

        answers = [read(paying_store, checkout, path, token=token) for token in ("", "garbage", other)]

        assert {(answer.status, answer.code) for answer in answers} == {(404, "orders.not_found")}
