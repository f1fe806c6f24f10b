"""An order's documents for staff, and issuing those that it lacks."""

from typing import Any

import pytest

from commerce.kernel import clock
from tests.support import pdf
from tests.support.invoices import documents, numbers, refund, set_up, whole
from tests.support.shop import bought, check_out, filled_cart, open_shop
from tests.support.store import Answer, Store


def issue(store: Store, checkout: dict[str, Any], **options: Any) -> Answer:
    return store.post(f"/v1/admin/orders/{checkout['order']['id']}/invoices", **options)


class TestRead:
    def test_shows_list_document_and_pdf(self, paying_store: Store) -> None:
        open_shop(paying_store)
        set_up(paying_store)
        checkout = bought(paying_store)
        [number] = numbers(paying_store, checkout)
        path = f"/v1/admin/orders/{checkout['order']['id']}/invoices/{number}"

        file = paying_store.get(f"{path}/pdf")

        assert whole(paying_store, checkout, number)["total"] == {"amount": 4300, "currency": "USD"}
        assert (file.status, file.headers["Content-Type"]) == (200, "application/pdf")
        assert number in pdf.read(file.body).text

    @pytest.mark.parametrize("rest", ["", "/INV-2026-000001", "/INV-2026-000001/pdf"])
    def test_of_an_order_that_is_not_there_is_a_miss(self, store: Store, rest: str) -> None:
        assert store.get(f"/v1/admin/orders/ord_none/invoices{rest}").status == 404

    @pytest.mark.parametrize("rest", ["", "/INV-2026-000001", "/INV-2026-000001/pdf"])
    def test_needs_its_scope(self, store: Store, rest: str) -> None:
        store.staff_scopes = "orders:read orders:write invoices:write"

        assert store.get(f"/v1/admin/orders/ord_none/invoices{rest}").code == "request.forbidden"


class TestIssue:
    def test_makes_up_for_what_was_sold_before_the_shop_invoiced(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)
        first, second = refund(paying_store, checkout, 1000), refund(paying_store, checkout, 300)
        assert documents(paying_store, checkout) == []
        set_up(paying_store)

        answer = issue(paying_store, checkout)

        year = clock.now().year
        assert answer.status == 200
        assert [item["number"] for item in answer.body["items"]] == [
            f"INV-{year}-000001",
            f"CN-{year}-000001",
            f"CN-{year}-000002",
        ]
        assert [item["total"]["amount"] for item in answer.body["items"]] == [4300, 1000, 300]
        assert {
            row["sk"]["S"] for row in paying_store.items("invoices") if row["pk"]["S"] == checkout["order"]["id"]
        } == {
            "invoice",
            f"credit-note#{first}",
            f"credit-note#{second}",
        }

    def test_issues_nothing_twice(self, paying_store: Store) -> None:
        open_shop(paying_store)
        set_up(paying_store)
        checkout = bought(paying_store)
        rows = len(paying_store.items("invoices"))

        assert [issue(paying_store, checkout).status for _ in range(2)] == [200, 200]

        assert len(paying_store.items("invoices")) == rows

    def test_does_not_wait_for_the_money_when_staff_ask(self, capturing_store: Store) -> None:
        open_shop(capturing_store)
        set_up(capturing_store)
        checkout = bought(capturing_store)
        assert documents(capturing_store, checkout) == []

        answer = issue(capturing_store, checkout)

        assert [item["kind"] for item in answer.body["items"]] == ["invoice"]

    def test_repeated_with_its_key_answers_the_same(self, capturing_store: Store) -> None:
        open_shop(capturing_store)
        set_up(capturing_store)
        checkout = bought(capturing_store)
        key = {"Idempotency-Key": "k-1"}

        first, second = issue(capturing_store, checkout, headers=key), issue(capturing_store, checkout, headers=key)

        assert (first.status, second.status, second.headers["Idempotent-Replayed"]) == (200, 200, "true")
        assert first.body == second.body

    def test_with_a_key_is_remembered_also_when_there_was_nothing_to_do(self, paying_store: Store) -> None:
        open_shop(paying_store)
        set_up(paying_store)
        checkout = bought(paying_store)
        key = {"Idempotency-Key": "k-1"}

        answers = [issue(paying_store, checkout, headers=key) for _ in range(2)]

        assert [answer.headers.get("Idempotent-Replayed") for answer in answers] == [None, "true"]

    def test_is_refused_before_somebody_says_who_sells(self, paying_store: Store) -> None:
        open_shop(paying_store)

        answer = issue(paying_store, bought(paying_store))

        assert (answer.status, answer.code) == (409, "invoices.not_set_up")

    def test_is_refused_before_the_order_is_placed(self, paying_store: Store) -> None:
        open_shop(paying_store)
        set_up(paying_store)
        pending = check_out(paying_store, filled_cart(paying_store)).body

        answer = issue(paying_store, pending)

        assert (answer.status, answer.code) == (409, "invoices.nothing_to_invoice")

    def test_of_an_order_that_is_not_there_is_a_miss(self, store: Store) -> None:
        set_up(store)

        answer = store.post("/v1/admin/orders/ord_none/invoices")

        assert (answer.status, answer.code) == (404, "orders.not_found")

    def test_needs_its_scope(self, store: Store) -> None:
        store.staff_scopes = "invoices:read orders:write"

        assert store.post("/v1/admin/orders/ord_none/invoices").code == "request.forbidden"
