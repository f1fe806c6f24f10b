"""The real operations take the model's steps: they are refused where it says so, and every row agrees after each."""

import random
from collections import Counter
from typing import Any

import pytest

from commerce.inventory import ledger, queries, sharding
from commerce.inventory.errors import InsufficientStock
from commerce.inventory.model import Bucket, Level, LevelKey, Move, Reason
from commerce.inventory.operations import move
from commerce.inventory.records import LevelRecord, level_row
from commerce.inventory.shards import over_shards
from commerce.kernel import clock
from commerce.kernel.call import system_call
from commerce.kernel.errors import WriteConflict
from commerce.kernel.transactions import Write, commit
from tests.faults.inventory.model.stock import AVAILABLE, CELLS, OUTSIDE, Moved, State, Step, steps

pytestmark = pytest.mark.java

BUCKETS = (Bucket.AVAILABLE, Bucket.RESERVED, Bucket.COMMITTED, Bucket.DISPATCHED)
NAMES = (*BUCKETS, "received")
EVERY_STEP = {
    "choose", "take", "pay", "expire", "cancel", "dispatch", "return",
    "receive", "adjust", "transfer", "plan", "look", "even out",
}  # fmt: skip


class Shop:
    """The model's SKUs in the store, under names of their own."""

    def __init__(self, run: int) -> None:
        self._run = run
        self._plans: dict[int, tuple[list[LevelRecord], int]] = {}
        first = [Moved(cell, OUTSIDE, AVAILABLE, row[AVAILABLE]) for cell, row in enumerate(State().rows)]
        self._commit([self._move(moved) for moved in first if moved.units])

    def take(self, step: Step) -> bool:
        """Do what a step does; tell whether it was refused."""
        try:
            match step.name:
                case "plan" | "look":
                    self._look(step)
                case "even out":
                    rows, into = self._plans.pop(step.about)  # type: ignore[call-overload] # the worker's number.
                    self._send(sharding.split_writes(rows, into=into, call=_call()))
                case "receive" | "adjust" | "transfer":
                    self._commit([over for moved in step.moves for over in self._by_staff(moved)])
                case _:
                    self._commit([self._move(moved) for moved in step.moves])
        except (InsufficientStock, WriteConflict):
            return True
        return False

    def rows(self) -> list[tuple[int, ...]]:
        """Return the quantities of each of the model's rows."""
        stored = {row.key: row for sku in ("A", "B") for row in queries.stored_rows(sku=self._sku(sku))}
        keys = [LevelKey(self._sku(cell.sku), cell.location, cell.shard) for cell in CELLS]
        return [tuple(int(getattr(stored.get(key) or level_row(*key), name)) for name in NAMES) for key in keys]

    def shards(self) -> int:
        return queries.whole(self._hot_rows()).shards

    def _look(self, step: Step) -> None:
        for worker, plan in enumerate(step.after.plans):
            if plan is not None and worker not in self._plans:
                self._plans[worker] = (self._hot_rows(), plan.into)

    def _hot_rows(self) -> list[LevelRecord]:
        stored = queries.by_location(queries.stored_rows(sku=self._sku("A")))
        return next(rows for rows in stored if rows[0].key.location == "main")

    def _by_staff(self, moved: Moved) -> list[Move]:
        """Return a change of a location, as staff make it: the store finds the shards."""
        cell = CELLS[moved.cell]
        stored = queries.stored_levels(sku=self._sku(cell.sku))
        level = stored.get(cell.location) or Level(sku=self._sku(cell.sku), location=cell.location)
        return over_shards(self._move(moved._replace(cell=CELLS.index(cell._replace(shard=0)))), level)

    def _move(self, moved: Moved) -> Move:
        sku, location, shard = CELLS[moved.cell]
        source, target = (None if bucket == OUTSIDE else BUCKETS[bucket] for bucket in (moved.source, moved.target))
        return Move(self._sku(sku), location, source, target, moved.units, shard)

    def _commit(self, moves: list[Move]) -> None:
        self._send(move(moves=moves, reason=Reason.COUNT, reference="", call=_call()))

    @staticmethod
    def _send(writes: list[Write]) -> None:
        commit(writes)

    def _sku(self, sku: str) -> str:
        return f"{sku}-{self._run}"


def _call() -> Any:
    return system_call(worker="test", now=clock.now())


def drawn(chance: random.Random, state: State) -> Step | None:
    """Return a step that can come next; the rare kinds as often as the others."""
    possible = list(steps(state))
    if not possible:
        return None
    refused = [step for step in possible if step.refused]
    name = chance.choice(sorted({step.name for step in refused or possible}))
    return chance.choice([step for step in refused or possible if step.name == name])


class TestReplayed:
    def test_the_store_takes_every_step_as_the_model_does(self, tables: Any):
        chance, taken = random.Random(20), Counter[tuple[str, bool]]()

        for run in range(30):
            state, shop, trace = State(staff=4, evenings=4), Shop(run), []
            for _ in range(30):
                step = drawn(chance, state)
                if step is None:
                    break
                trace.append((step.name, step.about))
                assert shop.take(step) == step.refused, trace
                state = step.after
                taken[step.name, step.refused] += 1
                if step.name not in {"choose", "plan", "look"}:
                    assert shop.rows() == list(state.rows), trace
            assert shop.shards() == state.shards, trace

        assert {name for name, _ in taken} == EVERY_STEP
        assert {name for name, refused in taken if refused} == {"take", "adjust", "transfer", "even out"}
        assert ledger.differences(with_history=False) == ()
