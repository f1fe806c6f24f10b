"""Two operations at once, in every order of their calls.

Both run real handlers, each in a thread that stands for a process of its own. Only one of them ever runs: before a
call is sent, its thread waits at the wire's gate until it is its turn. A schedule is the turns in a row, and says all
that is needed to run an order again: `A` and `B` let a side's next call be sent, `a` and `b` let DynamoDB refuse it
once because the other's transaction is at work on the same items, `X` (of A) and `Y` (of B) let it have its effect
and the process die. What nobody changes meanwhile (the secrets in SSM) is no turn. Time stands still, the second
process is a second ahead, and ids come from a seed: a schedule does the same each time, on every machine.

Many orders are the same one. Two calls next to each other that touch nothing in common can change places: each finds
what it found before, so both processes go on as before, and the state after the two is the same. Two calls that both
change what the checkers look at never change places here, even when they touch different items, so that equal orders
also pass through the same committed states in the same sequence: a promise that is broken for a moment in one of them
is broken in all of them. So one order of each class is enough, and is what runs (dynamic partial order reduction with
sleep sets: Flanagan and Godefroid, POPL 2005; Abdulla, Aronis, Jonsson and Sagonas, POPL 2014). After an order was
run, each two calls in it that could come right after each other and do not commute are turned round in a further run,
and the call that was first stays asleep until something comes that does not commute with it. With two sides no class
is met twice. What a call touches is read from its body; what cannot be read from it (which intent Stripe looks at)
counts as touched. `pruned=False` runs all orders; both ways leave the same things behind.
"""

import hashlib
import json
import random
import re
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from functools import partial
from threading import Semaphore, Thread
from typing import Self
from unittest.mock import patch

from commerce.kernel import clock
from tests.faults.machine.cases import (
    PAUSE_SECONDS,
    TRIES,
    Bench,
    Client,
    Context,
    Scenario,
    settled_down,
    shown,
    worth_repeating,
)
from tests.faults.machine.footprint import footprint
from tests.faults.machine.modes import Fault, Mode
from tests.faults.machine.orders import DIES, GOES, IS_REFUSED, Search, Turn, races, side_of
from tests.faults.machine.wire import Outgoing, Watch
from tests.faults.machine.world import World
from tests.support.store import PROCESS, Answer

NOON = datetime(2030, 1, 7, 12, tzinfo=UTC)
LONGEST_SECONDS = 120.0
AFTERWARDS = Scenario(Client.SAME_KEY, sweeper=True, twice=True)
"""Two sweeps, and long afterwards every event once more."""

Result = Answer | str | None


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two operations.

    :ivar act: does it once, and returns the answer (None: the function died), or how the delivery ended.
    """

    name: str
    act: Callable[[World, Context], Result]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two operations that must not come to grief over each other.

    :ivar prepare: brings an empty shop to the moment before both.
    :ivar after: what follows once both callers have their answers: the shoppers pay, for example.
    :ivar expect: what else must have come of it, beside the promises; yields what did not.
    """

    name: str
    prepare: Callable[[World], Context]
    first: Side
    second: Side
    after: Callable[[World, Context], None] = lambda *_: None
    expect: Callable[[World, Context], Iterator[str]] = lambda *_: iter(())
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.first, self.second


Choose = Callable[[list[Turn], Mapping[int, Turn]], str]
"""Returns the letter of the next turn, by the turns so far and those that could be next."""


@dataclass(frozen=True, slots=True)
class Interleaved:
    """What came of one order.

    :ivar told: what each side was told, attempt by attempt.
    :ivar end: a name for what the two left behind; from equal ones on, all goes on alike.
    :ivar is_new: no order had ended so before, so that time went on here until all was settled, and beyond.
    """

    pair: Pair
    turns: tuple[Turn, ...]
    told: tuple[str, ...]
    end: str
    is_new: bool
    violations: tuple[str, ...]

    @property
    def schedule(self) -> str:
        """Return the line that runs this order again."""
        return "".join(turn.letter for turn in self.turns)

    @property
    def calls(self) -> Iterator[str]:
        """Return the calls in order, each with its side."""
        return (f"{turn.letter} {turn.call.name}" for turn in self.turns)

    @property
    def collisions(self) -> Iterator[tuple[str, str]]:
        """Return the schedules in which a transaction is refused once because the other's is at work on an item.

        Each with the name of the two calls. The refusal changes nothing but the process that is refused, which sends
        the same call again: whatever could come next could come next without it.
        """
        for first, second in races(self.turns):
            one, other = self.turns[first], self.turns[second]
            items = {place for place in one.footprint.writes & other.footprint.writes if len(place) == 3}
            if items and one.call.operation == "TransactWriteItems" and Mode.CONFLICT in other.call.modes:
                refused = IS_REFUSED[other.side]
                schedule = self.schedule[:second] + refused + self.schedule[second:]
                yield f"{one.letter} {one.call.name}, {other.letter} {other.call.name}", schedule


# ---- one order ------------------------------------------------------------------------------------------------


