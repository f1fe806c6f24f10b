"""What can go wrong with one call that leaves the process."""

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """Each is something that AWS, Stripe or the network does to callers now and then."""

    CRASH_BEFORE = "crash before"
    """The process dies, and the call was never sent."""
    CRASH_AFTER = "crash after"
    """The call has its effect; the process dies before it reads the answer."""
    LOST_RESPONSE = "lost response"
    """The call has its effect and the connection breaks: the SDK sends it again by itself."""
    DEADLINE = "deadline"
    """Lambda ends the function while the call is on its way: its effect comes after the caller has tried again."""
    THROTTLE = "throttle"
    """The service refuses this one call because there are too many."""
    OUTAGE = "outage"
    """The service refuses this call and all that follow, until the function has given up."""
    CONFLICT = "conflict"
    """Another transaction holds one of the items. DynamoDB Local never says so."""
    CONTENTION = "contention"
    """Other transactions hold the items until the function has given up."""
    ENTRY_REFUSED = "entry refused"
    """EventBridge answers 200, and did not take the first of the events."""
    RECORDED_500 = "500 recorded"
    """Stripe fails, does nothing, and repeats the failure for as long as it remembers the key."""
    EFFECTIVE_500 = "500 after effect"
    """Stripe does it, fails to say so, and repeats the failure for as long as it remembers the key."""
    RATE_LIMITED = "429"
    """Stripe refuses this one call because there are too many."""
    DELAY = "25 s delay"
    """Stripe works on it for longer than we wait; until then its key is in use."""


READS = (Mode.CRASH_BEFORE, Mode.LOST_RESPONSE, Mode.THROTTLE, Mode.OUTAGE)
"""A read has no effect: its crash after is the next call's crash before, its deadline the same."""

SENDS = (*READS[:1], Mode.CRASH_AFTER, *READS[1:], Mode.DEADLINE)
WRITES = (*SENDS, Mode.CONFLICT, Mode.CONTENTION)
EVENTS = (*SENDS, Mode.ENTRY_REFUSED)
STRIPE_READS = (Mode.CRASH_BEFORE, Mode.LOST_RESPONSE, Mode.RATE_LIMITED, Mode.OUTAGE)
STRIPE_WRITES = (
    Mode.CRASH_BEFORE,
    Mode.CRASH_AFTER,
    Mode.LOST_RESPONSE,
    Mode.RECORDED_500,
    Mode.EFFECTIVE_500,
    Mode.RATE_LIMITED,
    Mode.DELAY,
    Mode.OUTAGE,
)
UNTIL_THE_END = frozenset({Mode.OUTAGE, Mode.CONTENTION})
UNCERTAIN = frozenset(
    {Mode.CRASH_AFTER, Mode.LOST_RESPONSE, Mode.DEADLINE, Mode.RECORDED_500, Mode.EFFECTIVE_500, Mode.DELAY}
)
"""Who called cannot know whether the call had its effect: what comes of it depends on all others most."""
DEADLY = frozenset({Mode.CRASH_BEFORE, Mode.CRASH_AFTER, Mode.DEADLINE})


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: what happens to the call number `at` (counted from 1) of the step under test.

    :ivar call: count only the calls whose name contains this (`POST refunds`).
    """

    at: int
    mode: Mode
    call: str = ""

    def __str__(self) -> str:
        return f"{self.mode} at call {self.at}" + (f" of {self.call}" if self.call else "")
