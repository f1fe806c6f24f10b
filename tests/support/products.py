"""Products and categories for tests, made through the admin API."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.support.store import Answer, Store


def variant(sku: str, amount: int = 1900, *, currency: str = "USD", **more: Any) -> dict[str, Any]:
    """A variant as staff writes it."""
    return {"sku": sku, "prices": [{"amount": amount, "currency": currency}], **more}


def product(title: str = "Harbor tee", *, skus: Sequence[str] = ("TEE",), **more: Any) -> dict[str, Any]:
    """An active product as staff writes it; with several SKUs, they are its sizes."""
    if len(skus) == 1:
        own: dict[str, Any] = {"variants": [variant(skus[0])]}
    else:
        own = {
            "options": [{"name": "Size", "values": list(skus)}],
            "variants": [variant(sku, options={"Size": sku}) for sku in skus],
        }
    return {"title": title, "status": "active", **own, **more}


def put_on_sale(store: Store, body: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Create a product and return it as staff sees it."""
    return created(store.post("/v1/admin/products", dict(body) if body is not None else product(**more)))


def shelf(store: Store, title: str, **more: Any) -> dict[str, Any]:
    """Create a category and return it as staff sees it."""
    return created(store.post("/v1/admin/categories", {"title": title, **more}))


def created(answer: Answer) -> dict[str, Any]:
    """Return what was created."""
    assert answer.status == 201, answer.body
    assert isinstance(answer.body, dict)
    return answer.body
