"""Random long runs: anything may happen in any order, and every promise holds after each step and in the end.

pytest tests/faults/random_runs                          a few short runs, always the same
PROOF=full pytest tests/faults/random_runs               long runs, other ones each time; the seed is printed
... --hypothesis-seed=1234                               the runs of a seed again
RUN=eNrt... pytest tests/faults/random_runs -k promise   the one run that failed, as the failure says
"""

import logging
import os
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from commerce.kernel import clock
from local.engines.dynamodb import DynamoDBLocal
from tests.faults.machine.world import World, running_world
from tests.faults.random_runs.program import Program, failure_of, kind_of, read, run, shortened, written
from tests.faults.random_runs.reached import Reached
from tests.faults.random_runs.run import LOCATIONS, Opening, opened
from tests.faults.random_runs.shop_machine import ShopMachine

IS_FULL = os.environ.get("PROOF") == "full"
RUNS, STEPS = (11, 40) if IS_FULL else (4, 20)
LEAST_ROUNDS, MOST_ROUNDS = (2, 5) if IS_FULL else (1, 5)
"""Rounds of runs go on until everything was reached that should be; each has a seed of its own."""

SHORTENING_SECONDS = 90

LEAST_SUCCESSES, MOST_MISSES = 0.7, 0.02


@pytest.fixture(scope="module")
def world(engine: DynamoDBLocal) -> Iterator[World]:
    logging.disable(logging.CRITICAL)  # A failure says what happened; thousands of lines about all else hide it.
    with running_world(engine.url, STOCK_LOCATIONS=",".join(LOCATIONS)) as running:
        yield running
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def opening(world: World) -> Opening:
    return opened(world)


@pytest.fixture
def chosen_seed(request: pytest.FixtureRequest) -> int:
    """The seed of the command line; else a new one for the long runs, and always the same for the short ones."""
    given = request.config.getoption("hypothesis_seed")
    if given is not None:
        return int(given)
    return random.SystemRandom().randrange(2**32) if IS_FULL else 0


def runs(*, number: int, steps: int) -> settings:
    return settings(
        max_examples=number,
        stateful_step_count=steps,
        deadline=None,  # A step may be a whole day of deliveries.
        database=None,  # A failure comes again by its seed, on any machine.
        phases=[Phase.generate],  # What fails is shortened by us, step by step.
        report_multiple_bugs=False,
        suppress_health_check=[
            HealthCheck.too_slow,  # A run drives a whole shop.
            HealthCheck.data_too_large,  # It is long on purpose.
            HealthCheck.large_base_example,  # (as above)
            HealthCheck.filter_too_much,  # Which rules apply depends on what happened.
        ],
    )


def go(world: World, opening: Opening, reached: Reached, how: settings, seeded: int) -> None:
    """Make the runs of a seed."""
    machines: list[ShopMachine] = []

    def machine() -> Any:
        machines.append(ShopMachine(world, opening, reached))
        return machines[-1]

    chosen: Any = seed(seeded)(machine)

    failure = None
    try:
        run_state_machine_as_test(chosen, settings=how)
    except (AssertionError, LookupError) as failed:
        failure = str(failed)
    if failure is not None:
        program = shortest(world, opening, machines[-1].program, failure)
        failure = failure_of(ShopMachine(world, opening, Reached()), program) or f"{failure}\n  (and not once more)"
        pytest.fail(explained(failure, program, seeded), pytrace=False)


def shortest(world: World, opening: Opening, program: Program, failure: str) -> Program:
    """Return as few steps as possible that fail in the same way."""

    def fails(shorter: Program) -> bool:
        return kind_of(failure_of(ShopMachine(world, opening, Reached()), shorter)) == kind_of(failure)

    return shortened(program, fails, seconds=SHORTENING_SECONDS)


def explained(failure: str, program: Program, seeded: int) -> str:
    """Say what failed, what was done, and how to do it again."""
    command = f"{'PROOF=full ' if IS_FULL else ''}.venv/bin/pytest tests/faults/random_runs -k promise"
    steps = [f"  {number:2}. {step}" for number, step in enumerate(program, 1)]
    again = [f"these steps: RUN={written(program)} {command}", f"all runs:    {command} --hypothesis-seed={seeded}"]
    return "\n".join([failure, *steps, *again])


def test_every_promise_holds_whatever_happens(
    world: World,
    opening: Opening,
    chosen_seed: int,
    capsys: pytest.CaptureFixture[str],
    record_property: Callable[[str, object], None],
) -> None:
    reached = Reached()
    if word := os.environ.get("RUN"):
        run(ShopMachine(world, opening, reached), read(word))
        return
    for number in range(MOST_ROUNDS):
        with capsys.disabled():
            print(f"\nrandom runs: {RUNS} of {STEPS} steps, --hypothesis-seed={chosen_seed + number}")  # noqa: T201
        go(world, opening, reached, runs(number=RUNS, steps=STEPS), chosen_seed + number)
        if number + 1 >= LEAST_ROUNDS and not reached.missing(is_long=IS_FULL):
            break
    record_property("random runs", "\n".join(reached.table()))

    assert reached.missing(is_long=IS_FULL) == [], "runs that do not get there prove nothing about it"
    assert reached.share("done") > LEAST_SUCCESSES, "most of what people ask should be possible"
    assert reached.share("not_found") < MOST_MISSES, "a run that asks for what is not there proves nothing"


def test_one_seed_gives_one_run(world: World, opening: Opening) -> None:
    """Otherwise a failure could not be run again: every answer and every stored item is the same."""
    first, second = Reached(), Reached()

    with somebody_who_looks_at_the_clock():
        for reached in (first, second):
            go(world, opening, reached, runs(number=2, steps=8), 1)

    assert first.endings == second.endings
    assert first.endings[0] != first.endings[1], "all runs are the same"


@contextmanager
def somebody_who_looks_at_the_clock() -> Iterator[None]:
    """Let another thread look at the clock again and again, as the local Stripe of other tests does."""
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.001):
            clock.now()

    looking = threading.Thread(target=look)
    looking.start()
    yield
    ended.set()
    looking.join()
