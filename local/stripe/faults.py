"""Faults that a test scripts: what goes wrong, for which calls, how often."""

import re
from dataclasses import dataclass
from typing import Any, Literal, get_args

from local.stripe.calls import Call, Script
from local.stripe.cards import DECLINES
from local.stripe.config import DAY
from local.stripe.errors import invalid_parameter

type Mode = Literal[
    "500_recorded",
    "500_after",
    "429",
    "timeout",
    "drop_before",
    "drop_after",
    "delay",
    "card_declined",
    "processing",
]
MODES: tuple[Mode, ...] = get_args(Mode.__value__)
LONGEST = 365 * DAY
FIELDS = {"match", "mode", "times", "seconds", "code"}


@dataclass
class Fault:
    """Describe one scripted fault; ``times`` counts down to 0, None means for ever."""

    mode: Mode
    method: str | None
    path: re.Pattern[str]
    times: int | None = 1
    seconds: float = 0.0
    code: str = "generic_decline"

    def matches(self, call: Call) -> bool:
        """Say whether the call is one that this fault hits."""
        return self.method in {None, call.method} and self.path.search(call.path) is not None

    def described(self) -> dict[str, Any]:
        """Give the fault as the control surface shows it."""
        return {
            "match": {"method": self.method, "path": self.path.pattern},
            "mode": self.mode,
            "times": self.times,
            "seconds": self.seconds,
            "code": self.code,
        }


class Faults:
    """Hold the scripted faults; of each kind the first that matches a call hits it."""

    def __init__(self) -> None:
        """Start without any."""
        self.active: list[Fault] = []

    def add(self, described: object) -> None:
        """Script faults from their JSON; raises for what is not one, and adds nothing then."""
        faults = described if isinstance(described, list) else [described]
        self.active += [_fault(fault) for fault in faults]

    def clear(self) -> None:
        """Forget all faults."""
        self.active.clear()

    def hit(self, call: Call) -> dict[Mode, Fault]:
        """Use up and give the faults that hit this call."""
        hit: dict[Mode, Fault] = {}
        for fault in self.active:
            if fault.mode not in hit and fault.matches(call):
                hit[fault.mode] = fault
                if fault.times is not None:
                    fault.times -= 1
        self.active = [fault for fault in self.active if fault.times != 0]
        return hit


def script_of(hit: dict[Mode, Fault]) -> Script:
    """Give what the faults make of a confirmation."""
    declined, processing = hit.get("card_declined"), hit.get("processing")
    return Script(
        decline=DECLINES[declined.code] if declined else None,
        processing_seconds=int(processing.seconds) if processing else None,
    )


def _fault(described: object) -> Fault:
    if not isinstance(described, dict) or not set(described) <= FIELDS:
        message = f"A fault is an object with the fields {', '.join(sorted(FIELDS))}."
        raise invalid_parameter(message, param="faults")
    match = described.get("match", {})
    mode = next((each for each in MODES if each == described.get("mode")), None)
    times, seconds = described.get("times", 1), described.get("seconds", 0)
    code = described.get("code", "generic_decline")
    if mode is None:
        message = f"Invalid mode: must be one of {', '.join(MODES)}."
        raise invalid_parameter(message, param="mode")
    if not (times is None or (isinstance(times, int) and times > 0)):
        message = "Invalid times: must be a whole number above 0, or null for ever."
        raise invalid_parameter(message, param="times")
    if not isinstance(seconds, int | float) or not 0 <= seconds <= LONGEST:
        message = f"Invalid seconds: must be a number from 0 to {LONGEST}."
        raise invalid_parameter(message, param="seconds")
    if code not in DECLINES:
        message = f"Invalid code: must be one of {', '.join(DECLINES)}."
        raise invalid_parameter(message, param="code")
    if not isinstance(match, dict) or not set(match) <= {"method", "path"}:
        message = "Invalid match: must be an object with the fields method and path."
        raise invalid_parameter(message, param="match")
    try:
        path = re.compile(match.get("path", ""))
    except (re.error, TypeError) as error:
        message = f"Invalid path: it is not a regular expression: {error}."
        raise invalid_parameter(message, param="match[path]") from error
    method = match.get("method")
    return Fault(
        mode=mode,
        method=str(method).upper() if method else None,
        path=path,
        times=times,
        seconds=seconds,
        code=code,
    )
