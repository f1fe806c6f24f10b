"""Random long runs: anything may happen in any order, and every promise holds after each step and in the end.

pytest tests/faults/random_runs                          a few short runs, always the same
PROOF=full pytest tests/faults/random_runs               long runs, other ones each time; the seed is printed
... --hypothesis-seed=1234                               the runs of a seed again
RUN=AXic... pytest tests/faults/random_runs              the one run that failed, as the failure says
"""

import logging
import os
import random
import re
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, reproduce_failure, seed, settings
from hypothesis.internal.conjecture import engine as hypothesis_engine
from hypothesis.stateful import run_state_machine_as_test

from local.engines.dynamodb import DynamoDBLocal
from tests.faults.machine.world import World, running_world
from tests.faults.random_runs.reached import Reached
from tests.faults.random_runs.run import LOCATIONS, Opening, opened
from tests.faults.random_runs.shop_machine import ShopMachine

IS_FULL = os.environ.get("PROOF") == "full"
RUNS, STEPS = (11, 40) if IS_FULL else (4, 20)
LEAST_ROUNDS, MOST_ROUNDS = (2, 5) if IS_FULL else (1, 3)
"""Rounds of runs go on until everything was reached that should be; each has a seed of its own."""

SHRINKING_SECONDS = 120
"""A run takes seconds, and shortening one means running it again and again: what is found by then is short enough."""

LEAST_SUCCESSES, MOST_MISSES = 0.7, 0.02
BLOB = re.compile(r"reproduce_failure\('[^']+', b'([^']+)'\)")


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
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,  # Each would be shrunk for itself.
        print_blob=True,
        suppress_health_check=[
            HealthCheck.too_slow,  # A run drives a whole shop.
            HealthCheck.data_too_large,  # It is long on purpose.
            HealthCheck.large_base_example,  # (as above)
            HealthCheck.filter_too_much,  # Which rules apply depends on what happened.
        ],
    )


def go(world: World, opening: Opening, reached: Reached, how: settings, chosen: Callable[[Any], Any]) -> None:
    """Make the runs of a seed, or the one run that failed."""

    def machine() -> ShopMachine:
        return ShopMachine(world, opening, reached)

    with patch.object(hypothesis_engine, "MAX_SHRINKING_SECONDS", SHRINKING_SECONDS):
        run_state_machine_as_test(chosen(machine), settings=how)


def commands(failure: BaseException, seeded: int) -> str:
    """Say how to run a failure again."""
    proof = "PROOF=full " if IS_FULL else ""
    said = BLOB.search("\n".join(getattr(failure, "__notes__", ())))
    alone = (
        f"\n  this run alone: {proof}RUN='{said[1]}' .venv/bin/pytest tests/faults/random_runs -k promise"
        if said
        else ""
    )
    return f"all its runs: {proof}.venv/bin/pytest tests/faults/random_runs --hypothesis-seed={seeded}{alone}"


def test_every_promise_holds_whatever_happens(
    world: World, opening: Opening, chosen_seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    reached = Reached()
    if run := os.environ.get("RUN"):
        go(
            world,
            opening,
            reached,
            runs(number=1, steps=STEPS),
            reproduce_failure(hypothesis.__version__, run.encode()),
        )
        return
    for number in range(MOST_ROUNDS):
        seeded = chosen_seed + number
        with capsys.disabled():
            print(f"\nrandom runs: {RUNS} of {STEPS} steps, --hypothesis-seed={seeded}")  # noqa: T201
        try:
            go(world, opening, reached, runs(number=RUNS, steps=STEPS), seed(seeded))
        except AssertionError as failure:
            failure.add_note(commands(failure, seeded))
            raise
        if number + 1 >= LEAST_ROUNDS and not reached.missing(is_long=IS_FULL):
            break
    with capsys.disabled():
        print("\n".join(reached.table()))  # noqa: T201

    assert reached.missing(is_long=IS_FULL) == [], "runs that do not get there prove nothing about it"
    assert reached.share("done") > LEAST_SUCCESSES, "most of what people ask should be possible"
    assert reached.share("not_found") < MOST_MISSES, "a run that asks for what is not there proves nothing"


def test_one_seed_gives_one_run(world: World, opening: Opening) -> None:
    """Otherwise a failure could not be run again: every answer and every stored item is the same."""
    first, second = Reached(), Reached()

    for reached in (first, second):
        go(world, opening, reached, runs(number=2, steps=8), seed(1))

    assert first.endings == second.endings
    assert len(set(first.endings)) > 1, "all runs are the same"
