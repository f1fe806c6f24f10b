"""The meter: watches the real handlers at work in this process, and writes down what AWS would bill.

with metered() as meter:
    store.get("/v1/products")
meter.only("storefront/catalog/list_products").read_units
"""

import io
import json
import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from commerce.adapters import alerts, bus, mail, queues, ssm, stripe_payments
from commerce.kernel import records
from commerce.kernel.log import logger
from tests.cost.calls import PREFIX, Call, Key, dynamodb_read, dynamodb_write, key_of, other_call, parsed, writes_of
from tests.cost.units import Item
from tests.faults.input import front
from tests.support import aws
from tests.support import store as support
from tests.support.store import ROOT, load
from tests.support.witness import unwatched

BATCH = 100
SENT, ANSWERED = "before-send", "response-received"


@dataclass
class Invocation:
    """One invocation of a function.

    :ivar function: the handler's file below functions/, without its suffix.
    :ivar cpu_seconds: what the handler took of this machine's CPU, the stand-ins of AWS not counted.
    :ivar log_bytes: what it printed.
    :ivar told: what it told CloudWatch to make metrics of.
    """

    function: str
    calls: list[Call] = field(default_factory=list)
    cpu_seconds: float = 0
    log_bytes: int = 0
    told: list[dict[str, Any]] = field(default_factory=list)
    answer_bytes: int = 0
    status: int | None = None

    @property
    def read_units(self) -> float:
        return sum(call.read_units for call in self.calls)

    @property
    def write_units(self) -> float:
        return sum(call.write_units for call in self.calls)

    @property
    def calls_by_service(self) -> dict[str, int]:
        """Count the calls to each service."""
        return dict(Counter(call.service for call in self.calls))


class Meter:
    """What was seen since it was asked last.

    :ivar stored: every item that a handler wrote, as it was then.
    """

    def __init__(self) -> None:
        self.invocations: list[Invocation] = []
        self.stored: dict[Key, Item] = {}
        self.lines = io.StringIO()
        self._at_work: Invocation | None = None
        self._request: Any = None
        self._before: dict[Key, Item] = {}
        self._not_its_own = 0.0
        self._left_at = 0.0

    def take(self) -> list[Invocation]:
        """Return the invocations since the last time."""
        taken, self.invocations = self.invocations, []
        return taken

    def only(self, function: str) -> Invocation:
        """Return the one invocation of a function since the last time, and forget the others."""
        [found] = [each for each in self.take() if each.function == function]
        return found

    def watched(self, file: Path) -> Any:
        """Return the module of a handler, as far as its callers go."""
        return SimpleNamespace(handler=lambda event, context: self._invoke(file, event, context))

    def _invoke(self, file: Path, event: Any, context: Any) -> Any:
        handler = load(file).handler
        invocation = Invocation(str(file.relative_to(ROOT / "functions").with_suffix("")))
        self._at_work, self._not_its_own = invocation, 0.0
        printed, started = self.lines.tell(), time.thread_time()
        try:
            answer = handler(event, context)
        finally:
            invocation.cpu_seconds = time.thread_time() - started - self._not_its_own
            text = self.lines.getvalue()[printed:]
            invocation.log_bytes = len(text.encode())
            invocation.told = [json.loads(line) for line in text.splitlines() if '"_aws"' in line]
            self.invocations.append(invocation)
            self._at_work = None
        if isinstance(answer, dict) and "statusCode" in answer:
            invocation.status = answer["statusCode"]
            invocation.answer_bytes = len(json.dumps(answer["headers"])) + len((answer["body"] or "").encode())
        return answer

    def sent(self, service: str) -> Callable[..., None]:
        """Return what meets a client's calls before they leave."""

        def before_send(request: Any, event_name: str, **_: Any) -> None:
            if self._at_work is None:
                return
            came = time.thread_time()
            self._request = parsed(request.body)
            operation = event_name.rpartition(".")[2]
            writes = writes_of(operation, self._request) if service == "dynamodb" else []
            self._before = _read(map(key_of, writes))
            self._left_at = time.thread_time()
            self._not_its_own += self._left_at - came

        return before_send

    def answered(self, service: str) -> Callable[..., None]:
        """Return what meets the answers."""

        def response_received(event_name: str, parsed_response: Any, **_: Any) -> None:
            if self._at_work is None:
                return
            came = time.thread_time()
            operation, answer = event_name.rpartition(".")[2], parsed_response or {}
            self._at_work.calls.append(
                self._dynamodb(operation, answer)
                if service == "dynamodb"
                else other_call(service, operation, self._request)
            )
            if not (service == "dynamodb" and "AWS_ENDPOINT_URL_DYNAMODB" in os.environ):
                self._not_its_own += came - self._left_at  # moto answers in this very thread.
            self._not_its_own += time.thread_time() - came

        return response_received

    def _dynamodb(self, operation: str, answer: Mapping[str, Any]) -> Call:
        writes = writes_of(operation, self._request)
        if not writes:
            return dynamodb_read(operation, self._request, answer)
        error = answer.get("Error", {}).get("Code")
        after = self._before if error else _read(map(key_of, writes))
        self.stored |= after
        return dynamodb_write(operation, self._request, error, self._before, after)

    def stripes(self, request: Callable[..., Any]) -> Callable[..., Any]:
        """Return the HTTP request of Stripe's SDK, watched."""

        def watching(method: str, url: str, headers: Any, post_data: Any = None) -> Any:
            if self._at_work is not None:
                self._at_work.calls.append(Call("stripe", f"{method.upper()} {urlsplit(url).path}"))
            return request(method, url, headers, post_data)

        return watching


