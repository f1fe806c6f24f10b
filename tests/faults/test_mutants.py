"""The machine is not blind, the quick slice: some of the faults that `make prove` puts into the product are noticed."""

from collections.abc import Iterator

import pytest

from local.engines.dynamodb import DynamoDBLocal
from tests.faults.machine.cases import Bench
from tests.faults.machine.mutants import MUTANTS, Mutant, hunted
from tests.faults.machine.world import running_world

EVERY = 12
"""One mutant of so many."""


@pytest.fixture(scope="module")
def bench(engine: DynamoDBLocal) -> Iterator[Bench]:
    with running_world(engine.url) as world:
        yield Bench(world)


@pytest.mark.parametrize("mutant", MUTANTS[::EVERY], ids=lambda mutant: mutant.name)
def test_a_fault_in_the_product_is_noticed(bench: Bench, mutant: Mutant) -> None:
    verdict = hunted(mutant, bench)

    assert not verdict.survived, str(verdict)
