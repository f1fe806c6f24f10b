"""A store that sells two SKUs, and its stream of movements in the test's hands."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from commerce.inventory import operations
from commerce.inventory.model import Bucket, Move, Reason
from commerce.kernel import clock
from commerce.kernel.call import system_call
from commerce.kernel.transactions import commit
from tests.support.store import Store

Image = dict[str, Any]
PROJECT = "inventory/project_movements"


class Warehouse:
    """Moves units, and keeps the stream's records back until they are delivered."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._seen: set[str] = set()

    def move(
        self,
        source: Bucket | None,
        target: Bucket | None,
        quantity: int,
        *,
        skus: Sequence[str] = ("TEE-S",),
        location: str = "main",
    ) -> Image:
        """Move units of each SKU, and return the image that the stream would bring."""
        moves = [Move(sku, location, source, target, quantity) for sku in skus]
        call = system_call(worker="test", now=clock.now())
        commit(operations.move(moves=moves, reason=Reason.COUNT, reference="test", call=call))
        made = [image for image in self.documents() if image["reason"]["S"] == str(Reason.COUNT)]
        [image] = [image for image in made if image["pk"]["S"] not in self._seen]
        self._seen.add(image["pk"]["S"])
        return image

    def receive(self, quantity: int, **more: Any) -> Image:
        """Take in units."""
        return self.move(None, Bucket.AVAILABLE, quantity, **more)

    def sell(self, quantity: int, **more: Any) -> Image:
        """Take units from what is available."""
        return self.move(Bucket.AVAILABLE, Bucket.RESERVED, quantity, **more)

    def deliver(self, *images: Image) -> Any:
        """Hand images to the stream's consumer, in this order, and return its answer."""
        records = [
            {
                "eventID": f"e{place}",
                "eventName": "INSERT",
                "dynamodb": {"SequenceNumber": f"{place}", "NewImage": image},
            }
            for place, image in enumerate(images)
        ]
        return self.store.invoke(PROJECT, {"Records": records})

    def documents(self) -> list[Image]:
        """Return the movement documents as they are stored."""
        return [item for item in self.store.items("inventory") if item.get("kind") == {"S": "movement"}]

    def waiting(self) -> list[str]:
        """Return the ids of movements that are marked as not projected."""
        return [image["pk"]["S"] for image in self.documents() if "gsi1pk" in image]

    def history(self) -> list[Image]:
        """Return all rows of history."""
        return [item for item in self.store.items("inventory") if item["sk"]["S"].startswith("history#")]

    def set_threshold(self, threshold: int | None, location: str = "main") -> None:
        """Say when stock is low."""
        path = f"/v1/admin/stock/TEE-S/levels/{location}/low-stock-threshold"
        assert self.store.put(path, {"threshold": threshold}).status == 200

    def announced(self) -> list[tuple[str, int]]:
        """Return the type of each announcement about stock and the available units it tells, in order."""
        items = [item for item in self.store.items("outbox") if item["pk"]["S"].startswith("stock#")]
        told = sorted((item["pk"]["S"], item["sk"]["S"], item["type"]["S"], item["data"]["S"]) for item in items)
        return [(kind.removeprefix("inventory."), json.loads(data)["available"]) for _, _, kind, data in told]


@pytest.fixture
def warehouse(store: Store) -> Warehouse:
    """A store that sells TEE-S and TEE-M."""
    for sku in ("TEE-S", "TEE-M"):
        variants = [{"sku": sku, "prices": [{"amount": 2500, "currency": "USD"}]}]
        answer = store.post("/v1/admin/products", {"title": f"Tee {sku}", "status": "active", "variants": variants})
        assert answer.status == 201, answer.body
    return Warehouse(store)


def available(store: Store) -> dict[str, int]:
    """Return what the store's product list shows as available."""
    products = store.get("/v1/admin/products").body["items"]
    return {variant["sku"]: variant["available"] for product in products for variant in product["variants"]}
