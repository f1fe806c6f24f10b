"""The promises as code: one checker for each, with the name that docs/guarantees.md gives it.

Some hold in every committed state and are checked after every write; the others hold when faults have stopped and two
sweeps have passed. A checker says in words what it found; silence means that the promise holds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.faults.machine.picture import Picture

if TYPE_CHECKING:
    from tests.faults.machine.world import World

Checker = Callable[[Picture, "World"], Iterator[str]]
MAY_BECOME = {
    "pending": {"pending", "placed", "expired", "canceled"},
    "placed": {"placed", "canceled"},
    "expired": {"expired"},
    "canceled": {"canceled"},
}


@dataclass(frozen=True, slots=True)
class Guarantee:
    """One promise: its number, whether it holds in every committed state, and its checker."""

    number: str
    always: bool
    check: Checker

    @property
    def sentence(self) -> str:
        """Return the promise in words."""
        return (self.check.__doc__ or "").strip().splitlines()[0]


GUARANTEES: list[Guarantee] = []


def promised(number: str, *, always: bool) -> Callable[[Checker], Checker]:
    """Register a checker."""

    def register(check: Checker) -> Checker:
        GUARANTEES.append(Guarantee(number, always, check))
        return check

    return register
