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
from collections.abc import Iterator
from unittest.mock import patch

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, Verbosity, reproduce_failure, seed, settings
from hypothesis.internal.conjecture import engine as hypothesis_engine
from hypothesis.stateful import run_state_machine_as_test

from local.engines.dynamodb import DynamoDBLocal
from tests.faults.machine.world import World, running_world
from tests.faults.random_runs.reached import Reached
from tests.faults.random_runs.run import LOCATIONS, Opening, opened
from tests.faults.random_runs.shop_machine import ShopMachine

IS_FULL = os.environ.get("PROOF") == "full"
RUNS, STEPS = (30, 45) if IS_FULL else (5, 25)
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
        verbosity=Verbosity.normal,
        suppress_health_check=[
            HealthCheck.too_slow,  # A run drives a whole shop.
            HealthCheck.data_too_large,  # It is long on purpose.
            HealthCheck.large_base_example,  # (as above)
            HealthCheck.filter_too_much,  # Which rules apply depends on what happened.
        ],
    )


def go(world: World, opening: Opening, reached: Reached, seeded: int, how: settings) -> None:
    """Make the runs of a seed, or the one run that the command line names."""

    def machine() -> ShopMachine:
        return ShopMachine(world, opening, reached)

    if blob := os.environ.get("RUN"):
        reproduce_failure(hypothesis.__version__, blob.encode())(machine)
    with patch.object(hypothesis_engine, "MAX_SHRINKING_SECONDS", SHRINKING_SECONDS):
        run_state_machine_as_test(seed(seeded)(machine), settings=how)  # type: ignore[arg-type]


def commands(failure: BaseException, seeded: int) -> str:
    """Say how to run a failure again."""
    proof = "PROOF=full " if IS_FULL else ""
    said = BLOB.search("\n".join(getattr(failure, "__notes__", ())))
    alone = f"\n  this run alone: {proof}RUN='{said[1]}' .venv/bin/pytest tests/faults/random_runs" if said else ""
    return f"all its runs: {proof}.venv/bin/pytest tests/faults/random_runs --hypothesis-seed={seeded}{alone}"


def test_every_promise_holds_whatever_happens(
    world: World, opening: Opening, chosen_seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    reached = Reached()
    with capsys.disabled():
        print(f"\nrandom runs: {RUNS} of {STEPS} steps, --hypothesis-seed={chosen_seed}")  # noqa: T201

    try:
        go(world, opening, reached, chosen_seed, runs(number=RUNS, steps=STEPS))
    except AssertionError as failure:
        failure.add_note(commands(failure, chosen_seed))
        raise

    with capsys.disabled():
        print("\n".join(reached.table()))  # noqa: T201
    if "RUN" in os.environ:
        return
    assert reached.share("done") > LEAST_SUCCESSES, "most of what people ask should be possible"
    assert reached.share("not_found") < MOST_MISSES, "a run that asks for what is not there proves nothing"
    assert reached.missing(is_long=IS_FULL) == [], "runs that do not get there prove nothing about it"


def test_one_seed_gives_one_run(world: World, opening: Opening) -> None:
    """Otherwise a failure could not be run again: every answer and every stored item is the same."""
    first, second = Reached(), Reached()

    for reached in (first, second):
        go(world, opening, reached, 1, runs(number=2, steps=8))

    assert first.endings == second.endings
    assert len(set(first.endings)) > 1, "all runs are the same"
