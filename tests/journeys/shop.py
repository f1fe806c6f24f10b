"""The store as people reach it: over HTTP, and through the control surface that only a laptop has."""

import itertools
from typing import Any
from uuid import uuid4

import httpx

from local.running import RunningStore

ADDRESS = {"name": "Ada Byron", "line1": "1 Pier Road", "city": "Portsmouth", "postal_code": "03801", "country": "US"}


class Shop:
    """A running store, a shopper's browser and a staff member's terminal."""

    def __init__(self, running: RunningStore) -> None:
        self.web = httpx.Client(base_url=running.store_url, timeout=60, trust_env=False)
        key = {"Authorization": f"Bearer {running.info['staff_key']}"}
        self.staff = httpx.Client(base_url=f"{running.store_url}/v1/admin", headers=key, timeout=60, trust_env=False)
        self.control = httpx.Client(base_url=f"{running.control_url}/_local", timeout=120, trust_env=False)
        self._numbers = itertools.count(1)

    def close(self) -> None:
        for client in (self.web, self.staff, self.control):
            client.close()

    def set_up(self) -> None:
        """Offer one way of sending goods."""
        method = {"title": "Standard", "prices": [{"amount": 500, "currency": "USD"}]}
        assert self.staff.put("/shipping-methods/standard", json=method).status_code == 200

    def new_product(self, *, stock: int, price: int = 1900, threshold: int | None = None) -> str:
        """Put a new product on sale and return its SKU."""
        sku = f"MUG-{next(self._numbers)}"
        variant = {"sku": sku, "prices": [{"amount": price, "currency": "USD"}]}
        created = self.staff.post("/products", json={"title": f"Mug {sku}", "status": "active", "variants": [variant]})
        assert created.status_code == 201, created.text
        received = self.staff.post(f"/stock/{sku}/receipts", json={"location": "main", "quantity": stock})
        assert received.is_success, received.text
        if threshold is not None:
            path = f"/stock/{sku}/levels/main/low-stock-threshold"
            assert self.staff.put(path, json={"threshold": threshold}).is_success
        self.drain()
        return sku

    def cart(self, sku: str, quantity: int = 1, *, email: str = "ada@example.com") -> dict[str, Any]:
        """Fill a cart that is ready for checkout."""
        cart = self.web.post("/v1/carts", json={}).json()
        path = f"/v1/carts/{cart['id']}"
        assert self.web.put(f"{path}/lines/{sku}", json={"quantity": quantity}).is_success
        change = {"email": email, "shipping_address": ADDRESS, "shipping_method": "standard"}
        changed = self.web.patch(path, json=change)
        assert changed.is_success, changed.text
        filled: dict[str, Any] = changed.json()
        return filled

    def check_out(self, cart: dict[str, Any]) -> httpx.Response:
        agreed = {"expected_total": cart["totals"]["total"], "pricing_hash": cart["pricing_hash"]}
        headers = {"Idempotency-Key": str(uuid4())}
        return self.web.post(f"/v1/carts/{cart['id']}/checkout", json=agreed, headers=headers)

    def pay(self, checkout: dict[str, Any], method: str = "pm_card_visa") -> httpx.Response:
        body = {"payment_intent": checkout["payment"]["intent_id"], "payment_method": method}
        return self.control.post("/stripe/pay", json=body)

    def order(self, checkout: dict[str, Any]) -> dict[str, Any]:
        headers = {"Order-Token": checkout["order_token"]}
        answer = self.web.get(f"/v1/orders/{checkout['order']['id']}", headers=headers)
        assert answer.is_success, answer.text
        order: dict[str, Any] = answer.json()
        return order

    def level(self, sku: str) -> dict[str, Any]:
        level: dict[str, Any] = self.staff.get(f"/stock/{sku}").json()["levels"][0]
        return level

    def drain(self) -> None:
        answer = self.control.post("/drain")
        assert answer.is_success, answer.text

    def tick(self, seconds: int) -> None:
        answer = self.control.post("/tick", params={"seconds": seconds})
        assert answer.is_success, answer.text

    def stripe(self, path: str, **fields: Any) -> Any:
        answer = self.control.post(f"/stripe/{path}", json=fields)
        assert answer.is_success, answer.text
        return answer.json()

    def emails(self, about: str) -> list[dict[str, Any]]:
        """Return the mails and alerts that mention something."""
        items = self.control.get("/emails").json()["items"]
        return [mail for mail in items if about in str(mail)]

    def events(self, about: str) -> list[str]:
        """Return the types of the events that mention something, in order."""
        items = self.control.get("/events").json()["items"]
        return [event["detail-type"] for event in items if about in str(event)]
