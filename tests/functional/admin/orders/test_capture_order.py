"""Capturing or canceling an authorization that is not what we think."""

from typing import Any

import httpx
import pytest

from tests.support.payments import SECRET_KEY
from tests.support.shop import bought, level, open_shop, staff_order
from tests.support.store import Store


def at_stripe(store: Store, checkout: dict[str, Any], action: str) -> None:
    """Cancel or capture an order's payment in Stripe's dashboard."""
    intent = f"/v1/payment_intents/{checkout['payment']['intent_id']}"
    headers = {"Authorization": f"Bearer {SECRET_KEY}"}
    httpx.post(f"{store.stripe.url}{intent}/{action}", headers=headers).raise_for_status()


class TestAuthorizationThatIsGone:
    def test_cancels_the_order_and_gives_its_stock_back(self, capturing_store: Store) -> None:
        open_shop(capturing_store)
        checkout = bought(capturing_store)
        at_stripe(capturing_store, checkout, "cancel")

        answer = capturing_store.post(f"/v1/admin/orders/{checkout['order']['id']}/capture")

        assert (answer.code, "has ended" in answer.body["detail"]) == ("payments.provider_refused", True)
        order = staff_order(capturing_store, checkout)
        assert (order["status"], order["payment_status"]) == ("canceled", "canceled")
        assert level(capturing_store)["available"] == 10

    def test_is_refused_again_when_the_request_is_repeated(self, capturing_store: Store) -> None:
        open_shop(capturing_store)
        checkout = bought(capturing_store)
        at_stripe(capturing_store, checkout, "cancel")
        path, key = f"/v1/admin/orders/{checkout['order']['id']}/capture", {"Idempotency-Key": "capture-1"}

        answers = [capturing_store.post(path, headers=key) for _ in range(2)]

        assert [answer.code for answer in answers] == ["payments.provider_refused", "orders.not_allowed_now"]


class TestFailureThatStripeRecords:
    """Stripe repeats it under its key for a day; an authorization may not have that long."""

    def test_does_not_stand_in_the_way_of_the_next_capture(self, capturing_store: Store) -> None:
        open_shop(capturing_store)
        checkout = bought(capturing_store)
        capturing_store.stripe.fault("POST", "/capture", "500_recorded")
        path, key = f"/v1/admin/orders/{checkout['order']['id']}/capture", {"Idempotency-Key": "capture-1"}

        failed, done = (capturing_store.post(path, headers=key) for _ in range(2))

        assert (failed.status, failed.body["retryable"]) == (503, True)
        assert (done.status, done.body["payment_status"]) == (200, "paid")

    def test_does_not_stand_in_the_way_of_the_sweeper(self, capturing_store: Store) -> None:
        open_shop(capturing_store)
        checkout = bought(capturing_store)
        capturing_store.stripe.fault("POST", "/capture", "500_recorded")
        with pytest.raises(RuntimeError, match="'failed': 1"):
            capturing_store.tick(6 * 86_400 + 60)

        capturing_store.tick(300)

        assert staff_order(capturing_store, checkout)["payment_status"] == "paid"

    def test_does_not_stand_in_the_way_of_the_next_cancellation(self, capturing_store: Store) -> None:
        open_shop(capturing_store)
        checkout = bought(capturing_store)
        capturing_store.stripe.fault("POST", "/cancel", "500_recorded")
        path = f"/v1/admin/orders/{checkout['order']['id']}/cancel"

        answers = [capturing_store.post(path, {"reason": "cannot deliver"}) for _ in range(2)]

        assert [answer.status for answer in answers] == [503, 200]
        assert staff_order(capturing_store, checkout)["status"] == "canceled"


class TestAuthorizationThatWasCapturedMeanwhile:
    def test_is_refunded_by_a_cancellation_under_a_key(self, capturing_store: Store) -> None:
        open_shop(capturing_store)
        checkout = bought(capturing_store)
        at_stripe(capturing_store, checkout, "capture")

        answer = capturing_store.post(
            f"/v1/admin/orders/{checkout['order']['id']}/cancel",
            {"reason": "cannot deliver"},
            headers={"Idempotency-Key": "cancel-1"},
        )

        order = staff_order(capturing_store, checkout)
        assert (answer.status, answer.body["refund"]["amount"]["amount"]) == (200, 4300)
        assert (order["status"], order["payment_status"]) == ("canceled", "refunded")
        assert level(capturing_store)["available"] == 10
