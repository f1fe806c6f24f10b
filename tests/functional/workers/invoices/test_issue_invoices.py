"""Invoices and credit notes follow by themselves from what happens to orders."""

import json
from typing import Any
from unittest.mock import patch

import pytest

from commerce.invoices import operations, truth
from commerce.invoices.model import UnbalancedSale
from commerce.kernel import clock
from commerce.kernel.errors import Unavailable
from tests.support.invoices import documents, numbers, refund, set_up, whole
from tests.support.logs import logged
from tests.support.shop import bought, check_out, filled_cart, open_shop
from tests.support.store import Store

SWEEPER = "invoices/issue_waiting_invoices"


def event(store: Store, kind: str) -> dict[str, Any]:
    """Return the newest event of its kind, as the rule hands it over."""
    detail = next(each for each in reversed(store.pumps.bus) if each["type"] == kind)
    return {"source": "tradewind", "detail-type": kind, "detail": detail}


def kinds(store: Store, checkout: dict[str, Any]) -> list[tuple[str, int]]:
    return [(each["kind"], each["total"]["amount"]) for each in documents(store, checkout)]


def announced(store: Store) -> list[dict[str, Any]]:
    return [each for each in store.pumps.bus if each["type"] == "invoices.issued"]


class TestInvoice:
    def test_comes_with_the_payment_and_is_announced(self, paying_store: Store) -> None:
        open_shop(paying_store)
        set_up(paying_store)

        checkout = bought(paying_store)

        assert kinds(paying_store, checkout) == [("invoice", 4300)]
        [told] = announced(paying_store)
        assert told["data"] == {
            "order_id": checkout["order"]["id"],
            "number": f"INV-{clock.now().year}-000001",
            "kind": "invoice",
            "total": {"amount": 4300, "currency": "USD"},
        }

    def test_comes_once_however_often_the_event_does(self, paying_store: Store) -> None:
        open_shop(paying_store)
        set_up(paying_store)
        checkout = bought(paying_store)

        for _ in range(3):
            paying_store.invoke("invoices/issue_invoices", event(paying_store, "orders.placed"))

        assert len(numbers(paying_store, checkout)) == 1

    def test_comes_with_an_order_that_costs_nothing(self, store: Store) -> None:
        open_shop(store, "STICKER")
        set_up(store)
        checkout = check_out(store, filled_cart(store, {"STICKER": 1})).body
        assert checkout["order"]["status"] == "placed"
        store.drain()

        assert kinds(store, checkout) == [("invoice", 0)]

    def test_waits_for_the_capture_by_default(self, capturing_store: Store) -> None:
        open_shop(capturing_store)
        set_up(capturing_store)
        checkout = bought(capturing_store)
        assert kinds(capturing_store, checkout) == []

        assert capturing_store.post(f"/v1/admin/orders/{checkout['order']['id']}/capture").status == 200
        capturing_store.drain()

        assert kinds(capturing_store, checkout) == [("invoice", 4300)]

    def test_comes_when_the_order_is_placed_if_the_shop_wants_that(self, capturing_store: Store) -> None:
        open_shop(capturing_store)
        set_up(capturing_store, issue_when="placed")

        assert kinds(capturing_store, bought(capturing_store)) == [("invoice", 4300)]

    def test_does_not_come_before_somebody_says_who_sells_or_while_it_is_turned_off(self, paying_store: Store) -> None:
        open_shop(paying_store)
        early = bought(paying_store)
        set_up(paying_store, active=False)
        late = bought(paying_store)
        paying_store.tick(3600)

        assert (kinds(paying_store, early), kinds(paying_store, late)) == ([], [])
        assert [row["pk"]["S"] for row in paying_store.items("invoices")] == ["invoicing"]

    def test_of_the_next_year_is_the_first_of_its_series(self, paying_store: Store) -> None:
        open_shop(paying_store, stock=99)
        set_up(paying_store)
        year = clock.now().year
        first = bought(paying_store)
        paying_store.tick(370 * 86_400)

        second = bought(paying_store)

        assert numbers(paying_store, first) == [f"INV-{year}-000001"]
        assert numbers(paying_store, second) == [f"INV-{clock.now().year}-000001"]
        assert clock.now().year == year + 1

    def test_of_another_pattern_is_the_first_of_another_series_and_the_old_one_goes_on(
        self, paying_store: Store
    ) -> None:
        open_shop(paying_store)
        found = []
        for pattern in ("A-{number}", "A-{number}", "B-{number}", "A-{number:03}"):
            set_up(paying_store, invoice_numbers=pattern)
            found += numbers(paying_store, bought(paying_store, {"MUG-BLUE": 1}))

        assert found == ["A-1", "A-2", "B-1", "A-003"]

    def test_shares_a_series_with_credit_notes_if_the_shop_wants_that(self, paying_store: Store) -> None:
        open_shop(paying_store)
        set_up(paying_store, invoice_numbers="D-{number}", credit_note_numbers="D-{number}")
        checkout = bought(paying_store, {"MUG-BLUE": 1})
        refund(paying_store, checkout)

        assert numbers(paying_store, checkout) == ["D-1", "D-2"]
        assert numbers(paying_store, bought(paying_store, {"MUG-BLUE": 1})) == ["D-3"]


