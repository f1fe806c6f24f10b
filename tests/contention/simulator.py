"""Buyers of one SKU in virtual time, against a table that refuses transactions that meet at a row.

The rules are the real ones: `inventory.shards` chooses the rows, `kernel.transactions` says how long to wait before a
repeat and how many there are, `checkout.begin` how often all of it begins anew. What is made up is the time that
DynamoDB takes. One seed is one run; no clock is read.
"""

import heapq
from collections import Counter
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any
from unittest.mock import patch

import tenacity.wait
from tenacity import RetryCallState, Retrying, wait_random_exponential

from commerce.checkout import begin
from commerce.inventory import shards
from commerce.inventory.model import Allocation, Bucket, Level
from commerce.kernel import transactions

READ_SECONDS = (0.004, 0.008)
"""A BatchGetItem, seen from a function. A cart takes two of them, one with a hot SKU three."""

TRANSACTION_SECONDS = (0.015, 0.025)
"""How long a transaction holds its rows."""

REFUSED_SECONDS = (0.004, 0.008)
PAYMENT_SECONDS = (1.0, 5.0)
"""From the order to Stripe's word that it is paid."""

REDELIVERED_SECONDS = 30.0
"""When a queue gives a message out again whose transaction met others too often."""

Waits = Generator[float]


class Table:
    """Rows, each in at most one transaction at a time, as DynamoDB has it.

    :ivar conflicts: how many transactions were refused because another one held a row.
    """

    def __init__(self, units: Iterable[int]) -> None:
        self.available = list(units)
        self.conflicts = 0
        self._held: set[int] = set()

    def take(self, rows: Iterable[int]) -> bool:
        """Begin a transaction, if nobody is at work on its rows."""
        wanted = set(rows)
        if wanted & self._held:
            self.conflicts += 1
            return False
        self._held |= wanted
        return True

    def let_go(self, rows: Iterable[int]) -> None:
        """End a transaction."""
        self._held -= set(rows)


@dataclass
class Result:
    """What came of a run.

    :ivar ordered: orders whose units were reserved, per second.
    :ivar settled: orders whose payment was booked, per second, from when the first could be.
    :ivar told_to_wait: the share of buyers who were told to try again.
    :ivar seconds: how long the buyers waited for their order, the fastest first.
    :ivar conflicts: refused transactions per order.
    """

    shards: int
    offered: float
    ordered: float
    settled: float
    told_to_wait: float
    conflicts: float
    seconds: list[float] = field(repr=False)

    def within(self, share: float) -> float:
        """Return the seconds within which this share of the buyers had their order."""
        return self.seconds[int(share * (len(self.seconds) - 1))] if self.seconds else 0.0


class Simulation:
    """One SKU, so many shards, and buyers who come at random, so many a second."""

    def __init__(self, *, shard_count: int, offered: float, lasts: float, seed: int) -> None:
        self._chance = Random(seed)
        self._table = Table([1_000_000 // shard_count] * shard_count)
        self._offered, self._lasts = offered, lasts
        self._now, self._order = 0.0, count()
        self._due: list[tuple[float, int, Waits]] = []
        self._told: Counter[str] = Counter()
        self._seconds: list[float] = []

    def run(self) -> Result:
        """Let buyers come for so many seconds of virtual time, and count who got something by then."""
        with patch.object(tenacity.wait, "random", self._chance):
            self._at(0.0, self._arrivals())
            while self._due:
                self._now, _, process = heapq.heappop(self._due)
                if self._now > self._lasts:
                    break
                pause = next(process, None)
                if pause is not None:
                    self._at(self._now + pause, process)
        ordered = self._told["ordered"]
        return Result(
            shards=len(self._table.available),
            offered=self._offered,
            ordered=ordered / self._lasts,
            settled=self._told["settled"] / (self._lasts - sum(PAYMENT_SECONDS) / 2),
            told_to_wait=self._told["try again"] / max(ordered + self._told["try again"], 1),
            conflicts=self._table.conflicts / max(ordered, 1),
            seconds=sorted(self._seconds),
        )

    def _at(self, moment: float, process: Waits) -> None:
        heapq.heappush(self._due, (moment, next(self._order), process))

    def _arrivals(self) -> Waits:
        for number in count():
            yield self._chance.expovariate(self._offered)
            self._at(self._now, self._buyer(f"ord_{self._chance.random()}_{number}"))

    def _buyer(self, order_id: str) -> Waits:
        """Check out, pay, and let the payment be settled."""
        came = self._now
        for attempt in range(begin.ATTEMPTS):
            yield from self._reads()
            rows = self._chosen(f"{order_id} {attempt}")
            if (yield from self._committed(rows)):
                break
        else:
            self._told["try again"] += 1
            return
        for row in rows:
            self._table.available[row] -= 1
        self._told["ordered"] += 1
        self._seconds.append(self._now - came)
        yield self._chance.uniform(*PAYMENT_SECONDS)
        while not (yield from self._committed(rows)):
            yield REDELIVERED_SECONDS
        self._told["settled"] += 1

    def _reads(self) -> Waits:
        for _ in range(3 if len(self._table.available) > 1 else 2):
            yield self._chance.uniform(*READ_SECONDS)

    def _chosen(self, order_id: str) -> list[int]:
        units = self._table.available
        parts = tuple({str(Bucket.AVAILABLE): each} for each in units) if len(units) > 1 else ()
        level = Level(sku="HOT", location="main", available=sum(units), shards=len(units), parts=parts)
        wanted = [Allocation("HOT", "main", 1)]
        return [one.shard for one in shards.spread(wanted, levels={"HOT": [level]}, seed=order_id)]

    def _committed(self, rows: list[int]) -> Generator[float, None, bool]:
        """Send a transaction as the kernel does, again and again while others hold its rows; tell whether it went."""
        began = self._now
        for attempt in range(1, transactions.ATTEMPTS + 1):
            if self._table.take(rows):
                yield self._chance.uniform(*TRANSACTION_SECONDS)
                self._table.let_go(rows)
                return True
            yield self._chance.uniform(*REFUSED_SECONDS)
            if attempt == transactions.ATTEMPTS or self._now - began >= transactions.LONGEST_SECONDS:
                return False
            yield _pause(attempt)
        return False


def _pause(attempt: int) -> float:
    """Return how long the kernel waits after a refused attempt."""
    state = RetryCallState(retry_object=Retrying(), fn=None, args=(), kwargs={})
    state.attempt_number = attempt
    patience = transactions.PATIENCE
    waits: Any = wait_random_exponential(multiplier=patience.first_wait, max=patience.longest_wait)
    return float(waits(state))


def simulated(*, shard_count: int, offered: float, lasts: float = 20.0, seed: int = 1) -> Result:
    """Return what comes of so many buyers a second of one SKU."""
    return Simulation(shard_count=shard_count, offered=offered, lasts=lasts, seed=seed).run()
