"""A shop that sells gift cards, and its hand on orders and ledgers."""

from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from tests.support.aws import REGION
from tests.support.shop import bought, open_shop
from tests.support.store import Store

GIFT = "GIFT-25"
PRICE = 2500


class GiftShop:
    """A store that sells a mug, and gift cards over 25 dollars."""

    def __init__(self, store: Store) -> None:
        self.store = store
        boto3.client("sesv2", region_name=REGION).create_email_identity(EmailIdentity="shop@example.com")
        open_shop(store)
        self.sells(GIFT, PRICE)

    def sells(self, sku: str, price: int, *, gift_card: bool = True) -> None:
        """Put an article on sale that is not sent."""
        variant = {
            "sku": sku,
            "prices": [{"amount": price, "currency": "USD"}],
            "requires_shipping": False,
            "gift_card": gift_card,
        }
        product = {"title": sku, "slug": sku.lower(), "status": "active", "variants": [variant]}
        assert self.store.post("/v1/admin/products", product).status == 201
        receipt = {"location": "main", "quantity": 500}
        assert self.store.post(f"/v1/admin/stock/{sku}/receipts", receipt).status == 201

    def buys(self, **lines: int) -> dict[str, Any]:
        """Let a shopper buy (`GIFT_25=2`), and everything follow."""
        return bought(self.store, {sku.replace("_", "-"): quantity for sku, quantity in lines.items()})

    def cards(self, state: str = "active") -> list[dict[str, Any]]:
        """Return the gift cards of a state, the oldest first."""
        items: list[dict[str, Any]] = self.store.get(f"/v1/admin/gift-cards?state={state}&limit=100").body["items"]
        return items[::-1]

    def event(self, checkout: Mapping[str, Any], kind: str) -> dict[str, Any]:
        """Return what the bus brings of an order."""
        order = checkout["order"]
        detail = {
            "event_id": "evt_1",
            "type": kind,
            "version": 1,
            "aggregate": f"order#{order['id']}",
            "sequence": 3,
            "occurred_at": "2026-11-22T12:00:00.000Z",
            "actor": "stripe",
            "data": {"order_id": order["id"], "number": order["number"]},
        }
        return {"version": "0", "source": "tradewind", "detail-type": kind, "detail": detail}

    def told(self, checkout: Mapping[str, Any], kind: str = "orders.placed") -> None:
        """Let the worker hear of an order, again."""
        self.store.invoke("giftcards/on_order_changed", self.event(checkout, kind))


@pytest.fixture
def shop(paying_store: Store) -> GiftShop:
    return GiftShop(paying_store)