class _Abandoned(BaseException):
    """The order is not run to its end."""


class _AtWork:
    """A side at work: a thread that does not go on before it is told to."""

    def __init__(self, number: int, world: World, work: Callable[[], Result]) -> None:
        self.number = number
        self.pending: Outgoing | None = None
        self.result: Result = None
        self.watch = Watch([])
        self._world = world
        self._work = work
        self._error: BaseException | None = None
        self._abandoned = False
        self._go, self._waits = Semaphore(0), Semaphore(0)
        self._thread = Thread(target=self._run, name=f"side {GOES[number]}", daemon=True)

    def begin(self) -> None:
        """Go as far as the first call."""
        self._thread.start()
        self._wait()

    def go_on(self, letter: str) -> None:
        """Let the pending call be sent, or what else its letter says, and go as far as the next."""
        if letter not in GOES:
            mode = Mode.CONFLICT if letter in IS_REFUSED else Mode.CRASH_AFTER
            self.watch.faults.append(Fault(len(self.watch.calls) + 1, mode))
        self._go.release()
        self._wait()

    def abandon(self) -> None:
        """Stop where it is."""
        if self._thread.is_alive():
            self._abandoned = True
            self._go.release()
            self._thread.join(LONGEST_SECONDS)

    def _wait(self) -> None:
        if not self._waits.acquire(timeout=LONGEST_SECONDS):
            message = f"side {GOES[self.number]} neither ends nor comes to its next call"
            raise TimeoutError(message)
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        PROCESS.set(self.number)
        self._world.new_process()
        try:
            with self._world.wire.watching() as self.watch:
                self.result = self._work()
        except _Abandoned:
            pass
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever runs the pair.
            self._error = error
        self.pending = None
        self._waits.release()

    def gate(self, call: Outgoing) -> None:
        """Wait, in this side's own thread, until the call may be sent."""
        memory = self._world.memory()
        self.pending = call
        self._waits.release()
        self._go.acquire()
        if self._abandoned:
            raise _Abandoned
        self._world.remember(memory)


