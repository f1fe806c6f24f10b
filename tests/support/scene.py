"""A running store with all that an example needs: goods, orders in every state, staff keys, Stripe's own hand."""

import hashlib
import hmac
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from local.running import RunningStore
from tests.journeys.shop import Shop
from tests.support.document import Operation

STRIPE_SETTLES_SECONDS = 2
"""After that a charge has its fee, and nothing more happens to a paid order by itself."""

CANARY = "canary"
"""Stands in all that belongs to somebody: name, address, e-mail, a draft's title. It must not turn up elsewhere."""

OWNER = {
    "name": "Canary Ophelia",
    "line1": "13 Canary Row",
    "city": "Canaryville",
    "postal_code": "03801",
    "country": "US",
}

SELLER = {"legal_name": "Harbor Goods Ltd", "line1": "1 Quay", "city": "Portsmouth", "country": "US", "tax_id": "US-1"}


@dataclass(frozen=True, slots=True)
class Sending:
    """What a request sends, credentials apart. `values` fill the path; `raw` is a body that is sent as it stands."""

    values: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    raw: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Scene(Shop):
    """The shop of the examples. What it sells is enough for all of them."""

    def __init__(self, running: RunningStore) -> None:
        super().__init__(running)
        self.info = running.info
        key = self.control.get("/stripe/info").json()["secret_key"]
        self.stripe_api = httpx.Client(
            base_url=f"{self.info['stripe_url']}/v1", headers={"Authorization": f"Bearer {key}"}, trust_env=False
        )
        self._counter = itertools.count(1)
        self.mug = ""

    def close(self) -> None:
        super().close()
        self.stripe_api.close()

    def set_up(self) -> None:
        """Stock the shelves, and sell something: what only a store's first sale writes is written."""
        super().set_up()
        assert self.staff.put("/invoicing", json={"seller": SELLER}).is_success
        self.mug = self.new_product(stock=100_000)
        self.ordered(paid=True)

    def number(self) -> int:
        """Return a number that was never given out."""
        return next(self._counter)

    def send(self, operation: Operation, sending: Sending, headers: Mapping[str, str]) -> httpx.Response:
        """Send a request, with no credentials but those of its headers."""
        sent = {**sending.headers, **headers}
        content = json.dumps(sending.body) if sending.raw is None and sending.body is not None else sending.raw
        if content is not None:
            sent.setdefault("Content-Type", "application/json")
        path = operation.filled(sending.values)
        return self.web.request(operation.method, path, content=content, headers=sent)

    def staff_key(self, *scopes: str) -> dict[str, Any]:
        """Make a staff key; its `token` is what its holder sends."""
        made = self.staff.post("/staff-keys", json={"name": f"Key {self.number()}", "scopes": list(scopes)})
        assert made.status_code == 201, made.text
        key: dict[str, Any] = made.json()
        return key

    def staff_get(self, path: str) -> Any:
        """Read something that staff may read and that has to be there."""
        answer = self.staff.get(path)
        assert answer.is_success, answer.text
        return answer.json()

    def listed(self, path: str, **like: str) -> list[dict[str, Any]]:
        """Return the things of a list whose fields are these, of the newest hundred."""
        items = self.staff_get(path)["items"]
        return [item for item in items if all(item[name] == value for name, value in like.items())]

    def read_cart(self, cart_id: str) -> dict[str, Any]:
        """Return a cart as its shopper reads it."""
        answer = self.web.get(f"/v1/carts/{cart_id}")
        assert answer.is_success, answer.text
        cart: dict[str, Any] = answer.json()
        return cart

    def ready_cart(self, quantity: int = 1) -> dict[str, Any]:
        """Return a cart of the owner's that is ready for checkout."""
        filled = self.cart(self.mug, quantity, email=f"{CANARY}-{self.number()}@example.com")
        changed = self.web.patch(f"/v1/carts/{filled['id']}", json={"shipping_address": OWNER})
        assert changed.is_success, changed.text
        cart: dict[str, Any] = changed.json()
        return cart

    def ordered(self, *, paid: bool, quantity: int = 1) -> dict[str, Any]:
        """Order something; return the checkout's answer."""
        answer = self.check_out(self.ready_cart(quantity))
        assert answer.status_code == 201, answer.text
        if paid:
            assert self.pay(answer.json()).is_success
        self.tick(STRIPE_SETTLES_SECONDS if paid else 0)
        checkout: dict[str, Any] = answer.json()
        return checkout

    def staff_order(self, checkout: Mapping[str, Any]) -> dict[str, Any]:
        """Return an order as staff see it."""
        order: dict[str, Any] = self.staff_get(f"/orders/{checkout['order']['id']}")
        return order

    def invoiced(self) -> tuple[dict[str, Any], str]:
        """Return the checkout of a paid order, and the number of its invoice."""
        checkout = self.ordered(paid=True)
        [invoice] = self.staff_get(f"/orders/{checkout['order']['id']}/invoices")["items"]
        return checkout, invoice["number"]

    def refunds_at_stripe(self, checkout: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return what Stripe sent back of an order's payment."""
        query = {"payment_intent": checkout["payment"]["intent_id"], "limit": "100"}
        refunds: list[dict[str, Any]] = self.stripe_api.get("/refunds", params=query).json()["data"]
        return refunds

    def intent(self, checkout: Mapping[str, Any]) -> dict[str, Any]:
        """Return an order's payment intent as Stripe has it."""
        intent: dict[str, Any] = self.stripe_api.get(f"/payment_intents/{checkout['payment']['intent_id']}").json()
        return intent

    def event(self, intent: Mapping[str, Any], kind: str, **changes: Any) -> str:
        """Return an event's body as Stripe would post it, with some fields of its intent changed."""
        event = {
            "id": f"evt_example{self.number()}",
            "object": "event",
            "type": kind,
            "api_version": "2026-10-28.endive",
            "created": intent["created"],
            "livemode": False,
            "data": {"object": {**intent, **changes}},
        }
        return json.dumps(event)

    def signed(self, payload: str, *, secret: str = "", age_seconds: int = 0) -> dict[str, str]:
        """Return the header with which Stripe posts a payload (https://docs.stripe.com/webhooks#verify-manually)."""
        now = int(self.control.get("/stripe/info").json()["now"]) - age_seconds
        key = (secret or self.info["webhook_secret"]).encode()
        mac = hmac.new(key, f"{now}.{payload}".encode(), hashlib.sha256).hexdigest()
        return {"Stripe-Signature": f"t={now},v1={mac}"}

    def open_review(self) -> dict[str, Any]:
        """Let Stripe tell of money that does not fit its order; return the review that it is parked in."""
        checkout = self.ordered(paid=False)
        odd = {"status": "succeeded", "amount_received": 1}
        payload = self.event(self.intent(checkout), "payment_intent.succeeded", **odd)
        headers = {"Content-Type": "application/json", **self.signed(payload)}
        assert self.web.post("/v1/webhooks/stripe", content=payload, headers=headers).is_success
        self.drain()
        [review] = self.listed("/payment-reviews?limit=100", order_id=checkout["order"]["id"])
        return review

    def new_category(self) -> dict[str, Any]:
        """Make a category."""
        made = self.staff.post("/categories", json={"title": f"Category {self.number()}"})
        assert made.status_code == 201, made.text
        category: dict[str, Any] = made.json()
        return category

    def new_gift_card(self, **more: Any) -> dict[str, Any]:
        """Issue a gift card; the answer holds its code."""
        amount = {"amount": 5000, "currency": "USD"}
        body = {"amount": amount, "email": f"{CANARY}@example.com", "note": f"{CANARY} {self.number()}", **more}
        made = self.staff.post("/gift-cards", json=body)
        assert made.status_code == 201, made.text
        card: dict[str, Any] = made.json()
        return card

    def new_gift_card_product(self) -> str:
        """Put gift cards on sale and return their SKU."""
        sku = f"GIFT-{self.number()}"
        price = {"amount": 2500, "currency": "USD"}
        variant = {"sku": sku, "prices": [price], "requires_shipping": False, "gift_card": True}
        product = {"title": f"Gift card {sku}", "status": "active", "variants": [variant]}
        assert self.staff.post("/products", json=product).is_success
        received = self.staff.post(f"/stock/{sku}/receipts", json={"location": "main", "quantity": 100})
        assert received.is_success, received.text
        return sku

    def new_draft(self) -> dict[str, Any]:
        """Put a draft into the catalog."""
        made = self.staff.post("/products", json=self.draft())
        assert made.status_code == 201, made.text
        product: dict[str, Any] = made.json()
        return product

    def draft(self) -> dict[str, Any]:
        """Return a product that nobody sees yet, as staff write it."""
        number = self.number()
        variant = {"sku": f"DRAFT-{number}", "prices": [{"amount": 1900, "currency": "USD"}]}
        return {"title": f"{CANARY} draft {number}", "slug": f"{CANARY}-{number}", "variants": [variant]}