class TestCreditNote:
    def test_comes_with_each_refund(self, paying_store: Store) -> None:
        open_shop(paying_store)
        set_up(paying_store)
        checkout = bought(paying_store)

        refund(paying_store, checkout, 1000)
        refund(paying_store, checkout)

        assert kinds(paying_store, checkout) == [("invoice", 4300), ("credit_note", 1000), ("credit_note", 3300)]

    def test_of_everything_repeats_the_lines_of_the_invoice(self, paying_store: Store) -> None:
        open_shop(paying_store)
        set_up(paying_store)
        checkout = bought(paying_store)
        refund(paying_store, checkout)
        first, second = numbers(paying_store, checkout)

        assert whole(paying_store, checkout, second)["lines"] == whole(paying_store, checkout, first)["lines"]

    def test_comes_with_a_cancellation_that_sends_money_back(self, paying_store: Store) -> None:
        open_shop(paying_store)
        set_up(paying_store)
        checkout = bought(paying_store)

        assert paying_store.post(f"/v1/admin/orders/{checkout['order']['id']}/cancel", {}).status == 200
        paying_store.drain()

        assert kinds(paying_store, checkout) == [("invoice", 4300), ("credit_note", 4300)]

    def test_comes_with_a_cancellation_before_the_money_was_captured(self, capturing_store: Store) -> None:
        open_shop(capturing_store)
        set_up(capturing_store, issue_when="placed")
        checkout = bought(capturing_store)

        assert capturing_store.post(f"/v1/admin/orders/{checkout['order']['id']}/cancel", {}).status == 200
        capturing_store.drain()

        assert kinds(capturing_store, checkout) == [("invoice", 4300), ("credit_note", 4300)]
        assert whole(capturing_store, checkout, numbers(capturing_store, checkout)[1])["reason"] == "canceled"

    def test_is_not_needed_for_what_was_never_invoiced(self, capturing_store: Store) -> None:
        open_shop(capturing_store)
        set_up(capturing_store)
        checkout = bought(capturing_store)

        assert capturing_store.post(f"/v1/admin/orders/{checkout['order']['id']}/cancel", {}).status == 200
        capturing_store.drain()

        assert kinds(capturing_store, checkout) == []

    def test_that_overtakes_the_invoice_comes_after_it(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)
        refund(paying_store, checkout)
        set_up(paying_store)

        paying_store.invoke("invoices/issue_invoices", event(paying_store, "orders.refunded"))

        assert kinds(paying_store, checkout) == [("invoice", 4300), ("credit_note", 4300)]


