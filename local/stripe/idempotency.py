"""Idempotency keys as Stripe documents them for version 1 of its API."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from local.stripe.calls import Call
from local.stripe.config import DAY
from local.stripe.errors import idempotency_conflict, invalid_parameter
from local.stripe.ledger import Ledger, RecordedAnswer

MAX_KEY_LENGTH = 255


class IdempotencyKeys:
    """Replay what was answered under a key for a day, and refuse other uses of it."""

    def __init__(self, ledger: Ledger) -> None:
        """Use the answers that the ledger keeps."""
        self._ledger = ledger
        self._in_flight: set[str] = set()

    def recorded(self, call: Call) -> RecordedAnswer | None:
        """Give the answer to replay; raises for a key that is too long or belongs to another call."""
        key = call.idempotency_key
        if key is None:
            return None
        if len(key) > MAX_KEY_LENGTH:
            message = f"Idempotency keys must be at most {MAX_KEY_LENGTH} characters long."
            raise invalid_parameter(message, param=None)
        self._prune()
        answer = self._ledger.answers.get(key)
        if answer is None:
            return None
        if (answer.method, answer.path) != (call.method, call.path):
            message = (
                "Keys for idempotent requests can only be used for the same endpoint they were first used for "
                f"('{call.path}' vs '{answer.path}'). Try using a key other than '{key}' if you meant to execute a "
                "different request."
            )
            raise idempotency_conflict(HTTPStatus.BAD_REQUEST, message)
        if answer.fingerprint != _fingerprint(call):
            message = (
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request."
            )
            raise idempotency_conflict(HTTPStatus.BAD_REQUEST, message)
        return answer

    @contextmanager
    def in_flight(self, call: Call) -> Iterator[None]:
        """Hold the key while the call runs; raises if another call holds it."""
        key = call.idempotency_key
        if key is None:
            yield
            return
        if key in self._in_flight:
            message = (
                "There is currently another in-progress request using this Idempotent Key (that probably means you "
                f"submitted twice, and the other request is still going through): {key}. Please try again later."
            )
            raise idempotency_conflict(HTTPStatus.CONFLICT, message, code="idempotency_key_in_use")
        self._in_flight.add(key)
        try:
            yield
        finally:
            self._in_flight.discard(key)

    def record(self, call: Call, status: int, body: str) -> None:
        """Keep an answer for the call's key."""
        if call.idempotency_key is not None:
            self._ledger.answers[call.idempotency_key] = RecordedAnswer(
                method=call.method,
                path=call.path,
                fingerprint=_fingerprint(call),
                status=status,
                body=body,
                request_id=call.request_id,
                recorded_at=int(self._ledger.time()),
            )

    def _prune(self) -> None:
        oldest = self._ledger.time() - DAY
        answers = self._ledger.answers
        # They stand in the order of their recording.
        while answers and answers[first := next(iter(answers))].recorded_at < oldest:
            del answers[first]


def _fingerprint(call: Call) -> str:
    return hashlib.sha256(json.dumps(call.form, sort_keys=True).encode()).hexdigest()
