"""What is tried against a mutant: a case of a step, or two operations at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from tests.faults.machine.cases import Bench, Case, Scenario, shuffled_seed
from tests.faults.machine.interleaving import Interleaver
from tests.faults.machine.modes import Fault, Mode
from tests.faults.machine.pairs import PAIRS
from tests.faults.machine.steps import STEPS

PLAIN = Scenario()


@dataclass(frozen=True, slots=True)
class Tried:
    """A case that was run, and the promises that it broke."""

    case: str
    violations: tuple[str, ...]


class Trial(Protocol):
    """Some cases that should show a mutant. Equal trials are the same cases."""

    def run(self, bench: Bench) -> Iterator[Tried]:
        """Run them."""


@dataclass(frozen=True, slots=True)
class On:
    """A step by its name, in a scenario, without a fault or with one at the first call of a name.

    :ivar then: another fault, after the first.
    """

    step: str
    scenario: Scenario = PLAIN
    mode: Mode | None = None
    call: str = ""
    then: tuple[Fault, ...] = ()

    def run(self, bench: Bench) -> Iterator[Tried]:
        """Run the case with conveniences off."""
        [step] = (step for step in STEPS if step.name == self.step)
        faults = (Fault(1, self.mode, self.call), *self.then) if self.mode is not None else ()
        case = Case(step, self.scenario, faults)
        bench.world.wire.forgetful = True
        outcome = bench.run(Case(step, self.scenario, faults, seed=shuffled_seed(case)))
        yield Tried(str(case), outcome.violations)


@dataclass(frozen=True, slots=True)
class Race:
    """A pair by its name, in the few orders that find most."""

    pair: str

    def run(self, bench: Bench) -> Iterator[Tried]:
        """Run the orders with conveniences off."""
        [pair] = (pair for pair in PAIRS if pair.name == self.pair)
        bench.world.wire.forgetful = True
        for order in Interleaver(bench).telling_orders(pair):
            yield Tried(f"{pair.name}, {order.schedule}", order.violations)
