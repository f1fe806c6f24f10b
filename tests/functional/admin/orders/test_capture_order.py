"""Capturing an authorization that is gone."""

import httpx

from tests.support.payments import SECRET_KEY
from tests.support.shop import bought, level, open_shop, staff_order
from tests.support.store import Store


class TestAuthorizationThatIsGone:
    def test_cancels_the_order_and_gives_its_stock_back(self, capturing_store: Store) -> None:
        open_shop(capturing_store)
        checkout = bought(capturing_store)
        intent = f"/v1/payment_intents/{checkout['payment']['intent_id']}"
        headers = {"Authorization": f"Bearer {SECRET_KEY}"}
        httpx.post(f"{capturing_store.stripe.url}{intent}/cancel", headers=headers).raise_for_status()

        capturing_store.post(f"/v1/admin/orders/{checkout['order']['id']}/capture")

        order = staff_order(capturing_store, checkout)
        assert (order["status"], order["payment_status"]) == ("canceled", "canceled")
        assert level(capturing_store)["available"] == 10
