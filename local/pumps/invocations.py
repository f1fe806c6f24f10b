"""Asynchronous invocations: Lambda's own queue, its two retries, and where failures go."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.clock import new_uuid
from local.pumps.means import Means
from local.templates import Application, Function
from local.workers import Invocation, Throttled

RETRY_SECONDS = (60.0, 120.0)


@dataclass(frozen=True, slots=True)
class _Waiting:
    function: Function
    event: Any
    request_id: str
    attempt: int
    first: float
    due: float


class AsyncInvoker:
    """Invokes functions for callers that do not wait. Retries wait on the store's clock, so `tick` reaches them."""

    def __init__(self, application: Application, means: Means) -> None:
        self.application = application
        self._means = means
        self._waiting: list[_Waiting] = []
        self._running: set[asyncio.Task[None]] = set()

    @property
    def running(self) -> int:
        """How many invocations run now."""
        return len(self._running)

    @property
    def waiting(self) -> int:
        """How many wait for a retry."""
        return len(self._waiting)

    def submit(self, function_arn: str, event: Any) -> None:
        """Invoke a function soon."""
        function = self.application.function(function_arn)
        now = self._means.clock.now()
        self._start(_Waiting(function, event, new_uuid(), 1, now, now))

    def run_due(self) -> int:
        """Start the retries whose time has come; return how many."""
        now = self._means.clock.now()
        due = [entry for entry in self._waiting if entry.due <= now]
        self._waiting = [entry for entry in self._waiting if entry.due > now]
        for entry in due:
            self._start(entry)
        return len(due)

    async def stop(self) -> None:
        """Give up on what runs."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _start(self, entry: _Waiting) -> None:
        task = asyncio.create_task(self._run(entry))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self, entry: _Waiting) -> None:
        try:
            outcome = await self._means.pool.invoke(
                entry.function.name, json.dumps(entry.event).encode(), request_id=entry.request_id
            )
        except Throttled:
            self._waiting.append(_again(entry, self._means.clock.now() + 1.0, attempt=entry.attempt))
            return
        self._means.tally["async_invocations"] += 1
        if outcome.error is None:
            return
        self._means.tally["async_failures"] += 1
        config = entry.function.async_config
        delay = RETRY_SECONDS[min(entry.attempt, len(RETRY_SECONDS)) - 1]
        too_old = self._means.clock.now() + delay - entry.first > config.max_age_seconds
        if entry.attempt <= config.retries and not too_old:
            self._waiting.append(_again(entry, self._means.clock.now() + delay, attempt=entry.attempt + 1))
            return
        await self._give_up(entry, outcome)

    async def _give_up(self, entry: _Waiting, outcome: Invocation) -> None:
        config = entry.function.async_config
        error = outcome.error
        if config.on_failure_arn:
            record = {
                "version": "1.0",
                "timestamp": datetime.fromtimestamp(self._means.clock.now(), UTC).isoformat().replace("+00:00", "Z"),
                "requestContext": {
                    "requestId": entry.request_id,
                    "functionArn": f"{entry.function.arn}:$LATEST",
                    "condition": "RetriesExhausted",
                    "approximateInvokeCount": entry.attempt,
                },
                "requestPayload": entry.event,
                "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
                "responsePayload": error.to_json() if error else None,
            }
            await self._means.send_to(config.on_failure_arn, record, {})
        if config.dead_letter_arn:
            attributes = {
                "RequestID": entry.request_id,
                "ErrorCode": "200",
                "ErrorMessage": str(error and error.message),
            }
            await self._means.send_to(config.dead_letter_arn, entry.event, attributes)


def _again(entry: _Waiting, due: float, *, attempt: int) -> _Waiting:
    return _Waiting(entry.function, entry.event, entry.request_id, attempt, entry.first, due)
