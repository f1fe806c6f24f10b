"""What is run: every mode at every call of every step, in scenarios that try every pair of circumstances."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product

from allpairspy.allpairs import AllPairs

from tests.faults.machine.cases import Bench, Case, Client, Outcome, Scenario, Shopper, Step, shuffled_seed
from tests.faults.machine.modes import Fault, Mode

WHEN_TOKENS_MATTER = frozenset({Mode.LOST_RESPONSE, Mode.DEADLINE})
"""Without a call that DynamoDB sees twice, a run with client tokens and one without them are the same run."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One case that was run, with what the matrix and a replay need to know.

    :ivar call: the number of the call that was struck in the first attempt, 0 without a fault.
    """

    name: str
    step: str
    call: int
    call_name: str
    mode: str
    told: tuple[str, ...]
    violations: tuple[str, ...]


@cache
def telling_scenarios() -> tuple[Scenario, ...]:
    """Return a few scenarios in which every two circumstances meet (all pairs), the plainest first."""
    circumstances = [list(Client), list(Shopper), [True, False], [False, True]]
    return tuple(Scenario(*values) for values in AllPairs(circumstances))


def every_scenario() -> tuple[Scenario, ...]:
    """Return every combination of circumstances."""
    return tuple(Scenario(*values) for values in product(Client, Shopper, (True, False), (False, True)))


def every_fault(
    bench: Bench, step: Step, scenario: Scenario, *, modes: Collection[Mode] = frozenset(Mode)
) -> Iterator[Tried]:
    """Run a step without a fault, and then with every fault (of these modes) at every call that it made.

    A crash before a call is the crash after the write before it: nothing left the process in between.
    """
    plain = Case(step, scenario)
    plain = Case(step, scenario, seed=shuffled_seed(plain))
    clean = bench.run(plain)
    yield _tried(plain, clean, 0, "")
    after_last: frozenset[Mode] = frozenset()
    for number, call in enumerate(clean.calls, 1):
        if not step.strikes(call):
            after_last = frozenset()
            continue
        known = {Mode.CRASH_BEFORE} if Mode.CRASH_AFTER in after_last else set()
        after_last = frozenset(call.modes)
        for mode in (mode for mode in call.modes if mode in modes and mode not in known):
            case = Case(step, scenario, (Fault(number, mode),))
            case = Case(step, scenario, case.faults, seed=shuffled_seed(case))
            outcome = bench.run(case)
            yield _tried(case, outcome, number, call.name)


def _tried(case: Case, outcome: Outcome, number: int, call_name: str) -> Tried:
    violations = outcome.violations
    if outcome.struck < len(case.faults):
        violations += ("the fault found no call to strike: the step does not run alike every time",)
    mode = str(case.faults[0].mode) if case.faults else ""
    return Tried(replay_name(case), case.step.name, number, call_name, mode, outcome.told, violations)


def replay_name(case: Case) -> str:
    """Return what `make prove case=...` takes to run a case again."""
    number = case.step.scenarios.index(case.scenario)
    faults = ",".join(f"{fault.at}@{fault.call}={fault.mode}".replace("@=", "=") for fault in case.faults)
    return f"{case.step.name}/{number}/{faults or 'none'}"


def named(steps: Mapping[str, Step], name: str) -> Case:
    """Return the case of a replay name."""
    step_name, number, faults = name.split("/")
    step = steps[step_name]
    found = tuple(map(_fault, faults.split(","))) if faults != "none" else ()
    case = Case(step, step.scenarios[int(number)], found)
    return Case(step, case.scenario, found, seed=shuffled_seed(case))


def _fault(text: str) -> Fault:
    where, _, mode = text.partition("=")
    at, _, call = where.partition("@")
    return Fault(int(at), Mode(mode), call)
