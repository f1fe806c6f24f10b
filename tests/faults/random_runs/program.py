"""A run as a program: what was done, step by step, to be done again, shortened and shown.

Hypothesis chooses what is done. It could shorten a failure too, but by hundreds of runs, and each takes some seconds.
"""

import base64
import pickle
import re
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial, wraps
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

PLAINER = {
    "trouble": None,
    "fault": None,
    "twice": False,
    "shuffled": False,
    "past_comes_again": False,
    "dry": False,
    "at_once": False,
    "inquiry": False,
    "was_refunded": False,
    "which": 0,
}
"""What makes a step simpler to read, where the failure does not need it to be otherwise."""


@dataclass(frozen=True, slots=True)
class Step:
    """What was done, and how."""

    name: str
    chosen: Mapping[str, Any]

    def but(self, **changes: Any) -> "Step":
        """Return the step done in another way."""
        return replace(self, chosen={**self.chosen, **changes})

    def __str__(self) -> str:
        return f"{self.name}({', '.join(f'{name}={value}' for name, value in self.chosen.items())})"


Program = Sequence[Step]


class Recorded(RuleBasedStateMachine):
    """A state machine that notes down what it does.

    :ivar program: what was done so far, beginning with how it was set up.
    """

    def __init__(self) -> None:
        super().__init__()
        self.program: list[Step] = []
        self._is_within = False

    def does(self, function: Callable[..., None], *given: Any, **chosen: Any) -> None:
        """Do a step, and note it down unless it is a part of another."""
        if self._is_within:
            function(self, *given, **chosen)
            return
        self.program.append(Step(function.__name__, chosen))
        self._is_within = True
        try:
            function(self, *given, **chosen)
        finally:
            self._is_within = False


def noted(function: Callable[..., None]) -> Callable[..., None]:
    """Let a step be noted down."""

    @wraps(function)
    def done(self: Recorded, *given: Any, **chosen: Any) -> None:
        self.does(function, *given, **chosen)

    return done


def step(*, when: Callable[[Any], Any] = lambda _: True, **choices: Any) -> Callable[..., Any]:
    """Declare something that may be done at any time, or only `when` it is possible, in ways that are chosen."""

    def declare(function: Callable[..., None]) -> Any:
        possible: Any = precondition(when)(rule(**choices)(noted(function)))
        possible.is_possible = when
        return possible

    return declare


def run(machine: Recorded, program: Program) -> None:
    """Run a program; what is not possible (any more) is left out."""
    try:
        for each in program:
            method = getattr(type(machine), each.name)
            if getattr(method, "is_possible", lambda _: True)(machine):
                method(machine, **each.chosen)
                machine.check_invariants(None, None, None)  # type: ignore[arg-type]
    finally:
        machine.teardown()


def failure_of(machine: Recorded, program: Program) -> str:
    """Run a program and return how it failed; empty when it did not."""
    try:
        run(machine, program)
    except Exception as failure:  # noqa: BLE001 - whatever it is, it is how the program failed.
        return str(failure) or type(failure).__name__
    return ""


def kind_of(failure: str) -> str:
    """Return what stays of a failure when another run comes to it: numbers, ids and further failures do not."""
    return re.sub(r"[a-z]+_\w{20,}|\d+", "#", failure.partition("; ")[0])


def shortened(program: Program, fails: Callable[[Program], bool], *, seconds: float) -> Program:
    """Leave out what a failure does not need, in ever smaller parts, and make the rest plain; as far as time allows."""
    until = time.monotonic() + seconds
    size = len(program) // 2
    while size:
        for start in range(len(program) - size, 0, -size):
            if time.monotonic() > until:
                return program
            rest = [*program[:start], *program[start + size :]]
            program = rest if fails(rest) else program
        size //= 2
    for number in range(len(program)):
        for changes in _plainer(program[number]):
            if time.monotonic() > until:
                return program
            changed = [*program[:number], program[number].but(**changes(program[number])), *program[number + 1 :]]
            program = changed if fails(changed) else program
    return program


def _plainer(step: Step) -> Iterator[Callable[[Step], dict[str, Any]]]:
    """Return what could be changed to make a step simpler, one after the other."""
    for purchase in step.chosen.get("early", ()):
        yield partial(_without, purchase=purchase)
    for name, plain in PLAINER.items():
        if step.chosen.get(name, plain) != plain:
            yield partial(_changed, name=name, plain=plain)


def _without(step: Step, *, purchase: Any) -> dict[str, Any]:
    return {"early": [each for each in step.chosen["early"] if each != purchase]}


def _changed(_: Step, *, name: str, plain: Any) -> dict[str, Any]:
    return {name: plain}


def written(program: Program) -> str:
    """Return a program as a word for a command line."""
    return base64.urlsafe_b64encode(zlib.compress(pickle.dumps(list(program)), 9)).decode()


def read(word: str) -> Program:
    """Return the program that `written` wrote."""
    program: list[Step] = pickle.loads(zlib.decompress(base64.urlsafe_b64decode(word)))  # noqa: S301 - we wrote it.
    return program
