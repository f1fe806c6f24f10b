"""Two faults in one case: the second strikes the repair of the first, or the step a little later."""

import random
from collections.abc import Iterator
from itertools import chain

from tests.faults.machine.cases import Bench, Case, Step, shuffled_seed
from tests.faults.machine.modes import Fault, Mode
from tests.faults.machine.steps import STEPS

MATTER_MOST = (
    "checkout",
    "leave checkout",
    "cancel a paid order",
    "refund a part",
    "capture",
    "settle a payment",
    "sweep a hold that ended",
    "sweep an order whose intent was lost",
)
DEATHS, OTHERS = 16, 24
"""How many cases of each step: two deaths, and any other two faults."""


def pairs_of_faults(bench: Bench, step: Step, *, deaths: int = DEATHS, others: int = OTHERS) -> Iterator[Case]:
    """Return cases with two faults, the same ones every time. Larger numbers give more, up to all that there are.

    What the second fault can strike is learned from a run with the first.
    """
    chance = random.Random(step.name)
    scenario = step.scenarios[0]
    first_calls = bench.run(Case(step, scenario)).calls
    dead, other = list[Case](), list[Case]()
    firsts = [Fault(number, mode) for number, call in enumerate(first_calls, 1) for mode in call.modes if call.changes]
    for first in firsts:
        alone = bench.run(Case(step, scenario, (first,)))
        for number, call in enumerate(chain(alone.calls, alone.followed), 1):
            if number > first.at and call.changes:
                for mode in call.modes:
                    is_death = first.mode is mode is Mode.CRASH_AFTER
                    (dead if is_death else other).append(Case(step, scenario, (first, Fault(number, mode))))
    for found, most in ((dead, deaths), (other, others)):
        for case in chance.sample(found, min(most, len(found))):
            yield Case(step, scenario, case.faults, seed=shuffled_seed(case))


def steps_that_matter_most() -> list[Step]:
    """Return the steps that two faults strike."""
    steps = {step.name: step for step in STEPS}
    return [steps[name] for name in MATTER_MOST]
