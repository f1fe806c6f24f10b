"""A journey recorded several times: one of them, with the middle of what each invocation computed."""

import statistics
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from tests.cost.journey import BROWSE, BUYING, Journey, Step, apart, walk
from tests.cost.meter import Invocation, Meter, metered
from tests.cost.shop import furnished_store
from tests.cost.tables import indexes
from tests.cost.units import stored_bytes
from tests.support.dynamodb_local import running_dynamodb
from tests.support.payments import local_stripe
from tests.support.store import Store


@dataclass(frozen=True)
class Recorded:
    """What was seen.

    :ivar steps: browsing and buying, in their order.
    :ivar apart: what does not come with every order, or later.
    :ivar clocks: a vain run of each clock.
    :ivar kept_bytes: what an order leaves in the tables, its cart included.
    """

    steps: tuple[Step, ...]
    apart: tuple[Step, ...]
    clocks: Mapping[str, Invocation]
    kept_bytes: int


def record(times: int) -> Recorded:
    """Walk through a fresh shop so often, and once before to warm up."""
    with _running() as (store, meter):
        walk(store, meter)
        meter.stored.clear()
        journeys = [walk(store, meter, number=1)]
        kept = sum(stored_bytes(item, indexes()[key[0]]) for key, item in meter.stored.items() if key[0] != "catalog")
        journeys += [walk(store, meter, number=number) for number in range(2, times + 1)]
        beside = apart(store, meter)
        clocks = journeys[0].clocks()
    steps = tuple(_middle(journeys, name) for name in (BROWSE, *BUYING))
    return Recorded(steps=steps, apart=beside, clocks=clocks, kept_bytes=kept)


@contextmanager
def _running() -> Iterator[tuple[Store, Meter]]:
    with (
        local_stripe() as stripe,
        running_dynamodb() as engine,
        furnished_store(stripe, engine) as store,
        metered() as meter,
    ):
        yield store, meter


def _middle(journeys: list[Journey], name: str) -> Step:
    first, *_ = steps = [journey.steps[name] for journey in journeys]
    for place, invocation in enumerate(first.invocations):
        twins = [step.invocations[place] for step in steps]
        assert {twin.function for twin in twins} == {invocation.function}
        invocation.cpu_seconds = statistics.median(twin.cpu_seconds for twin in twins)
    return first
