"""The proof in pieces that can be worked on side by side."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.faults.machine.cases import Bench, Scenario, Step
from tests.faults.machine.plan import WHEN_TOKENS_MATTER, Tried, every_fault
from tests.faults.machine.steps import STEPS

Run = Callable[[Bench], Iterator[Tried]]


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of the proof: some cases that share their preparation."""

    part: str
    name: str
    run: Run


def fault_units() -> list[Unit]:
    """Return the faults at every call, with all conveniences off, and again with them where that makes a difference."""
    units: list[Unit] = []
    for step in STEPS:
        for number, scenario in enumerate(step.scenarios):
            name = f"{step.name}/{number}"
            units.append(Unit("a fault at every call", name, _without_conveniences(step, scenario)))
        units.append(Unit("with client tokens", f"{step.name}/0", _with_conveniences(step)))
    return units


def _without_conveniences(step: Step, scenario: Scenario) -> Run:
    def run(bench: Bench) -> Iterator[Tried]:
        bench.world.wire.forgetful = True
        yield from every_fault(bench, step, scenario)

    return run


def _with_conveniences(step: Step) -> Run:
    def run(bench: Bench) -> Iterator[Tried]:
        bench.world.wire.forgetful = False
        yield from every_fault(bench, step, step.scenarios[0], modes=WHEN_TOKENS_MATTER)

    return run


def all_units() -> list[Unit]:
    """Return the whole proof."""
    return fault_units()
