"""The shop in which budgets are measured: in this process, tables on DynamoDB Local, every call seen by the meter."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from commerce.kernel import clock
from commerce.kernel.config import settings
from commerce.orders import operations as orders
from local.engines.dynamodb import DynamoDBLocal
from tests.cost.meter import Invocation, Meter, metered
from tests.faults.input.front import Effects, Front
from tests.faults.input.inside import scene_inside
from tests.support.aws import forget_answers
from tests.support.payments import LocalStripe
from tests.support.scene import Scene
from tests.support.store import Store, running_store


@dataclass(frozen=True)
class Shop:
    """A shop that sells, its front door, and the meter."""

    store: Store
    scene: Scene
    meter: Meter

    def measured(self, function: str) -> Invocation:
        """Return the one invocation of a function since `forget`."""
        return self.meter.only(function)

    def forget(self) -> None:
        """Be as a process that has been idle: its secrets are old, and its block of order numbers is not used up."""
        forget_answers()
        if not orders._leased:
            orders.next_number()
        self.meter.take()

    def invoke(self, worker: str, event: dict[str, Any] | None = None) -> Invocation:
        """Invoke a worker, and return what it took. It must not fail."""
        self.forget()
        answer = self.store.invoke(worker, event)
        assert not (isinstance(answer, dict) and answer.get("batchItemFailures")), answer
        return self.measured(f"workers/{worker}")

    def later(self, seconds: float) -> None:
        """Let time pass, and nothing else."""
        self.store._offset += seconds
        clock.set_offset(self.store._offset)

    @contextmanager
    def in_days(self, days: int) -> Iterator[None]:
        """Be so many days later for a while."""
        clock.set_offset(self.store._offset + days * 24 * 3600)
        yield
        clock.set_offset(self.store._offset)

    @staticmethod
    @contextmanager
    def configured(**environment: str) -> Iterator[None]:
        """Deploy with other settings."""
        with patch.dict(os.environ, environment):
            settings.cache_clear()
            yield
        settings.cache_clear()

    def waiting(self, table: str) -> list[dict[str, Any]]:
        """Return the items that wait for being published or projected, as a stream brings them."""
        return _waiting(self.store, table)


@contextmanager
def open_shop(stripe: LocalStripe, engine: DynamoDBLocal) -> Iterator[Shop]:
    """Open the shop of the examples. moto would give the same units, and take three times as long."""
    with running_store(stripe, AWS_ENDPOINT_URL_DYNAMODB=engine.url, TRUSTED_PROXY_HOPS="1") as store:
        front = Front(Effects())
        vars(store)["tick"] = _without_sweeps(store)
        vars(store)["items"] = lambda table: _waiting(store, table)
        try:
            with metered() as meter, scene_inside(store, front) as scene:
                scene.ordered(paid=True)
                yield Shop(store, scene, meter)
        finally:
            front.close()


def _without_sweeps(store: Store) -> Callable[[float], None]:
    """Return a `tick` that moves the clock and drains: no example needs a sweep, and sweeps take half of the time."""

    def tick(seconds: float) -> None:
        store._offset += seconds
        clock.set_offset(store._offset)
        store.drain()

    return tick


def _waiting(store: Store, table: str) -> list[dict[str, Any]]:
    """Return the items of a table's sparse index: all that the wires between functions want of a table."""
    pages = store.dynamodb.get_paginator("scan").paginate(TableName=f"test-{table}", IndexName="gsi1")
    return [item for page in pages for item in page["Items"]]
