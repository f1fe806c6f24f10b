"""Stock on DynamoDB Local, moved by many threads at once."""

from collections.abc import Iterator
from typing import Any

import pytest

from commerce.inventory import operations, queries
from commerce.inventory.model import Bucket, Level, Move, Reason
from commerce.kernel import clock
from commerce.kernel.call import Actor, Call, system_call
from commerce.kernel.idempotency import Once
from commerce.kernel.signing import SigningKey, SigningKeys
from commerce.kernel.transactions import commit
from local.engines.dynamodb import DynamoDBLocal
from tests.support.dynamodb_local import running_dynamodb, tables_on

SKU = "TEE-S"
KEYS = SigningKeys((SigningKey("k1", b"secret of the races"),))


@pytest.fixture(scope="module")
def engine() -> Iterator[DynamoDBLocal]:
    with running_dynamodb() as running:
        yield running


@pytest.fixture
def tables(engine: DynamoDBLocal) -> Iterator[Any]:
    with tables_on(engine.url) as client:
        yield client


def call(key: str | None = None) -> Call:
    """Return the circumstances of a staff call, with an Idempotency-Key or without."""
    now = clock.now()
    once = Once(pk=f"once {key}", request="the same", keys=KEYS, now=now) if key else None
    return Call(now=now, actor=Actor(kind="staff", id="key_test"), once=once)


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
