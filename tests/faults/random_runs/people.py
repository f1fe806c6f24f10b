"""Those who ask the shop: how they repeat a question, what goes wrong meanwhile, and what they hear."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from typing import Any

from hypothesis import strategies as st

from tests.faults.machine.cases import PAUSE_SECONDS, TRIES, Client, keyed
from tests.faults.machine.modes import READS, STRIPE_WRITES, WRITES, Fault
from tests.faults.machine.wire import Watch
from tests.faults.machine.world import World
from tests.support.store import Answer


class Others(StrEnum):
    """What others do in the middle of a request."""

    DELIVER = "everything is delivered"
    SWEEP = "the schedules run"
    PAY = "shoppers pay, and Stripe tells at once"


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """Others act the moment before the call number `at` of a request is sent."""

    at: int
    what: Others

    def __str__(self) -> str:
        return f"before call {self.at} {self.what}"


Trouble = Fault | Meanwhile | None

CLIENTS = st.sampled_from([Client.SAME_KEY, Client.SAME_KEY, Client.NO_KEY, Client.GIVES_UP])


def faults(most: int) -> st.SearchStrategy[Fault]:
    """Return faults at one of so many calls: mostly at those that write, where they do most harm."""
    numbers = st.integers(1, most)
    return st.one_of(
        st.builds(Fault, at=numbers, mode=st.sampled_from(WRITES), call=st.just("TransactWriteItems")),
        st.builds(Fault, at=numbers, mode=st.sampled_from(STRIPE_WRITES), call=st.just("stripe POST")),
        st.builds(Fault, at=st.integers(1, 4 * most), mode=st.sampled_from(READS)),
    )


FAULTS, LATER_FAULTS = faults(2), faults(9)
TROUBLES: st.SearchStrategy[Trouble] = st.one_of(
    st.none(), FAULTS, st.builds(Meanwhile, at=st.integers(2, 8), what=st.sampled_from(Others))
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of a question, with all its repeats.

    :ivar answers: each answer in turn; None: the function died.
    :ivar certainly: how often it had its effect, as far as people can know.
    :ivar perhaps: how often it may have had it beyond that.
    :ivar was_plain: nothing went wrong, and nobody acted meanwhile.
    """

    answers: tuple[Answer | None, ...]
    certainly: int
    perhaps: int
    was_plain: bool

    @property
    def body(self) -> Any:
        """Return the last answer's body, if it told of a success."""
        last = self.answers[-1]
        return last.body if last is not None and last.status < 300 else None

    @property
    def came_to(self) -> str:
        """Name how it ended: `done`, a refusal's code, or `unknown`."""
        last = self.answers[-1]
        if last is None:
            return "unknown"
        return "done" if last.status < 300 else last.code


class People:
    """Ask the shop on somebody's behalf, and pass on each answer to whoever listens.

    :param went_wrong: told which faults found their call, and how often others acted.
    """

    def __init__(self, world: World, hears: Callable[[Any], None], went_wrong: Callable[[Watch, int], None]) -> None:
        self._world = world
        self._hears = hears
        self._went_wrong = went_wrong
        self._interruptions = 0
        self._numbers = count(1)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        client: Client = Client.SAME_KEY,
        trouble: Trouble = None,
        headers: Mapping[str, str] | None = None,
    ) -> Asked:
        """Ask, and again as the client does when the answer is no answer."""
        key = f"key-{next(self._numbers)}" if client is Client.SAME_KEY else None
        sent = {**(headers or {}), **keyed(key)}
        with self.in_trouble(trouble) as watch:
            answers = [self._heard(method, path, body, sent)]
        for attempt in range(TRIES):
            if client is Client.GIVES_UP or not _worth_repeating(answers[-1]):
                break
            if attempt == 1:
                self._world.wire.land()
            if attempt:
                self._world.wait(PAUSE_SECONDS)
            answers.append(self._heard(method, path, body, sent))
        is_plain = len(answers) == 1 and not watch.struck and not isinstance(trouble, Meanwhile)
        return Asked(tuple(answers), *_effects(answers, is_keyed=key is not None), was_plain=is_plain)

    def look(self, path: str, *, headers: Mapping[str, str] | None = None) -> Any:
        """Read something that must be there."""
        answer = self._heard("GET", path, None, headers or {})
        assert answer is not None, f"GET {path} died"
        assert answer.status == 200, answer.body
        return answer.body

    @contextmanager
    def in_trouble(self, trouble: Trouble) -> Iterator[Watch]:
        """Let something go wrong, or others act, within a block."""
        world = self._world
        faults = [trouble] if isinstance(trouble, Fault) else []
        with world.wire.watching(*faults) as watch:
            if isinstance(trouble, Meanwhile):
                with world.meanwhile(trouble.at, lambda: self._others_act(trouble.what)):
                    yield watch
            else:
                yield watch
        self._went_wrong(watch, self._interruptions)
        self._interruptions = 0

    def _others_act(self, what: Others) -> None:
        world = self._world
        self._interruptions += 1
        if what is Others.SWEEP:
            world.sweep()
            return
        if what is Others.PAY:
            for intent in list(world.stripe.table("payment_intent").values()):
                if intent["status"] == "requires_payment_method":
                    world.pay(intent["id"])
        world.drain()

    def _heard(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Answer | None:
        answer = self._world.call(method, path, body, headers=headers)
        assert answer is None or answer.status in range(200, 500) or answer.status == 503, answer
        if answer is not None and answer.status < 300:
            self._hears(answer.body)
        return answer


def _worth_repeating(answer: Answer | None) -> bool:
    return answer is None or answer.status >= 500 or (answer.status == 409 and answer.body["retryable"])


def _effects(answers: list[Answer | None], *, is_keyed: bool) -> tuple[int, int]:
    """Return how often a request certainly had its effect, and how often perhaps beyond that."""
    done = sum(answer is not None and answer.status < 300 for answer in answers)
    unknown = sum(answer is None or answer.status >= 500 for answer in answers)
    return (min(done, 1), min(unknown, 1 - min(done, 1))) if is_keyed else (done, unknown)
