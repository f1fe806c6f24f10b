"""The real thing and the pure model make the same moves: they agree on every answer and every level."""

import random
from typing import Any

import pytest

from commerce.inventory import ledger, operations, queries
from commerce.inventory.errors import InsufficientStock
from commerce.inventory.model import Bucket, Level, LevelKey, Move, Reason, net_changes
from commerce.kernel import clock
from commerce.kernel.call import system_call
from commerce.kernel.transactions import commit

pytestmark = pytest.mark.java

SKUS = ("TEE-S", "TEE-M")
LOCATIONS = ("main", "attic")


def drawn(chance: random.Random) -> list[Move]:
    moves = []
    for _ in range(chance.randint(1, 4)):
        source, target = chance.sample([None, *Bucket], 2)
        moves.append(Move(chance.choice(SKUS), chance.choice(LOCATIONS), source, target, chance.randint(1, 6)))
    return moves


class TestAgainstTheModel:
    @pytest.mark.parametrize("seed", range(3))
    def test_transactions_are_taken_and_refused_as_the_model_says(self, tables: Any, seed: int):
        chance = random.Random(seed)
        model = {LevelKey(sku, location): Level(sku=sku, location=location) for sku in SKUS for location in LOCATIONS}
        outcomes = []

        for _ in range(120):
            moves = drawn(chance)
            after = {key: model[key].after(changes) for key, changes in net_changes(moves).items()}
            allowed = all(level.is_sound for level in after.values())
            if allowed:
                model |= after
            outcomes.append((allowed, moved(moves)))

        assert [taken for _, taken in outcomes] == [allowed for allowed, _ in outcomes]
        assert {True, False} == {taken for _, taken in outcomes}
        stored = {LevelKey(sku, name): level for sku in SKUS for name, level in queries.stored_levels(sku=sku).items()}
        assert stored == {key: level for key, level in model.items() if level.revision}
        assert ledger.differences(with_history=False) == ()


def moved(moves: list[Move]) -> bool:
    circumstances = system_call(worker="test", now=clock.now())
    try:
        commit(operations.move(moves=moves, reason=Reason.COUNT, reference="", call=circumstances))
    except InsufficientStock:
        return False
    return True
