"""One case: a step of the shop, the people and machines around it, and what goes wrong. Then everybody looks."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from tests.faults.machine import promises
from tests.faults.machine.modes import Fault, Mode
from tests.faults.machine.wire import Outgoing, Watch
from tests.faults.machine.world import HOLD_SECONDS, SWEEP_SECONDS, VISIBILITY_SECONDS, Saved, World
from tests.support.store import Answer

Context = dict[str, Any]
TRIES = 4
PAUSE_SECONDS = 30.0
"""How long a client waits before it tries again: longer than a lease."""

A_DAY_AND_A_BIT, THREE_DAYS = 25 * 3600.0, 73 * 3600.0
"""DynamoDB forgets client tokens after minutes, Stripe its keys after a day, we ours after two; then the past comes
again, as Stripe delivers for three days."""


class Client(StrEnum):
    """What the caller does when the answer is no answer."""

    SAME_KEY = "repeats with its key"
    NO_KEY = "repeats without a key"
    GIVES_UP = "gives up"


class Shopper(StrEnum):
    """When the shopper pays."""

    EARLY = "pays at once"
    NEVER = "never pays"
    LATE = "pays after the hold"
    DURING = "pays during the call"
    DECLINED = "is declined, then pays"


@dataclass(frozen=True, slots=True)
class Scenario:
    """Who does what around the step under test."""

    client: Client = Client.SAME_KEY
    shopper: Shopper = Shopper.EARLY
    sweeper: bool = True
    twice: bool = False

    def __str__(self) -> str:
        sweeper = "sweeper on" if self.sweeper else "sweeper off"
        events = "events twice and shuffled" if self.twice else "events once"
        return f"client {self.client}, shopper {self.shopper}, {sweeper}, {events}"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the shop that is put under test.

    :ivar prepare: brings an empty shop to the moment before the step; what it returns is the context of the rest.
    :ivar act: makes the step. A client's call returns its answer (None: the function died); deliveries return nothing.
    :ivar after: what follows once the caller has its answer or has given up: the shopper pays, for example.
    :ivar expect: what else must have come of it, beside the promises; yields what did not.
    :ivar strikes: which of its calls are struck; the others are, in the same place, in another step.
    """

    name: str
    prepare: Callable[[World], Context]
    act: Callable[[World, Context, str | None], Answer | None]
    scenarios: tuple[Scenario, ...]
    after: Callable[[World, Context, Scenario, Answer | None], None] = lambda *_: None
    expect: Callable[[World, Context, Scenario], Iterator[str]] = lambda *_: iter(())
    settings: Mapping[str, str] = field(default_factory=dict)
    by_client: bool = True
    strikes: Callable[[Outgoing], bool] = lambda _: True