class Interleaver:
    """Runs pairs in one world."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._world = bench.world
        self._ends: dict[str, set[str]] = {}

    def every_order(self, pair: Pair, *, pruned: bool = True) -> Iterator[Interleaved]:
        """Run a pair in every order that may make a difference; in every order at all unless `pruned`."""
        return self._searched(pair, pruned=pruned, dies=None)

    def every_death(self, pair: Pair) -> Iterator[Interleaved]:
        """Let a side die right after each of its effects while the other goes on, in every order."""
        for side in range(2):
            for effect in range(1, 10):
                found = list(self._searched(pair, pruned=True, dies=(side, effect)))
                if not any(DIES[side] in each.schedule for each in found):
                    break
                yield from found

    def every_collision(self, pair: Pair, orders: Collection[Interleaved]) -> Iterator[Interleaved]:
        """Let every two transactions collide that can: the later one is refused once, and comes again.

        :param orders: what `every_order` found; each two calls collide in the first order in which they can.
        """
        schedules: dict[str, str] = {}
        for order in orders:
            for calls, schedule in order.collisions:
                schedules.setdefault(calls, schedule)
        for schedule in schedules.values():
            yield self._run(pair, _scheduled(schedule))

    def telling_orders(self, pair: Pair) -> Iterator[Interleaved]:
        """Run few orders that find most: one side stops before one of its effects until the other is done."""
        for side in range(2):
            for effect in range(1, 10):
                stop = _Stop(side, effect)
                found = self._run(pair, stop.choose)
                if not stop.has_stopped:
                    break
                yield found

    def replay(self, pair: Pair, schedule: str) -> Interleaved:
        """Run the order of a schedule; after its last turn the first side goes first."""
        self._ends.pop(pair.name, None)
        return self._run(pair, _scheduled(schedule))

    def _searched(self, pair: Pair, *, pruned: bool, dies: tuple[int, int] | None = None) -> Iterator[Interleaved]:
        search = Search(pruned=pruned)

        def choose(turns: list[Turn], pending: Mapping[int, Turn]) -> str:
            side = search.choose({number: turn.footprint for number, turn in pending.items()})
            is_last = dies == (side, _effects(turns, side) + 1) and pending[side].call.changes
            return DIES[side] if is_last else GOES[side]

        while True:
            yield self._run(pair, choose)
            if search.is_over():
                return

    def _run(self, pair: Pair, choose: Choose) -> Interleaved:
        world = self._world
        with world.with_settings(**pair.settings):
            with _reproducible(f"before {pair.name}"):
                context = self._bench.before(pair)
            with _reproducible(pair.name):
                return self._run_from(pair, context, choose)

    def _run_from(self, pair: Pair, context: Context, choose: Choose) -> Interleaved:
        world = self._world
        turns, results = self._at_once(pair, context, choose)
        told = tuple(self._told(pair, number, context, result) for number, result in enumerate(results))
        end = _left_behind(world, told)
        ends = self._ends.setdefault(pair.name, set())
        if is_new := end not in ends:
            ends.add(end)
            pair.after(world, context)
            world.drain()
            violations = settled_down(world, AFTERWARDS)
            violations += [f"{pair.name}: {what}" for what in pair.expect(world, context)]
        else:
            violations = world.check(swept=False)
        violations += [f"{pair.name}: a side was told {each}" for each in told if "request.invalid" in each]
        return Interleaved(pair, tuple(turns), told, end, is_new, tuple(dict.fromkeys(violations)))

    def _at_once(self, pair: Pair, context: Context, choose: Choose) -> tuple[list[Turn], list[Result]]:
        """Let both sides run to their ends, turn by turn."""
        world, turns = self._world, list[Turn]()
        sides = [_AtWork(number, world, partial(side.act, world, context)) for number, side in enumerate(pair.sides)]
        world.wire.gate = lambda call: None if call.service == "ssm" else sides[PROCESS.get()].gate(call)
        try:
            for side in sides:
                side.begin()
            while pending := {side.number: self._turn(side) for side in sides if side.pending is not None}:
                letter = choose(turns, pending)
                number = side_of(letter)
                turns.append(replace(pending[number], letter=letter))
                sides[number].go_on(letter)
        finally:
            for side in sides:
                side.abandon()
            world.wire.gate = lambda _: None
        return turns, [side.result for side in sides]

    def _turn(self, side: _AtWork) -> Turn:
        assert side.pending is not None
        return Turn(GOES[side.number], side.pending, footprint(side.pending, self._world.mirror.raw))

    def _told(self, pair: Pair, number: int, context: Context, result: Result) -> str:
        """Let a caller ask again as long as it is told to; return what it was told in all."""
        told = [_shown(result)]
        for attempt in range(TRIES):
            if isinstance(result, str) or not worth_repeating(result):
                break
            if attempt:
                self._world.wait(PAUSE_SECONDS)
            result = pair.sides[number].act(self._world, context)
            told.append(_shown(result))
        context["second" if number else "first"] = result
        return ", then ".join(told)


def _shown(result: Result) -> str:
    return result if isinstance(result, str) else shown(result)


def _scheduled(schedule: str) -> Choose:
    letters = iter(schedule)

    def choose(turns: list[Turn], pending: Mapping[int, Turn]) -> str:
        letter = next(letters, GOES[min(pending)])
        if side_of(letter) not in pending:
            message = f"{schedule} does not fit: after {len(turns)} turns the side of {letter} has ended"
            raise ValueError(message)
        return letter

    return choose


def _effects(turns: list[Turn], side: int) -> int:
    return sum(turn.side == side and turn.call.changes for turn in turns)


@dataclass
class _Stop:
    """A side stops before one of its effects until the other is done."""

    side: int
    effect: int
    has_stopped: bool = False

    def choose(self, turns: list[Turn], pending: Mapping[int, Turn]) -> str:
        if self.side not in pending:
            return GOES[1 - self.side]
        if pending[self.side].call.changes and _effects(turns, self.side) + 1 == self.effect:
            self.has_stopped = True
            return GOES[1 - self.side] if 1 - self.side in pending else GOES[self.side]
        return GOES[self.side]


# ---- the same each time ---------------------------------------------------------------------------------------


class _Still(datetime):
    """A clock that stands; the second process's is a second ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:  # noqa: ARG003 - as the real one.
        return cls.fromtimestamp(NOON.timestamp() + PROCESS.get(), UTC)


@contextmanager
def _reproducible(seed: str) -> Iterator[None]:
    """Let time stand still but for `wait`, and draw ids from a seed, for each process its own."""
    chances = [random.Random(f"{seed} {process}") for process in range(2)]

    def drawn(size: int) -> bytes:
        return chances[PROCESS.get()].randbytes(size)

    with patch.object(secrets, "token_bytes", drawn), patch.object(clock, "datetime", _Still):
        yield


# ---- what they left behind ------------------------------------------------------------------------------------

IDS = re.compile(r"[a-z]{2,8}_[A-Za-z0-9]{20,}|[a-z]{16}-[a-z-]{40,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _left_behind(world: World, told: tuple[str, ...]) -> str:
    """Return a name for all there is now, whatever ids it has: from equal names on, everything goes on alike."""
    items = [json.dumps([*key[::2], item], sort_keys=True) for key, item in world.mirror.raw.items()]
    in_order = [
        *(
            json.dumps(each, sort_keys=True)
            for table in world.stripe.service.ledger.tables.values()
            for each in table.values()
        ),
        *(json.dumps(key) for key, _ in world.mirror.appeared),
        *(json.dumps(each) for each in (told, world.bus, world.mails, world.undelivered)),
    ]
    whole = "\n".join((*sorted(items, key=lambda item: IDS.sub("", item)), *in_order))
    numbers: dict[str, str] = {}
    text = IDS.sub(lambda found: numbers.setdefault(found.group(), str(len(numbers))), whole)
    return hashlib.sha256(text.encode()).hexdigest()[:8]
