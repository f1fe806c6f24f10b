"""Which orders of two processes are run: one of each class of orders that cannot differ (see `interleaving`)."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from tests.faults.machine.footprint import Footprint
from tests.faults.machine.wire import Outgoing

GOES, IS_REFUSED, DIES = "AB", "ab", "XY"


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: whose, with which call, and what the call touches."""

    letter: str
    call: Outgoing
    footprint: Footprint

    @property
    def side(self) -> int:
        return side_of(self.letter)


def side_of(letter: str) -> int:
    """Return the side whose turn a letter is: 0 or 1."""
    for letters in (GOES, IS_REFUSED, DIES):
        if letter in letters:
            return letters.index(letter)
    message = f"{letter} is no turn; those are {GOES}{IS_REFUSED}{DIES}"
    raise ValueError(message)


def races(turns: "Collection[Turn | Choice]") -> Iterator[tuple[int, int]]:
    """Return the pairs of turns of both sides that could come right after each other and do not commute."""
    row = list(turns)
    for later, turn in enumerate(row):
        others = [at for at in range(later) if row[at].side != turn.side]
        first = next((at for at in reversed(others) if not row[at].footprint.commutes_with(turn.footprint)), None)
        if first is not None and not _is_passed_on(row, first, later):
            yield first, later


def _is_passed_on(row: "list[Turn | Choice]", first: int, later: int) -> bool:
    """Tell whether something between the two already has to come after the first and before the later."""
    between = range(first + 1, later)
    return any(
        not row[one].footprint.commutes_with(row[other].footprint)
        for other in between
        if row[other].side == row[later].side
        for one in range(first, other)
        if row[one].side == row[first].side
    )


@dataclass
class Choice:
    """One turn of the order that is being run, and what else could be tried in its place."""

    side: int
    footprint: Footprint
    asleep: frozenset[int]
    tried: set[int]
    todo: set[int] = field(default_factory=set)


class Search:
    """Goes through all orders, depth first: runs one, then turns round what was not turned round before."""

    def __init__(self, *, pruned: bool) -> None:
        self._pruned = pruned
        self._path: list[Choice] = []
        self._depth = 0
        self._asleep: frozenset[int] = frozenset()

    def choose(self, pending: Mapping[int, Footprint]) -> int:
        """Return whose turn it is."""
        if self._depth == len(self._path):
            side = min(pending.keys() - self._asleep, default=min(pending))
            todo = set() if self._pruned else set(pending) - {side}
            self._path.append(Choice(side, pending[side], self._asleep, {side}, todo))
        choice = self._path[self._depth]
        choice.footprint = pending[choice.side]
        sleepers = (choice.asleep | choice.tried) - {choice.side} if self._pruned else frozenset()
        self._asleep = frozenset(
            each for each in sleepers & pending.keys() if pending[each].commutes_with(choice.footprint)
        )
        self._depth += 1
        return choice.side

    def is_over(self) -> bool:
        """Turn to the next order, and tell whether there is none."""
        if self._pruned:
            for first, later in races(self._path):
                side = self._path[later].side
                if side not in self._path[first].tried | self._path[first].asleep:
                    self._path[first].todo.add(side)
        while self._path and not self._path[-1].todo:
            self._path.pop()
        if not self._path:
            return True
        last = self._path[-1]
        last.side = last.todo.pop()
        last.tried.add(last.side)
        self._depth, self._asleep = 0, frozenset()
        return False
