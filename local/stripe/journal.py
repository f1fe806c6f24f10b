"""The journal: every API call and every attempt to deliver a webhook, in order."""

from collections import deque
from itertools import count
from typing import Any

from local.stripe.ledger import Ledger

KEPT = 20_000
REFERENCES = ("id", "payment_intent", "charge", "latest_charge")


class Journal:
    """Number what happens; the oldest entries go when there are too many."""

    def __init__(self, ledger: Ledger) -> None:
        """Use the ledger's clock."""
        self._ledger = ledger
        self._numbers = count(1)
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def write(self, kind: str, entry: dict[str, Any]) -> None:
        """Add an entry of the kind ``call`` or ``webhook``."""
        self._entries.append({"n": next(self._numbers), "kind": kind, "time": self._ledger.time(), **entry})

    def since(self, number: int) -> list[dict[str, Any]]:
        """Give the entries after a number, oldest first."""
        return [entry for entry in self._entries if entry["n"] > number]

    def clear(self) -> None:
        """Forget the entries; the numbers go on."""
        self._entries.clear()


def objects_in(answer: dict[str, Any]) -> list[str]:
    """List the ids of the objects that an answer, or the intent in an error, is about."""
    error = answer.get("error")
    subject = error.get("payment_intent", {}) if isinstance(error, dict) else answer
    ids: list[str] = []
    for name in REFERENCES:
        value = subject.get(name)
        found = value.get("id") if isinstance(value, dict) else value
        if isinstance(found, str) and found not in ids:
            ids.append(found)
    return ids
