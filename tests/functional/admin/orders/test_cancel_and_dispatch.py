"""Cancel, dispatch and capture, as staff see them; and the list of orders."""

from typing import Any

import pytest

from tests.support.shop import bought, check_out, filled_cart, level, open_shop, shoppers_order, staff_order
from tests.support.store import Answer, Store


def act(store: Store, checkout: dict[str, Any], action: str, body: dict[str, Any] | None, **options: Any) -> Answer:
    return store.post(f"/v1/admin/orders/{checkout['order']['id']}/{action}", body, **options)


class TestCancel:
    def test_a_paid_order_gives_money_and_stock_back(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)

        answer = act(paying_store, checkout, "cancel", {"reason": "cannot deliver"})
        paying_store.drain()

        assert answer.status == 200
        assert (answer.body["refund"]["amount"]["amount"], answer.body["refund"]["state"]) == (4300, "succeeded")
        order = staff_order(paying_store, checkout)
        assert (order["status"], order["payment_status"]) == ("canceled", "refunded")
        stock = level(paying_store)
        assert (stock["available"], stock["sold"], stock["received"]) == (10, 0, 10)

    def test_a_part_of_the_money_can_be_kept(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)

        act(
            paying_store,
            checkout,
            "cancel",
            {"reason": "late", "refund_amount": {"amount": 4000, "currency": "USD"}},
        )

        order = staff_order(paying_store, checkout)
        assert (order["status"], order["payment_status"]) == ("canceled", "partially_refunded")
        assert order["payment"]["refunded"]["amount"] == 4000

    def test_an_unpaid_order_is_canceled_through_stripe(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body

        answer = act(paying_store, checkout, "cancel", {"reason": "fraud"})

        assert (answer.status, answer.body["order"]["status"]) == (200, "canceled")
        assert paying_store.stripe.intent(checkout["payment"]["intent_id"])["status"] == "canceled"
        assert level(paying_store)["available"] == 10

    def test_while_processing_it_waits_for_the_outcome(self, slow_paying_store: Store) -> None:
        store = slow_paying_store
        open_shop(store)
        checkout = bought(store, method="pm_usBankAccount_success")

        answer = act(store, checkout, "cancel", {"reason": "fraud"})
        waiting = answer.body["order"]["status"]
        store.stripe.control("process", payment_intent=checkout["payment"]["intent_id"])
        store.drain()

        assert (answer.status, waiting) == (200, "pending")
        order = staff_order(store, checkout)
        assert (order["status"], order["payment_status"]) == ("canceled", "refunded")
        assert level(store)["available"] == 10

    def test_an_authorized_order_is_let_go_at_stripe(self, capturing_store: Store) -> None:
        open_shop(capturing_store)
        checkout = bought(capturing_store)

        answer = act(capturing_store, checkout, "cancel", {"reason": "fraud"})

        assert (answer.status, answer.body["order"]["status"], answer.body["refund"]) == (200, "canceled", None)
        assert capturing_store.stripe.intent(checkout["payment"]["intent_id"])["status"] == "canceled"
        assert level(capturing_store)["available"] == 10

    def test_a_dry_run_changes_nothing(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)
        before = staff_order(paying_store, checkout)

        answer = act(paying_store, checkout, "cancel?dry_run=true", {"reason": "late"})

        assert (answer.body["dry_run"], answer.body["order"]["status"]) == (True, "canceled")
        assert answer.body["refund"]["amount"]["amount"] == 4300
        assert staff_order(paying_store, checkout) == before

    def test_a_repeat_with_its_key_refunds_once(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)
        key = {"Idempotency-Key": "cancel-1"}

        answers = [act(paying_store, checkout, "cancel", {"reason": "late"}, headers=key) for _ in range(3)]

        assert [answer.status for answer in answers] == [200, 200, 200]
        assert len(paying_store.stripe.listed("refunds")) == 1

    def test_a_canceled_order_cannot_be_canceled_again(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)
        act(paying_store, checkout, "cancel", {"reason": "late"})

        answer = act(paying_store, checkout, "cancel", {"reason": "late"})

        assert (answer.status, answer.code) == (409, "orders.not_allowed_now")


class TestDispatch:
    def test_parcels_move_stock_out_and_finish_the_order(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store, {"MUG-BLUE": 3})

        first = act(paying_store, checkout, "fulfillments", {"lines": [{"sku": "MUG-BLUE", "quantity": 1}]})
        rest = act(paying_store, checkout, "fulfillments", {"carrier": "DHL", "tracking_number": "JD01"})
        more = act(paying_store, checkout, "fulfillments", {})

        assert (first.status, first.body["fulfillment_status"]) == (201, "partial")
        assert (rest.status, rest.body["fulfillment_status"]) == (201, "fulfilled")
        assert (more.status, more.code) == (409, "orders.nothing_to_dispatch")
        stock = level(paying_store)
        assert (stock["on_hand"], stock["sold"], stock["available"]) == (7, 3, 7)
        parcels = shoppers_order(paying_store, checkout).body["fulfillments"]
        assert sorted(sum(line["quantity"] for line in parcel["lines"]) for parcel in parcels) == [1, 2]

    def test_what_is_dispatched_does_not_come_back_by_canceling(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store, {"MUG-BLUE": 3})
        act(paying_store, checkout, "fulfillments", {"lines": [{"sku": "MUG-BLUE", "quantity": 1}]})

        act(paying_store, checkout, "cancel", {"reason": "lost"})

        stock = level(paying_store)
        assert (stock["available"], stock["sold"]) == (9, 1)

    def test_an_unpaid_order_is_not_dispatched(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body

        answer = act(paying_store, checkout, "fulfillments", {})

        assert (answer.status, answer.code) == (409, "orders.not_allowed_now")

    @pytest.mark.parametrize(
        "lines", [[], [{"sku": "LAMP", "quantity": 1}], [{"sku": "MUG-BLUE", "quantity": 4}], [{"sku": "MUG-BLUE"}]]
    )
    def test_other_or_more_units_than_ordered_are_refused(self, paying_store: Store, lines: list[Any]) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store, {"MUG-BLUE": 3})

        answer = act(paying_store, checkout, "fulfillments", {"lines": lines})

        assert answer.status in {409, 422}
        assert level(paying_store)["on_hand"] == 10


class TestCapture:
    def test_takes_the_authorized_money(self, capturing_store: Store) -> None:
        open_shop(capturing_store)
        checkout = bought(capturing_store)

        answer = act(capturing_store, checkout, "capture", None)
        capturing_store.drain()

        assert (answer.status, answer.body["payment_status"]) == (200, "paid")
        assert staff_order(capturing_store, checkout)["payment"]["captured"]["amount"] == 4300

    def test_is_refused_when_nothing_is_authorized(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)

        answer = act(paying_store, checkout, "capture", None)

        assert (answer.status, answer.code) == (409, "orders.not_allowed_now")


class TestListOrders:
    def test_shows_placed_orders_newest_first_page_by_page(self, paying_store: Store) -> None:
        open_shop(paying_store)
        bought_ids = []
        for _ in range(3):
            paying_store.tick(1)
            bought_ids.append(bought(paying_store, {"MUG-BLUE": 1})["order"]["id"])
        check_out(paying_store, filled_cart(paying_store, {"MUG-BLUE": 1}))

        first = paying_store.get("/v1/admin/orders?limit=2")
        rest = paying_store.get(f"/v1/admin/orders?limit=2&cursor={first.body['next_cursor']}")
        pending = paying_store.get("/v1/admin/orders?status=pending")

        shown = [order["id"] for order in first.body["items"] + rest.body["items"]]
        assert shown == bought_ids[::-1]
        assert rest.body["next_cursor"] is None
        assert len(pending.body["items"]) == 1

    @pytest.mark.parametrize("query", ["status=paid", "limit=0", "limit=101", "limit=x", "cursor=abc", "cursor=é"])
    def test_refuses_what_it_does_not_know(self, paying_store: Store, query: str) -> None:
        answer = paying_store.get(f"/v1/admin/orders?{query}")

        assert answer.status == 422
