"""Rules of a made-up shop, as staff send them."""

from typing import Any

from tests.support.store import Answer, Store

PATH = "/v1/admin/taxes"
GERMAN_ID, FRENCH_ID = "DE136695976", "FR61954506077"

RULES: dict[str, Any] = {
    "home": {"country": "DE"},
    "registrations": [{"country": "DE", "tax_id": "DE 136.695.976"}],
    "one_stop_shop": {"country": "DE", "over_threshold": True},
    "rates": [
        {"id": "de", "name": "MwSt.", "rate": "0.19", "country": "DE"},
        {"id": "de-books", "name": "MwSt.", "rate": "0.070", "country": "DE", "tax_class": "books"},
        {"id": "fr", "name": "TVA", "rate": "0.2", "country": "FR"},
    ],
}


def put(store: Store, *, headers: dict[str, str] | None = None, **changes: Any) -> Answer:
    return store.put(PATH, {**RULES, **changes}, headers=headers or {})


def rate(**fields: Any) -> dict[str, Any]:
    return {"id": "x", "name": "VAT", "rate": "0.1", "country": "DE", **fields}
