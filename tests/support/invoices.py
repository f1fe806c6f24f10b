"""A shop that invoices: its settings, and the documents of its orders."""

from typing import Any

from tests.support.store import Answer, Store

SELLER = {
    "legal_name": "Harbor Goods Ltd",
    "line1": "1 Quay",
    "city": "Portsmouth",
    "region": "NH",
    "postal_code": "03801",
    "country": "US",
    "tax_id": "US-12-3456789",
}


def set_up(store: Store, *, headers: dict[str, str] | None = None, **changes: Any) -> Answer:
    """Say who sells."""
    return store.put("/v1/admin/invoicing", {"seller": SELLER, **changes}, headers=headers or {})


def documents(store: Store, checkout: dict[str, Any]) -> list[dict[str, Any]]:
    """Return an order's documents as staff's list shows them."""
    answer = store.get(f"/v1/admin/orders/{checkout['order']['id']}/invoices")
    assert answer.status == 200, answer.body
    items: list[dict[str, Any]] = answer.body["items"]
    return items


def numbers(store: Store, checkout: dict[str, Any]) -> list[str]:
    """Return the numbers of an order's documents."""
    return [document["number"] for document in documents(store, checkout)]


def whole(store: Store, checkout: dict[str, Any], number: str) -> dict[str, Any]:
    """Return a document of an order as staff see it."""
    answer = store.get(f"/v1/admin/orders/{checkout['order']['id']}/invoices/{number}")
    assert answer.status == 200, answer.body
    document: dict[str, Any] = answer.body
    return document


def refund(store: Store, checkout: dict[str, Any], amount: int | None = None, reason: str = "scratched") -> str:
    """Send money back, let everything come to rest, and return the refund's id."""
    body: dict[str, Any] = {"reason": reason}
    if amount is not None:
        body["amount"] = {"amount": amount, "currency": checkout["order"]["totals"]["total"]["currency"]}
    answer = store.post(f"/v1/admin/orders/{checkout['order']['id']}/refunds", body)
    assert answer.status == 201, answer.body
    store.drain()
    return str(answer.body["refund"]["id"])
