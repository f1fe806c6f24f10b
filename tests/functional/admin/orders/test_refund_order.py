"""POST /v1/admin/orders/{order_id}/refunds, as staff see it."""

from typing import Any
from unittest.mock import Mock

import pytest

from commerce.checkout import refunds
from commerce.kernel.errors import WriteConflict
from tests.support.shop import bought, check_out, filled_cart, open_shop, staff_order
from tests.support.store import Answer, Store


def refund(store: Store, checkout: dict[str, Any], body: dict[str, Any], query: str = "", **options: Any) -> Answer:
    return store.post(f"/v1/admin/orders/{checkout['order']['id']}/refunds{query}", body, **options)


def usd(amount: object) -> dict[str, object]:
    return {"amount": amount, "currency": "USD"}


class TestRefundOrder:
    def test_sends_everything_back(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)

        answer = refund(paying_store, checkout, {"reason": "changed their mind"})

        assert answer.status == 201
        assert (answer.body["refund"]["amount"]["amount"], answer.body["refund"]["state"]) == (4300, "succeeded")
        assert answer.body["order"]["payment_status"] == "refunded"
        assert [made["amount"] for made in paying_store.stripe.listed("refunds")] == [4300]

    def test_parts_sum_up_to_what_was_paid_and_no_further(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)

        statuses = [
            refund(paying_store, checkout, {"amount": usd(amount), "reason": "part"}).status
            for amount in (1000, 3299, 2, 1, 1)
        ]
        paying_store.drain()

        assert statuses == [201, 201, 409, 201, 409]
        order = staff_order(paying_store, checkout)
        assert (order["payment_status"], order["payment"]["refunded"]["amount"]) == ("refunded", 4300)

    def test_a_dry_run_shows_it_and_sends_nothing(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)

        answer = refund(paying_store, checkout, {"amount": usd(1000), "reason": "part"}, "?dry_run=true")

        assert (answer.status, answer.body["dry_run"]) == (201, True)
        assert answer.body["order"]["payment"]["refund_pending"] == usd(1000)
        assert paying_store.stripe.listed("refunds") == []
        assert staff_order(paying_store, checkout)["payment"]["refund_pending"] == usd(0)

    def test_a_repeat_with_its_key_sends_nothing_twice(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)
        key = {"Idempotency-Key": "refund-1"}
        body = {"amount": usd(1000), "reason": "part"}

        first = refund(paying_store, checkout, body, headers=key)
        again = refund(paying_store, checkout, body, headers=key)

        assert (first.status, again.status) == (201, 201)
        assert again.body["refund"]["id"] == first.body["refund"]["id"]
        assert len(paying_store.stripe.listed("refunds")) == 1

    def test_one_that_fails_later_gives_its_amount_back(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)
        made = refund(paying_store, checkout, {"amount": usd(4000), "reason": "part"}).body["refund"]
        paying_store.drain()

        paying_store.stripe.control("refund/fail", refund=made["provider_id"], failure_reason="lost_or_stolen_card")
        paying_store.drain()

        order = staff_order(paying_store, checkout)
        assert order["payment"]["refundable"] == usd(4300)
        assert (order["refunds"][0]["state"], order["refunds"][0]["failure_reason"]) == (
            "failed",
            "lost_or_stolen_card",
        )

    def test_one_that_stripe_refuses_gives_its_amount_back(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)
        paying_store.stripe.control("dashboard_refund", payment_intent=checkout["payment"]["intent_id"], amount=4300)

        answer = refund(paying_store, checkout, {"reason": "twice"})

        assert (answer.status, answer.body["refund"]["state"]) == (201, "failed")
        paying_store.drain()
        assert staff_order(paying_store, checkout)["payment"]["refunded"] == usd(4300)

    def test_one_whose_answer_cannot_be_recorded_needs_no_second_request(
        self, paying_store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)
        with monkeypatch.context() as others_hold_the_order:
            others_hold_the_order.setattr(refunds, "recorded", Mock(side_effect=WriteConflict))
            answer = refund(paying_store, checkout, {"amount": usd(1000), "reason": "part"})
        paying_store.drain()

        assert (answer.status, answer.body["refund"]["state"]) == (201, "requested")
        assert staff_order(paying_store, checkout)["payment"]["refunded"] == usd(1000)
        assert [made["amount"] for made in paying_store.stripe.listed("refunds")] == [1000]

    @pytest.mark.parametrize(
        "amount",
        [usd(0), usd(-1), usd(4301), usd(100.01), usd("60"), {"amount": 100, "currency": "EUR"}, 100, usd(10**30)],
    )
    def test_a_wrong_amount_is_refused_and_nothing_is_sent(self, paying_store: Store, amount: object) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)

        answer = refund(paying_store, checkout, {"amount": amount, "reason": "part"})

        assert answer.status in {400, 409, 422}
        assert paying_store.stripe.listed("refunds") == []

    def test_an_unpaid_order_has_nothing_to_refund(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body

        answer = refund(paying_store, checkout, {"reason": "why not"})

        assert (answer.status, answer.code) == (409, "payments.refund_too_large")

    def test_needs_the_scope(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)
        paying_store.staff_scopes = "orders:read"

        answer = refund(paying_store, checkout, {"reason": "why not"})

        assert (answer.status, answer.code) == (403, "request.forbidden")

    def test_an_order_that_is_not_there_is_a_404(self, paying_store: Store) -> None:
        answer = paying_store.post("/v1/admin/orders/ord_aaaa/refunds", {"reason": "why not"})

        assert (answer.status, answer.code) == (404, "orders.not_found")

    def test_of_an_order_that_changed_meanwhile_is_refused(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = bought(paying_store)
        version = staff_order(paying_store, checkout)["version"]
        stale, current = {"If-Match": f'"{version - 1}"'}, {"If-Match": f'"{version}"'}

        refused = refund(paying_store, checkout, {"reason": "seen before"}, headers=stale)
        done = refund(paying_store, checkout, {"reason": "seen now"}, headers=current)

        assert (refused.status, refused.code) == (412, "request.stale_version")
        assert done.status == 201
