"""The wire: every call that leaves the process passes here, is numbered and named, and can be struck by a fault.

AWS's calls are met at botocore's `before-send`, below everything that retries; Stripe's at its SDK's HTTP client.
"""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import stripe
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session
from moto.core.botocore_stubber import MockRawResponse
from moto.core.models import botocore_stubber
from requests.structures import CaseInsensitiveDict

from commerce.adapters import alerts, bus, mail, queues, ssm, stripe_payments, stripe_tax
from commerce.kernel import records
from commerce.kernel.ids import new_id
from local.stripe.api import Answer
from local.stripe.errors import idempotency_conflict
from tests.faults.machine.engine import Key
from tests.faults.machine.modes import (
    DEADLY,
    EVENTS,
    READS,
    SENDS,
    STRIPE_READS,
    STRIPE_WRITES,
    UNTIL_THE_END,
    WRITES,
    Fault,
    Mode,
)
from tests.faults.machine.stripe_inside import InsideStripe
from tests.faults.machine.tax_wire import TaxWire

MAIL = frozenset({"sesv2", "sns"})
SENT, ANSWERED = "before-send", "response-received"
CHANGES = frozenset({"TransactWriteItems", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"})
IDS = re.compile(r"/[a-z]+_[A-Za-z0-9]+")
TABLE = re.compile(r'"TableName": ?"test-([a-z]+)"|"test-([a-z]+)": ?\{')
THROTTLED = {
    "dynamodb": "ProvisionedThroughputExceededException",
    "sqs": "RequestThrottled",
    "events": "ThrottlingException",
    "ssm": "ThrottlingException",
    "sesv2": "TooManyRequestsException",
    "sns": "Throttled",
}
STRIPES_SCRIPTS = {
    Mode.RECORDED_500: "500_recorded",
    Mode.EFFECTIVE_500: "500_after",
    Mode.RATE_LIMITED: "429",
}


class Crash(BaseException):
    """The process died here. No `except Exception` may hide it."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One call that is about to leave."""

    service: str
    operation: str
    about: str
    body: Any = field(repr=False)

    @property
    def name(self) -> str:
        """Name the call as the matrix does: `dynamodb TransactWriteItems carts, orders`."""
        return " ".join(part for part in (self.service, self.operation, self.about) if part)

    @property
    def changes(self) -> bool:
        """Tell whether the call is meant to have an effect."""
        if self.service == "dynamodb":
            return self.operation in CHANGES
        return self.service != "ssm" and not self.operation.startswith("GET ")

    @property
    def modes(self) -> tuple[Mode, ...]:
        """Return what can go wrong with it."""
        if self.service == "stripe":
            return STRIPE_WRITES if self.changes else STRIPE_READS
        if self.service == "dynamodb" and self.operation in CHANGES - {"BatchWriteItem"}:
            return WRITES
        if self.service == "events":
            return EVENTS
        return SENDS if self.changes else READS


@dataclass
class Watch:
    """What passed while a step was watched, and which faults struck."""

    faults: list[Fault]
    calls: list[Outgoing] = field(default_factory=list)
    struck: list[tuple[Outgoing, Mode]] = field(default_factory=list)
    lasting: Mode | None = None

    def mode(self, call: Outgoing) -> Mode | None:
        """Count a call, and return what happens to it."""
        self.calls.append(call)
        if self.lasting is not None and self.lasting in call.modes:
            return self.lasting
        mode = next((fault.mode for fault in self.faults if self._is_met(fault, call)), None)
        if mode is None or mode not in call.modes:
            return None
        self.struck.append((call, mode))
        if mode in UNTIL_THE_END:
            self.lasting = mode
        return mode

    def _is_met(self, fault: Fault, call: Outgoing) -> bool:
        return fault.call in call.name and fault.at == sum(fault.call in each.name for each in self.calls)


_WATCH: ContextVar[Watch | None] = ContextVar("watch", default=None)
"""Each thread has its own: where two operations are at work, a fault strikes the calls of one of them."""


class Wire:
    """Stands between a store and everything outside of its process.

    :ivar on_effect: told of each call that had its effect, before its caller is; it may act for others meanwhile.
    :ivar gate: asked before each call is sent; it may let others go first.
    :ivar unheard_mails: how many mails and alerts left without an answer to whoever sent them.
    :ivar forgetful: DynamoDB does not recognize a client token, as after ten minutes: each send has a new one.
    """

    def __init__(self, stripe_inside: InsideStripe) -> None:
        self._stripe = stripe_inside
        self._late: list[Callable[[], Any]] = []
        self._held_keys: set[str] = set()
        self._session = URLLib3Session()
        self.on_effect: Callable[[Outgoing], None] = lambda _: None
        self.gate: Callable[[Outgoing], None] = lambda _: None
        self.unheard_mails = 0
        self.forgetful = False

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Let every call of this process pass here. Nobody sleeps between two tries."""
        http = stripe_payments.http_client()
        request = http.request
        clients = self._clients()
        for service, client in clients:
            client.meta.events.register_first(SENT, self._met(service), unique_id=f"wire {SENT}")
            client.meta.events.register(ANSWERED, self._answered, unique_id=f"wire {ANSWERED}")
        http.request = self._request  # type: ignore[method-assign]
        # DynamoDB is not moto's, which would compare each call with hundreds of addresses before it lets it pass.
        engine = records.connection().client.meta.events
        engine.unregister(SENT, botocore_stubber)  # type: ignore[arg-type]
        try:
            taxes = TaxWire(self._request)
            with (
                patch.object(time, "sleep", lambda _: None),
                patch.object(stripe_tax, "http", lambda: taxes),
                patch.object(stripe_tax, "patient_http", lambda: taxes),
            ):
                yield
        finally:
            http.request = request  # type: ignore[method-assign]
            engine.register(SENT, botocore_stubber)  # type: ignore[arg-type] # What it returns is the answer.
            for _, client in clients:
                for event in (SENT, ANSWERED):
                    client.meta.events.unregister(event, unique_id=f"wire {event}")
            self._session.close()

    @contextmanager
    def watching(self, *faults: Fault) -> Iterator[Watch]:
        """Number the calls of a step from 1, and strike those that the faults name."""
        watch = Watch(list(faults))
        before = _WATCH.set(watch)
        try:
            yield watch
        finally:
            _WATCH.reset(before)

    @contextmanager
    def unwatched(self) -> Iterator[None]:
        """Let calls pass that belong to somebody else."""
        before = _WATCH.set(None)
        try:
            yield
        finally:
            _WATCH.reset(before)

    def function_ended(self) -> None:
        """Let outages and contention end with the function that met them."""
        if (watch := _WATCH.get()) is not None:
            watch.lasting = None

    def land(self) -> None:
        """Let the calls arrive that were on their way when their function was ended."""
        late, self._late = self._late, []
        self._held_keys.clear()
        for arrive in late:
            arrive()

    def forget(self) -> None:
        """Forget what is on its way, as before a case."""
        self._late.clear()
        self._held_keys.clear()
        self.unheard_mails = 0
        _WATCH.set(None)

    # ---- AWS ------------------------------------------------------------------------------------------------

    @staticmethod
    def _clients() -> list[tuple[str, Any]]:
        return [
            ("dynamodb", records.connection().client),
            ("sqs", queues.client()),
            ("events", bus._client()),
            ("sesv2", mail._client()),
            ("sns", alerts._client()),
            ("ssm", ssm._client()),
        ]

    def _met(self, service: str) -> Callable[..., Any]:
        def before_send(request: Any, event_name: str, **_: Any) -> Any:
            call = _outgoing(service, event_name.rpartition(".")[2], request)
            if self.forgetful and service == "dynamodb":
                _renew_token(request)
            self.gate(call)
            self._last = call
            watch = _WATCH.get()
            mode = watch.mode(call) if watch is not None else None
            if mode is None:
                return None
            return self._struck(call, mode, request, event_name)

        return before_send

    def _struck(self, call: Outgoing, mode: Mode, request: Any, event_name: str) -> Any:
        if mode in {Mode.THROTTLE, Mode.OUTAGE}:
            return _refusal(call, request, THROTTLED[call.service])
        if mode in {Mode.CONFLICT, Mode.CONTENTION}:
            return _conflict(call, request)
        if mode is Mode.ENTRY_REFUSED:
            return self._first_refused(call, request)
        if mode is Mode.CRASH_BEFORE:
            raise Crash
        if mode is Mode.DEADLINE:
            self._late.append(lambda: self._have_effect(call, request, event_name))
            raise Crash
        self._have_effect(call, request, event_name)
        if mode is Mode.CRASH_AFTER:
            raise Crash
        raise ConnectionClosedError(endpoint_url=request.url)

    def _first_refused(self, call: Outgoing, request: Any) -> AWSResponse:
        """Let the bus take all events but the first, and say so in an answer that looks like success."""
        refused, *taken = call.body["Entries"]
        self._last = replace(call, body=call.body | {"Entries": taken})
        results = [{"ErrorCode": "InternalFailure", "ErrorMessage": refused["DetailType"]}]
        results += [{"EventId": new_id("evt")} for _ in taken]
        content = json.dumps({"FailedEntryCount": 1, "Entries": results}).encode()
        headers: Any = {"x-amzn-requestid": "local"}
        return AWSResponse(request.url, 200, headers, _raw(content))

    def _have_effect(self, call: Outgoing, request: Any, event_name: str) -> None:
        """Let a call have its effect, and keep its answer from everybody."""
        answer = botocore_stubber(event_name, request) if call.service != "dynamodb" else None
        if answer is None:
            answer = self._session.send(request)
        if answer.status_code == 200:
            self.unheard_mails += call.service in MAIL
            self.on_effect(call)

    def _answered(self, response_dict: Mapping[str, Any] | None, **_: Any) -> None:
        if response_dict is not None and response_dict["status_code"] == 200:
            self.on_effect(self._last)

    # ---- Stripe ---------------------------------------------------------------------------------------------

    def _request(self, method: str, url: str, headers: Any, post_data: Any = None) -> Any:
        place = urlsplit(url)
        operation = f"{method.upper()} {IDS.sub('/*', place.path.removeprefix('/v1/'))}"
        call = Outgoing("stripe", operation, "", parse_qs(post_data or place.query))
        self.gate(call)
        watch = _WATCH.get()
        mode = watch.mode(call) if watch is not None else None
        if mode is Mode.CRASH_BEFORE:
            raise Crash
        if mode is Mode.OUTAGE:
            raise _unreachable()
        key = {name.lower(): value for name, value in headers.items()}.get("idempotency-key")
        if key in self._held_keys:
            return _key_in_use()
        if mode is Mode.DELAY:
            self._held_keys.add(key or new_id("key"))
            self._late.append(lambda: self._at_stripe(call, method, url, headers, post_data))
            raise _unreachable()
        if mode in STRIPES_SCRIPTS:
            self._stripe.service.faults.add({"mode": STRIPES_SCRIPTS[mode]})
        answer = self._at_stripe(call, method, url, headers, post_data)
        if mode is Mode.CRASH_AFTER:
            raise Crash
        if mode is Mode.LOST_RESPONSE:
            raise _unreachable()
        return answer.body.encode(), answer.status, CaseInsensitiveDict(answer.headers)

    def _at_stripe(self, call: Outgoing, method: str, url: str, headers: Any, post_data: Any) -> Answer:
        answer = self._stripe.request(method, url, headers, post_data)
        if call.changes:
            self.on_effect(call)
        return answer


def is_deadly(mode: Mode) -> bool:
    """Tell whether the process dies of it."""
    return mode in DEADLY


def keys_written(call: Outgoing) -> list[Key]:
    """Return the keys of the items that a call to DynamoDB changes."""
    body = call.body
    if call.operation == "TransactWriteItems":
        parts = [(kind, part) for action in body["TransactItems"] for kind, part in action.items()]
        return [_key(part) for kind, part in parts if kind != "ConditionCheck"]
    return [_key(body)]


def _key(part: Mapping[str, Any]) -> Key:
    names = part.get("Key") or part["Item"]
    return part["TableName"], names["pk"]["S"], names["sk"]["S"]


def _outgoing(service: str, operation: str, request: Any) -> Outgoing:
    text = request.body.decode() if isinstance(request.body, bytes) else str(request.body or "")
    body: Any = json.loads(text) if text.startswith("{") else parse_qs(text)
    tables = sorted({one or other for one, other in TABLE.findall(text)}) if service == "dynamodb" else []
    return Outgoing(service, operation, ", ".join(tables), body)


def _renew_token(request: Any) -> None:
    """Give a transaction a token of its own, so that a repeat looks like another transaction."""
    body = json.loads(request.body)
    if "ClientRequestToken" in body:
        request.body = json.dumps(body | {"ClientRequestToken": str(uuid4())}).encode()
        request.headers["Content-Length"] = str(len(request.body))


def _raw(content: bytes) -> Any:
    """Return the bytes of an answer that nobody sent, as botocore wants them."""
    return MockRawResponse(content)


def _refusal(call: Outgoing, request: Any, code: str, status: int = 400) -> AWSResponse:
    content = json.dumps({"__type": code, "message": "struck by a fault"}).encode()
    if call.service == "sns":
        content = f"<ErrorResponse><Error><Code>{code}</Code><Message>struck</Message></Error></ErrorResponse>".encode()
    headers: Any = {"x-amzn-requestid": "local", "x-amzn-errortype": code}
    return AWSResponse(request.url, status, headers, _raw(content))


def _conflict(call: Outgoing, request: Any) -> AWSResponse:
    """Answer as DynamoDB does when another transaction holds one of the items."""
    if call.operation != "TransactWriteItems":
        return _refusal(call, request, "TransactionConflictException")
    reasons = [{"Code": "None"} for _ in call.body["TransactItems"]]
    reasons[0] = {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}
    content = {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "CancellationReasons": reasons,
        "message": "Transaction cancelled, please refer cancellation reasons for specific reasons",
    }
    headers: Any = {"x-amzn-requestid": "local"}
    return AWSResponse(request.url, 400, headers, _raw(json.dumps(content).encode()))


def _unreachable() -> stripe.APIConnectionError:
    return stripe.APIConnectionError("struck by a fault", should_retry=True)


def _key_in_use() -> Any:
    error = idempotency_conflict(409, "Another request with this key is at work.", code="idempotency_key_in_use")
    return json.dumps({"error": dict(error.error)}).encode(), 409, CaseInsensitiveDict({"Request-Id": "req_held"})