@dataclass(frozen=True, slots=True)
class Case:
    """A step, a scenario, and up to two faults."""

    step: Step
    scenario: Scenario
    faults: tuple[Fault, ...] = ()
    seed: int = 0

    def __str__(self) -> str:
        faults = ", ".join(map(str, self.faults)) or "no fault"
        return f"{self.step.name}: {faults}; {self.scenario}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case.

    :ivar calls: the calls of the step's first attempt.
    :ivar struck: how many of the faults found their call.
    :ivar told: what the caller saw, attempt by attempt; for a delivery, how it ended.
    :ivar violations: the promises that were broken, in words.
    :ivar followed: the calls after the first attempt, those of retries and deliveries, numbered on from there.
    """

    calls: tuple[Outgoing, ...]
    struck: int
    told: tuple[str, ...]
    violations: tuple[str, ...]
    followed: tuple[Outgoing, ...] = ()


class Prepared(Protocol):
    """What begins with a shop in some state. Equal names have equal preparations."""

    @property
    def name(self) -> str: ...
    @property
    def prepare(self) -> Callable[[World], Context]: ...


def keyed(key: str | None) -> dict[str, str]:
    """Return the header of an idempotency key, if there is one."""
    return {"Idempotency-Key": key} if key else {}


class Bench:
    """Runs cases in one world. What leads to a step is done once and put back for each case."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._prepared: dict[str, tuple[Saved, Context]] = {}
        self._empty = world.save()

    def run(self, case: Case) -> Outcome:
        """Run a case from the moment before its step to the last look."""
        step, scenario, world = case.step, case.scenario, self.world
        with world.with_settings(**step.settings):
            context = self.before(step, seed=case.seed)
            world.deliveries.twice = world.deliveries.shuffled = scenario.twice
            if scenario.shopper is Shopper.DURING:
                world.during_stripe = _pays_meanwhile(world)
            told: list[str] = []
            with world.wire.watching(*case.faults) as watch:
                answer = self._tried(step, scenario, context, told, watch)
                calls = tuple(watch.calls[: context.pop("first calls")])
                if len(case.faults) < 2:  # A second fault may also strike what follows.
                    watch.faults.clear()
                world.wire.land()
                with world.wire.unwatched():
                    step.after(world, context, scenario, answer)
                world.drain()
                followed = tuple(watch.calls[len(calls) :])
                watch.faults.clear()
            violations = settled_down(world, scenario, seed=case.seed)
            violations += [f"{step.name}: {what}" for what in step.expect(world, context, scenario)]
            violations += _bothered(step, told, watch)
        return Outcome(calls, len(watch.struck), tuple(told), tuple(dict.fromkeys(violations)), followed)

    def before(self, step: Prepared, *, seed: int = 0) -> Context:
        """Let everything be as it is the moment before; the context is what the preparation returned."""
        if step.name not in self._prepared:
            self.world.put_back(self._empty)
            context = step.prepare(self.world)
            broken = self.world.check(swept=False)
            assert not broken, broken
            self._prepared[step.name] = (self.world.save(), context)
        saved, context = self._prepared[step.name]
        self.world.put_back(saved, seed=seed)
        return dict(context)

    def _tried(self, step: Step, scenario: Scenario, context: Context, told: list[str], watch: Watch) -> Answer | None:
        """Make the step, and again as the client does; return the last answer."""
        world = self.world
        key = "the-key" if scenario.client is Client.SAME_KEY else None
        answer = step.act(world, context, key)
        context["first calls"] = len(watch.calls)
        if not step.by_client:
            told += dict.fromkeys(world.invocations) or [shown(answer)]
            return None
        told.append(shown(answer))
        for attempt in range(TRIES):
            if scenario.client is Client.GIVES_UP or not worth_repeating(answer):
                break
            if attempt == 1:
                world.wire.land()
            if attempt:
                world.wait(PAUSE_SECONDS)
            answer = step.act(world, context, key)
            told.append(shown(answer))
        return answer


def _bothered(step: Step, told: list[str], watch: Watch) -> Iterator[str]:
    """Find a caller who was told to ask again because of a single trouble that passes by itself."""
    if not step.by_client or len(told) == 1 or len(watch.struck) != 1:
        return
    [(call, mode)] = watch.struck
    # What no transaction writes is never held by one.
    is_held = mode is Mode.CONFLICT and call.operation == "TransactWriteItems"
    if mode in {Mode.LOST_RESPONSE, Mode.THROTTLE} or is_held:
        yield f"{step.name}: a single {mode} of {call.name} was told to the caller: {', '.join(told)}"


def worth_repeating(answer: Answer | None) -> bool:
    """Tell whether a caller is to ask again: the function died, or the answer says so."""
    return answer is None or answer.status >= 500 or (answer.status == 409 and answer.body["retryable"])


def shown(answer: Answer | None) -> str:
    """Return what the caller was told, in short."""
    if answer is None:
        return "died"
    return str(answer.status) if answer.status < 400 else f"{answer.status} {answer.code}"


def _pays_meanwhile(world: World) -> Callable[[Outgoing], None]:
    """Return a shopper who pays the moment the intent exists, with a webhook that is faster than Stripe's answer."""

    def pays(_: Outgoing) -> None:
        intents = list(world.stripe.table("payment_intent"))
        if not intents:
            world.during_stripe = pays
        for intent_id in intents:
            world.pay(intent_id)
        world.drain()

    return pays


def settled_down(world: World, scenario: Scenario, *, seed: int = 0) -> list[str]:
    """Let faults be over, and return every promise that is broken."""
    if scenario.sweeper:
        world.tick(HOLD_SECONDS + 60)
        world.tick(SWEEP_SECONDS)
    else:
        world.drain()
        world.wait(2 * VISIBILITY_SECONDS)  # What was refused comes again by itself.
        world.drain()
    violations = world.check(swept=scenario.sweeper)
    if scenario.twice and not violations:
        before = promises.digest(world.picture())
        world.wait(A_DAY_AND_A_BIT if seed % 2 else THREE_DAYS)
        world.forget_what_expired()
        world.redeliver()
        after = promises.digest(world.picture())
        if before != after:
            violations.append(f"G6 events that came again a day later changed {before} into {after}")
        violations += world.check(swept=scenario.sweeper)
    return violations


def shuffled_seed(case: Case) -> int:
    """Return a seed that stands for the case alone, so that it runs alike whatever ran before."""
    return random.Random(str(case)).randrange(2**32)
