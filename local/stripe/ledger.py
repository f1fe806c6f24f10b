"""The state of the account: every object, what is still to happen, and what was answered."""

import copy
import dataclasses
import random
from bisect import insort
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from local.stripe.config import StripeConfig
from local.stripe.errors import no_such

type Resource = dict[str, Any]
type TimerAction = Callable[["Ledger", str], None]

BASE62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
NOUNS = {"payment_method": "PaymentMethod"}


@dataclasses.dataclass(frozen=True)
class Origin:
    """Name the API call that causes a change; a change that Stripe makes by itself has none."""

    request_id: str | None = None
    idempotency_key: str | None = None


@dataclasses.dataclass(frozen=True)
class Timer:
    """Remember that ``action`` happens to ``target`` at the instant ``due``."""

    due: int
    action: str
    target: str


@dataclasses.dataclass
class Delivery:
    """Remember that an event still has to reach the webhook endpoint."""

    id: int
    event: str
    due: float
    attempts: int = 0
    dropped: bool = False


@dataclasses.dataclass(frozen=True)
class RecordedAnswer:
    """Keep what was answered under an idempotency key, and to which call."""

    method: str
    path: str
    fingerprint: str
    status: int
    body: str
    request_id: str
    recorded_at: int


class Ledger:
    """Hold the objects as the plain JSON that the API answers.

    Nothing in here waits, so in one event loop every change is whole before the next one starts.
    """

    def __init__(self, config: StripeConfig) -> None:
        """Start with an empty account."""
        self.config = config
        self.clock_offset = 0.0
        self.version = 0
        self.on_event: Callable[[Resource], None] = lambda _event: None
        self._random = random.Random(config.seed)
        self._origin = Origin()
        self._as_of: int | None = None
        self._empty()

    def _empty(self) -> None:
        self.serial = 0
        self.tables: dict[str, dict[str, Resource]] = {}
        self.timers: list[Timer] = []
        self.deliveries: list[Delivery] = []
        self.answers: dict[str, RecordedAnswer] = {}
        # What Stripe would know and never show: how a payment method behaves, whether an intent may be canceled.
        self.marks: dict[str, str] = {}

    def reset(self) -> None:
        """Forget everything, the moved clock too."""
        self._empty()
        self.clock_offset = 0.0
        self.version += 1

    def time(self) -> float:
        """Read the injected clock, moved by the control surface's offset."""
        return self.config.clock() + self.clock_offset

    def now(self) -> int:
        """Give the second at which a change happens; a timer's change happens when the timer was due."""
        return int(self.time()) if self._as_of is None else self._as_of

    @contextmanager
    def acting(self, origin: Origin) -> Iterator[None]:
        """Attribute the events of a block to an API call."""
        self._origin = origin
        self.version += 1
        try:
            yield
        finally:
            self._origin = Origin()

    def new_id(self, prefix: str) -> str:
        """Make an id that looks like Stripe's and never repeats in this ledger."""
        self.serial += 1
        return f"{prefix}_3{self.token(17)}{_base62(self.serial):0>6}"

    def token(self, length: int) -> str:
        """Make a random word."""
        return "".join(self._random.choices(BASE62, k=length))

    def shuffle(self, items: list[Any]) -> None:
        """Put a list into a random order."""
        self._random.shuffle(items)

    def add(self, resource: Resource) -> Resource:
        """Store a new object."""
        self.tables.setdefault(resource["object"], {})[resource["id"]] = resource
        return resource

    def find(self, kind: str, object_id: str, *, param: str = "id") -> Resource:
        """Give the stored object itself; raises ``resource_missing``."""
        found = self.tables.get(kind, {}).get(object_id)
        if found is None:
            raise no_such(noun=NOUNS.get(kind, kind), object_id=object_id, param=param)
        return found

    def newest(self, kind: str) -> Iterator[Resource]:
        """Go through the objects of a kind, newest first."""
        return reversed(self.tables.get(kind, {}).values())

    def change(self, resource: Resource, changes: Mapping[str, Any]) -> Resource:
        """Change fields of a stored object and give their old values where they differ."""
        previous = {name: copy.deepcopy(resource[name]) for name, value in changes.items() if resource[name] != value}
        resource.update(changes)
        return previous

    def announce(self, kind: str, resource: Resource, previous: Resource | None = None) -> None:
        """Create an event with a snapshot of the object as it is now."""
        data: Resource = {"object": copy.deepcopy(resource)}
        if previous:
            data["previous_attributes"] = previous
        event = self.add(
            {
                "id": self.new_id("evt"),
                "object": "event",
                "api_version": self.config.api_version,
                "created": self.now(),
                "data": data,
                "livemode": self.config.livemode,
                "pending_webhooks": 0,
                "request": {"id": self._origin.request_id, "idempotency_key": self._origin.idempotency_key},
                "type": kind,
            },
        )
        self.on_event(event)

    def schedule(self, action: str, target: str, *, after: int) -> None:
        """Let something happen to an object in ``after`` seconds."""
        insort(self.timers, Timer(due=self.now() + after, action=action, target=target), key=lambda timer: timer.due)

    def unschedule(self, action: str, target: str) -> None:
        """Take a timer back; there need not be one."""
        self.timers = [timer for timer in self.timers if (timer.action, timer.target) != (action, target)]

    def run_due(self, actions: Mapping[str, TimerAction]) -> None:
        """Let everything happen that is due, in order, each at its own instant."""
        while self.timers and self.timers[0].due <= self.time():
            timer = self.timers.pop(0)
            self.version += 1
            self._as_of = timer.due
            try:
                actions[timer.action](self, timer.target)
            finally:
                self._as_of = None

    def snapshot(self) -> Resource:
        """Give the whole state as JSON; the clock's offset and the scripts are not part of it."""
        return {
            "serial": self.serial,
            "tables": copy.deepcopy(self.tables),
            "timers": [dataclasses.asdict(timer) for timer in self.timers],
            "deliveries": [dataclasses.asdict(delivery) for delivery in self.deliveries],
            "answers": {key: dataclasses.asdict(answer) for key, answer in self.answers.items()},
            "marks": dict(self.marks),
        }

    def restore(self, snapshot: Resource) -> None:
        """Take over a snapshot in place of the present state."""
        self.serial = snapshot["serial"]
        self.tables = copy.deepcopy(snapshot["tables"])
        self.timers = [Timer(**timer) for timer in snapshot["timers"]]
        self.deliveries = [Delivery(**delivery) for delivery in snapshot["deliveries"]]
        self.answers = {key: RecordedAnswer(**answer) for key, answer in snapshot["answers"].items()}
        self.marks = dict(snapshot["marks"])
        self.version += 1


def _base62(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = BASE62[digit] + digits
    return digits
