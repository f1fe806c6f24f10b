"""Promotions as staff put them."""

from typing import Any

import pytest

from tests.support.promotions import order_off
from tests.support.store import Answer, Store

PATH = "/v1/admin/promotions"


class Desk:
    """Where staff keep promotions."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def put(self, promotion_id: str = "sale", *, headers: dict[str, str] | None = None, **terms: Any) -> Answer:
        body = {"title": "Sale", "actions": [order_off(1000)], **terms}
        return self.store.put(f"{PATH}/{promotion_id}", body, headers=headers or {})

    def active(self, promotion_id: str = "sale", **terms: Any) -> Answer:
        return self.put(promotion_id, status="active", **terms)

    def make(self, promotion_id: str = "sale", *, headers: dict[str, str] | None = None, **body: Any) -> Answer:
        return self.store.post(f"{PATH}/{promotion_id}/codes", body, headers=headers or {})

    def delete(self, promotion_id: str = "sale", **options: Any) -> Answer:
        return self.store.delete(f"{PATH}/{promotion_id}", **options)

    def get(self, path: str = "") -> Answer:
        return self.store.get(f"{PATH}{path}")

    def codes(self, query: str = "", promotion_id: str = "sale") -> list[dict[str, Any]]:
        """Return all codes, page by page."""
        items: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self.get(f"/{promotion_id}/codes?{query}&{cursor}").body
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            cursor = f"cursor={page['next_cursor']}"


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)