@contextmanager
def metered() -> Iterator[Meter]:
    """Watch every handler of the store that runs in this process."""
    meter = Meter()
    http = stripe_payments.http_client()
    with ExitStack() as watching:
        watching.enter_context(redirect_stdout(meter.lines))
        watching.enter_context(_logs_to(meter.lines))
        for module in (support, front):
            watching.enter_context(patch.object(module, "load", meter.watched))
        watching.enter_context(patch.object(http, "request", meter.stripes(http.request)))
        for service, client in _clients():
            events = client.meta.events
            events.register_first(SENT, meter.sent(service), unique_id=f"cost {SENT}")
            events.register(ANSWERED, meter.answered(service), unique_id=f"cost {ANSWERED}")
            for event in (SENT, ANSWERED):
                watching.callback(events.unregister, event, unique_id=f"cost {event}")
        yield meter


@contextmanager
def _logs_to(lines: io.StringIO) -> Iterator[None]:
    handler = logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(lines)
    try:
        yield
    finally:
        if before is not None:
            handler.setStream(before)


def _clients() -> list[tuple[str, Any]]:
    return [
        ("dynamodb", records.connection().client),
        ("sqs", queues.client()),
        ("events", bus._client()),
        ("ses", mail._client()),
        ("sns", alerts._client()),
        ("ssm", ssm._client()),
    ]


def _read(keys: Iterable[Key]) -> dict[Key, Item]:
    """Read items past the meter, as they are now."""
    found: dict[Key, Item] = {}
    wanted = list(dict.fromkeys(keys))
    for start in range(0, len(wanted), BATCH):
        asked: dict[str, Any] = {}
        for table, pk, sk in wanted[start : start + BATCH]:
            part = asked.setdefault(PREFIX + table, {"Keys": [], "ConsistentRead": True})
            part["Keys"].append({"pk": {"S": pk}, "sk": {"S": sk}})
        with unwatched():
            answer = aws.client("dynamodb").batch_get_item(RequestItems=asked)
        assert not answer["UnprocessedKeys"]
        for table, items in answer["Responses"].items():
            name = table.removeprefix(PREFIX)
            found |= {(name, item["pk"]["S"], item["sk"]["S"]): item for item in items}
    return found
