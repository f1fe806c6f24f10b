"""A fault at every call, the quick slice: each call of each step meets one kind of fault, each write also a crash.

`make prove` runs every kind at every call, in more circumstances.
"""

from collections.abc import Iterator

import pytest

from local.engines.dynamodb import DynamoDBLocal
from tests.faults.machine.cases import Bench, Case, Step, shuffled_seed
from tests.faults.machine.modes import Fault, Mode
from tests.faults.machine.plan import replay_name
from tests.faults.machine.steps import STEPS
from tests.faults.machine.wire import Outgoing
from tests.faults.machine.world import running_world


@pytest.fixture(scope="module")
def bench(engine: DynamoDBLocal) -> Iterator[Bench]:
    with running_world(engine.url) as world:
        yield Bench(world)


def faults(step: Step, calls: tuple[Outgoing, ...]) -> Iterator[Fault]:
    """Return one kind of fault for each call, in turn, and a crash after each write."""
    turn = shuffled_seed(Case(step, step.scenarios[0]))
    for number, call in enumerate(calls, 1):
        if not step.strikes(call):
            continue
        mode = call.modes[(turn + number) % len(call.modes)]
        yield Fault(number, mode)
        if Mode.CRASH_AFTER in call.modes and mode is not Mode.CRASH_AFTER:
            yield Fault(number, Mode.CRASH_AFTER)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_no_promise_is_broken_by_a_fault_at_any_call(bench: Bench, step: Step) -> None:
    scenario = step.scenarios[0]
    clean = bench.run(Case(step, scenario))
    broken = {f"{step.name} without a fault": clean.violations} if clean.violations else {}

    for fault in faults(step, clean.calls):
        case = Case(step, scenario, (fault,))
        outcome = bench.run(case)
        if outcome.violations or not outcome.struck:
            broken[f"make prove case='{replay_name(case)}'"] = outcome.violations or ("the fault found no call",)

    assert broken == {}
    assert clean.calls, "a step that calls nobody proves nothing"


def test_the_machine_sees_what_is_stored(bench: Bench) -> None:
    bench.run(Case(STEPS[0], STEPS[0].scenarios[0]))

    assert bench.world.mirror.scanned() == bench.world.mirror.raw
