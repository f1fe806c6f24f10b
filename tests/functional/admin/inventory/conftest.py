"""A store with one product on the shelf, and stock where a test wants it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from commerce.inventory import operations
from commerce.inventory.model import Bucket, Move, Reason
from commerce.kernel import clock
from commerce.kernel.call import system_call
from commerce.kernel.transactions import commit
from tests.support.store import Answer, Store, running_store

SKU = "TEE-S"

Stocked = Callable[..., None]


@pytest.fixture
def shop(store: Store) -> Store:
    """A store that sells TEE-S, without stock."""
    return with_tee(store)


@pytest.fixture
def two_places() -> Iterator[Store]:
    """The same, with two stock locations."""
    with running_store(STOCK_LOCATIONS="main,attic") as running:
        yield with_tee(running)


def with_tee(store: Store) -> Store:
    answer = store.post(
        "/v1/admin/products",
        {
            "title": "Harbor tee",
            "status": "active",
            "variants": [{"sku": SKU, "prices": [{"amount": 2500, "currency": "USD"}]}],
        },
    )
    assert answer.status == 201, answer.body
    return store


@pytest.fixture
def stocked() -> Stocked:
    """Move units as checkouts and payments do: `stocked(available=5, reserved=2)` receives and moves on."""

    def stock(*, sku: str = SKU, location: str = "main", **quantities: int) -> None:
        moves = [Move(sku, location, None, Bucket(bucket), quantity) for bucket, quantity in quantities.items()]
        call = system_call(worker="test", now=clock.now())
        commit(operations.move(moves=moves, reason=Reason.RECEIVE, reference="test", call=call))

    return stock


def at(answer: Answer, location: str = "main") -> Mapping[str, Any]:
    """Return the level at a location from an answer."""
    levels: list[Mapping[str, Any]] = answer.body["levels"]
    [level] = [level for level in levels if level["location"] == location]
    return level
