"""Stock on DynamoDB Local, moved by many threads at once."""

from typing import Any

from commerce.inventory import operations, queries
from commerce.inventory.model import Bucket, Level, Move, Reason
from commerce.kernel import clock
from commerce.kernel.call import system_call
from commerce.kernel.transactions import commit

SKU = "TEE-S"


def move(source: Bucket | None, target: Bucket | None, quantity: int, *skus: str, reference: str = "") -> None:
    """Move units of each SKU in one transaction."""
    moves = [Move(sku, "main", source, target, quantity) for sku in skus or (SKU,)]
    circumstances = system_call(worker="test", now=clock.now())
    commit(operations.move(moves=moves, reason=Reason.COUNT, reference=reference, call=circumstances))


def receive(quantity: int, *skus: str) -> None:
    move(None, Bucket.AVAILABLE, quantity, *skus)


def reserve(quantity: int, *skus: str) -> None:
    move(Bucket.AVAILABLE, Bucket.RESERVED, quantity, *skus)


def level(sku: str = SKU) -> Level:
    """Return the level as it is stored now."""
    return queries.stored_levels(sku=sku)["main"]


def documents(tables: Any) -> list[dict[str, Any]]:
    """Return the movement documents as the stream would bring them."""
    items: list[dict[str, Any]] = tables.scan(TableName="test-inventory", ConsistentRead=True)["Items"]
    return [item for item in items if item["sk"]["S"] == "movement"]


def announced(tables: Any) -> list[str]:
    """Return what was announced about stock, in order."""
    items = tables.scan(TableName="test-outbox", ConsistentRead=True)["Items"]
    rows = sorted((item["pk"]["S"], item["sk"]["S"], item["type"]["S"]) for item in items)
    return [kind for pk, _, kind in rows if pk.startswith("stock#")]