class TestTrouble:
    def test_lets_the_order_wait_and_the_clock_makes_up_for_it(self, paying_store: Store) -> None:
        open_shop(paying_store)
        set_up(paying_store)
        with patch.object(truth, "sale_of", side_effect=Unavailable), logged() as log:
            checkout = bought(paying_store)
        assert "an order could not be invoiced" in log.getvalue()
        [waiting] = [row for row in paying_store.items("invoices") if row["pk"]["S"] == "waiting"]
        assert (waiting["sk"]["S"], waiting["why"]["S"]) == (checkout["order"]["id"], "service.unavailable")

        assert paying_store.invoke(SWEEPER) == {"issued": 1}

        assert kinds(paying_store, checkout) == [("invoice", 4300)]
        assert [row for row in paying_store.items("invoices") if row["pk"]["S"] == "waiting"] == []
        assert paying_store.invoke(SWEEPER) == {"issued": 0}

    def test_with_a_refund_is_made_up_for_by_its_credit_note(self, paying_store: Store) -> None:
        open_shop(paying_store)
        set_up(paying_store)
        checkout = bought(paying_store)
        with patch.object(truth, "sale_of", side_effect=Unavailable):
            refund(paying_store, checkout, 1000)

        assert paying_store.invoke(SWEEPER) == {"issued": 1}

        assert kinds(paying_store, checkout) == [("invoice", 4300), ("credit_note", 1000)]

    def test_of_one_order_does_not_keep_the_others_and_is_told(self, paying_store: Store) -> None:
        open_shop(paying_store)
        set_up(paying_store)
        with patch.object(truth, "sale_of", side_effect=Unavailable):
            stuck, fine = bought(paying_store, {"MUG-BLUE": 1}), bought(paying_store, {"MUG-BLUE": 1})
        real = truth.sale_of

        def sometimes(*, order_id: str, **options: Any) -> Any:
            if order_id == stuck["order"]["id"]:
                raise UnbalancedSale
            return real(order_id=order_id, **options)

        with patch.object(truth, "sale_of", sometimes), pytest.raises(operations.NotAllIssued):
            paying_store.invoke(SWEEPER)

        assert (kinds(paying_store, stuck), kinds(paying_store, fine)) == ([], [("invoice", 2400)])
        waiting = [row["sk"]["S"] for row in paying_store.items("invoices") if row["pk"]["S"] == "waiting"]
        assert waiting == [stuck["order"]["id"]]

    def test_that_lasts_does_not_hide_the_others(self, paying_store: Store) -> None:
        open_shop(paying_store)
        set_up(paying_store)
        with patch.object(truth, "sale_of", side_effect=Unavailable):
            stuck, fine = bought(paying_store, {"MUG-BLUE": 1}), bought(paying_store, {"MUG-BLUE": 1})
        real = truth.sale_of

        def sometimes(*, order_id: str, **options: Any) -> Any:
            if order_id == stuck["order"]["id"]:
                raise UnbalancedSale
            return real(order_id=order_id, **options)

        with patch.object(operations, "MOST_WAITING", 1), patch.object(truth, "sale_of", sometimes):
            with pytest.raises(operations.NotAllIssued):
                paying_store.invoke(SWEEPER)
            assert paying_store.invoke(SWEEPER) == {"issued": 1}

        assert kinds(paying_store, fine) == [("invoice", 2400)]

    def test_that_comes_again_while_the_clock_works_is_not_forgotten(self, paying_store: Store) -> None:
        open_shop(paying_store)
        set_up(paying_store)
        with patch.object(truth, "sale_of", side_effect=Unavailable):
            checkout = bought(paying_store)
        real = operations.issue

        def issue(**options: Any) -> Any:
            issued = real(**options)
            with patch.object(operations, "issue", side_effect=Unavailable):
                paying_store.invoke("invoices/issue_invoices", event(paying_store, "orders.placed"))
            return issued

        with patch.object(operations, "issue", issue), pytest.raises(operations.NotAllIssued):
            paying_store.invoke(SWEEPER)

        assert kinds(paying_store, checkout) == [("invoice", 4300)]
        assert [row["sk"]["S"] for row in paying_store.items("invoices") if row["pk"]["S"] == "waiting"] != []
        assert paying_store.invoke(SWEEPER) == {"issued": 0}

    def test_waits_while_invoicing_is_turned_off(self, paying_store: Store) -> None:
        open_shop(paying_store)
        set_up(paying_store)
        with patch.object(truth, "sale_of", side_effect=Unavailable):
            checkout = bought(paying_store)
        set_up(paying_store, active=False)

        assert paying_store.invoke(SWEEPER) == {"issued": 0}

        assert kinds(paying_store, checkout) == []
        set_up(paying_store)
        assert paying_store.invoke(SWEEPER) == {"issued": 1}


class TestTruth:
    def test_keeps_a_refund_that_failed_later_from_being_credited_twice(self, paying_store: Store) -> None:
        open_shop(paying_store)
        set_up(paying_store)
        checkout = bought(paying_store)
        refund(paying_store, checkout, 1000)
        [made] = paying_store.stripe.listed("refunds")
        failed = {**made, "status": "failed", "failure_reason": "lost_or_stolen_card"}
        body = {"id": "evt_failed", "object": "event", "type": "refund.failed", "api_version": "2026-10-28.endive"}
        more = {"created": made["created"], "livemode": False, "data": {"object": failed}}
        assert paying_store.pumps.post_webhook(json.dumps(body | more)).status == 200
        paying_store.drain()

        refund(paying_store, checkout, 1000)

        assert kinds(paying_store, checkout) == [("invoice", 4300), ("credit_note", 1000)]
