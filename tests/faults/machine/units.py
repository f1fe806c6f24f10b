"""The proof in pieces that can be worked on side by side."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from tests.faults.machine.cases import Bench, Scenario, Step
from tests.faults.machine.interleaving import Interleaved, Interleaver, Pair
from tests.faults.machine.modes import UNCERTAIN, Mode
from tests.faults.machine.mutants import MUTANTS, Mutant, hunted
from tests.faults.machine.pairs import DANGEROUS, PAIRS
from tests.faults.machine.plan import WHEN_TOKENS_MATTER, Tried, every_fault, replay_name
from tests.faults.machine.steps import STEPS
from tests.faults.machine.two_faults import pairs_of_faults, steps_that_matter_most

Run = Callable[[Bench], Iterator[Tried]]
AT_EVERY_CALL = "a fault at every call"
WITH_TOKENS = "with client tokens"
EVERY_ORDER = "every order"
TWO_FAULTS = "two faults"
MUTATED = "mutants"


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of the proof: some cases that share their preparation."""

    part: str
    name: str
    run: Run


def all_units() -> list[Unit]:
    """Return the whole proof, the long pieces first, so that no process waits for another in the end."""
    return [
        *(Unit(EVERY_ORDER, pair.name, _every_order(pair)) for pair in PAIRS),
        *(Unit(TWO_FAULTS, step.name, _struck_twice(step)) for step in steps_that_matter_most()),
        *_faults(),
        *(Unit(MUTATED, mutant.name, _hunted(mutant)) for mutant in MUTANTS),
    ]


def _faults() -> Iterator[Unit]:
    """Return the faults at every call without conveniences, and again with them where that makes a difference.

    Every mode strikes in a step's first scenario; in the others, those that leave the caller uncertain.
    """
    for step in STEPS:
        for number, scenario in enumerate(step.scenarios):
            modes = UNCERTAIN if number else frozenset(Mode)
            yield Unit(AT_EVERY_CALL, f"{step.name}/{number}", _without_conveniences(step, scenario, modes))
        yield Unit(WITH_TOKENS, f"{step.name}/0", _with_conveniences(step))


def _without_conveniences(step: Step, scenario: Scenario, modes: Collection[Mode]) -> Run:
    def run(bench: Bench) -> Iterator[Tried]:
        bench.world.wire.forgetful = True
        yield from every_fault(bench, step, scenario, modes=modes)

    return run


def _with_conveniences(step: Step) -> Run:
    def run(bench: Bench) -> Iterator[Tried]:
        bench.world.wire.forgetful = False
        yield from every_fault(bench, step, step.scenarios[0], modes=WHEN_TOKENS_MATTER)

    return run


def _every_order(pair: Pair) -> Run:
    def run(bench: Bench) -> Iterator[Tried]:
        bench.world.wire.forgetful = True
        interleaver = Interleaver(bench)
        orders = []
        for order in interleaver.every_order(pair):
            orders.append(order)
            yield _ordered(order)
        yield from map(_ordered, interleaver.every_collision(pair, orders))
        if pair.name in DANGEROUS:
            yield from map(_ordered, interleaver.every_death(pair))

    return run


def _ordered(order: Interleaved) -> Tried:
    name = f"{order.pair.name}/{order.schedule}"
    return Tried(name, order.pair.name, 0, "", "", order.told, order.violations)


def _struck_twice(step: Step) -> Run:
    def run(bench: Bench) -> Iterator[Tried]:
        bench.world.wire.forgetful = True
        for case in pairs_of_faults(bench, step):
            outcome = bench.run(case)
            yield Tried(replay_name(case), step.name, 0, "", "", outcome.told, outcome.violations)

    return run


def _hunted(mutant: Mutant) -> Run:
    def run(bench: Bench) -> Iterator[Tried]:
        bench.world.wire.forgetful = True
        verdict = hunted(mutant, bench)
        alive = (f"the mutant survived {verdict.cases} cases: the machine is blind here",) if verdict.survived else ()
        told = (verdict.broken, verdict.case, *sorted(verdict.promises))
        yield Tried(mutant.name, mutant.name, 0, "", "", told, alive)

    return run
