"""GET /v1/admin/invoices: by series and by number."""

from typing import Any

import pytest

from commerce.kernel import clock
from tests.support.invoices import refund, set_up
from tests.support.shop import bought, open_shop
from tests.support.store import Store

PATH = "/v1/admin/invoices"


@pytest.fixture
def orders(paying_store: Store) -> list[dict[str, Any]]:
    """Three invoiced orders, the second of which was refunded."""
    open_shop(paying_store)
    set_up(paying_store)
    found = [bought(paying_store, {"MUG-BLUE": 1}) for _ in range(3)]
    refund(paying_store, found[1])
    return found


def numbers(store: Store, query: str = "") -> list[str]:
    answer = store.get(f"{PATH}{query}")
    assert answer.status == 200, answer.body
    return [item["number"] for item in answer.body["items"]]


class TestListInvoices:
    def test_answers_this_years_invoices_the_newest_first(
        self, paying_store: Store, orders: list[dict[str, Any]]
    ) -> None:
        year = clock.now().year

        items = paying_store.get(PATH).body["items"]

        assert [item["number"] for item in items] == [f"INV-{year}-00000{number}" for number in (3, 2, 1)]
        assert [item["order_id"] for item in items] == [order["order"]["id"] for order in reversed(orders)]
        assert items[0]["total"] == {"amount": 2400, "currency": "USD"}
        assert (items[0]["kind"], items[0]["customer_name"]) == ("invoice", "Ada Byron")

    def test_answers_the_series_that_is_asked_for(self, paying_store: Store, orders: list[dict[str, Any]]) -> None:
        year = clock.now().year

        assert numbers(paying_store, f"?series=CN-{year}-") == [f"CN-{year}-000001"]
        assert numbers(paying_store, f"?series=INV-{year - 1}-") == []
        assert numbers(paying_store, "?series=nonsense") == []

    def test_goes_on_page_by_page_also_when_the_present_series_changes(
        self, paying_store: Store, orders: list[dict[str, Any]]
    ) -> None:
        first = paying_store.get(f"{PATH}?limit=2").body
        set_up(paying_store, invoice_numbers="R{number}")

        second = paying_store.get(f"{PATH}?limit=2&cursor={first['next_cursor']}").body

        assert [item["number"][-1] for item in first["items"] + second["items"]] == ["3", "2", "1"]
        assert second["next_cursor"] is None
        assert numbers(paying_store) == []

    def test_refuses_a_cursor_of_another_series(self, paying_store: Store, orders: list[dict[str, Any]]) -> None:
        cursor = paying_store.get(f"{PATH}?limit=2").body["next_cursor"]

        answer = paying_store.get(f"{PATH}?series=CN-2026-&cursor={cursor}")

        assert (answer.status, answer.code) == (422, "request.bad_cursor")

    def test_finds_a_document_by_its_number(self, paying_store: Store, orders: list[dict[str, Any]]) -> None:
        year = clock.now().year

        assert numbers(paying_store, f"?number=CN-{year}-000001") == [f"CN-{year}-000001"]
        for other in (f"CN-{year}-1", f"CN-{year}-000002", "CN", "000001", "%00", "9" * 20):
            assert numbers(paying_store, f"?number={other}") == [], other

    def test_is_empty_in_a_shop_that_does_not_invoice(self, store: Store) -> None:
        assert store.get(PATH).body == {"items": [], "next_cursor": None}

    def test_needs_its_scope(self, store: Store) -> None:
        store.staff_scopes = "orders:read"

        assert store.get(PATH).code == "request.forbidden"
