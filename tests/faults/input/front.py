"""The store's front in this process: the real gateway over the templates, and the real handlers behind it.

Requests pass all that they pass in the local store but sockets: routing, the authorizer, the making of API Gateway's
events. What each request changed is seen at the wire, so that a refusal can be held to having changed nothing.
"""

import asyncio
import json
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, cast

from commerce.adapters import queues, stripe_payments
from commerce.kernel import records
from local.clock import StoreClock
from local.gateway import Gateway
from local.gateway.access_log import AccessLog
from local.gateway.app import MAX_HEADER_BYTES
from local.options import ROOT
from local.templates import Application, load_application
from local.workers import FunctionError, Invocation, WorkerPool
from tests.support.store import LambdaContext, load

Headers = Sequence[tuple[str, str]]

WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"})
NUMBERS = b'"Key": {"pk": {"S": "numbers"}'
"""The lease of a block of order numbers. It comes before anything is certain, and a gap in the numbers is no effect."""

LOOKUPS = b'"Key": {"pk": {"S": "lookups#'
"""The count of codes that a network asked about, when it is all that is written: refusals count too, and shall."""

PARAMETERS = {
    "Stage": "local",
    "ShopUrl": "https://shop.example.com",
    "SenderEmail": "shop@example.com",
    "AlertEmail": "alerts@example.com",
    "StripePublishableKey": "pk_test_local",
}


@dataclass(frozen=True)
class Request:
    """A request as bytes on the wire see it. `target` is path and query, percent-encoded."""

    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""

    def having(self, *headers: tuple[str, str]) -> "Request":
        """Return the request with these headers in place of those of the same name."""
        names = {name.lower() for name, _ in headers}
        kept = [pair for pair in self.headers if pair[0].lower() not in names]
        return Request(self.method, self.target, (*kept, *headers), self.body)

    def __str__(self) -> str:
        """Show the request as one would type it."""
        head = [f"{self.method} {self.target[:2000]}", *(f"{name}: {value[:500]}" for name, value in self.headers)]
        return "\n".join([*head, "", repr(self.body[:4000])])


@dataclass(frozen=True)
class Answer:
    """What came back, and what it took: each change that DynamoDB, SQS or Stripe carried out."""

    status: int
    headers: Mapping[str, Sequence[str]]
    body: bytes
    effects: Sequence[str] = field(default=())

    def header(self, name: str) -> str:
        """Return a header's value, or nothing."""
        return ", ".join(self.headers.get(name.lower(), ()))

    @property
    def json(self) -> Any:
        """Return the body, which must be JSON."""
        return json.loads(self.body)

    def __str__(self) -> str:
        """Show status, effects and body."""
        effects = f" after {', '.join(self.effects)}" if self.effects else ""
        return f"{self.status}{effects}: {self.body[:2000].decode(errors='replace')}"


class Effects:
    """Sees what is changed: writes that DynamoDB took, messages that SQS took, and calls that change Stripe."""

    def __init__(self) -> None:
        self._seen: list[str] = []
        self._leases = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch this process's clients."""
        tables, messages = records.connection().client.meta.events, queues.client().meta.events
        http = stripe_payments.http_client()
        request = http.request

        def stripes(method: str, url: str, headers: Any, post_data: Any = None) -> Any:
            if method.upper() != "GET":
                self._seen.append(f"stripe {method.upper()} {url.partition('/v1/')[2]}")
            return request(method, url, headers, post_data)

        tables.register("before-call.dynamodb", self._calling)
        tables.register("after-call.dynamodb", self._called)
        messages.register("after-call.sqs", self._called)
        http.request = stripes  # type: ignore[method-assign]
        try:
            yield
        finally:
            tables.unregister("before-call.dynamodb")
            tables.unregister("after-call.dynamodb")
            messages.unregister("after-call.sqs")
            http.request = request  # type: ignore[method-assign]

    def taken(self) -> list[str]:
        """Return what was seen since the last time."""
        seen, self._seen = self._seen, []
        return seen

    def _calling(self, params: Mapping[str, Any], **_: Any) -> None:
        body = params["body"]
        self._leases = NUMBERS in body or (LOOKUPS in body and body.count(b'"TableName"') == 1)

    def _called(self, http_response: Any, model: Any, **_: Any) -> None:
        changes = model.name in WRITES or model.name.startswith("SendMessage")
        if changes and http_response.status_code == HTTPStatus.OK and not self._leases:
            self._seen.append(f"{model.service_model.service_name} {model.name}")


class Functions:
    """Invokes handlers here and now, as Lambda does: with an event that was JSON, for an answer that becomes JSON."""

    def __init__(self, application: Application) -> None:
        self._files = {function.name: function.file for function in application.functions.values()}

    async def invoke(self, function: str, event: Mapping[str, Any]) -> Invocation:
        context = LambdaContext()
        try:
            result = load(self._files[function]).handler(json.loads(json.dumps(event)), context)
            result, error = json.loads(json.dumps(result)), None
        except Exception as failure:  # noqa: BLE001 - whatever a handler raises, Lambda reports it.
            trace = tuple(traceback.format_exception(failure))
            result, error = None, FunctionError(type(failure).__name__, "".join(trace), trace)
        return Invocation(function, context.aws_request_id, result, error, 0.0)


class Front:
    """Takes requests, one at a time."""

    def __init__(self, effects: Effects) -> None:
        self.clock = StoreClock()
        self._effects = effects
        self._errors: list[str] = []
        application = load_application(ROOT / "template.yaml", parameters=PARAMETERS)
        self._gateway = Gateway(
            application,
            pool=cast("WorkerPool", Functions(application)),  # The gateway asks it for nothing but `invoke`.
            clock=self.clock,
            access_log=AccessLog(lambda _: None, lambda access: self._errors.append(access.error)),
            throttle=False,
        )
        self._runner = asyncio.Runner()

    def close(self) -> None:
        """Let go of the event loop."""
        self._runner.close()

    def send(self, request: Request, *, client: str = "203.0.113.7") -> Answer:
        """Carry a request to the gateway and its answer back."""
        self._effects.taken()
        path, _, query = request.target.partition("?")
        scope = {
            "type": "http",
            "method": request.method,
            "raw_path": path.encode("latin-1", "replace"),
            "query_string": query.encode("latin-1", "replace"),
            "headers": [(name.lower().encode("latin-1"), _header_bytes(value)) for name, value in request.headers],
            "client": (client, 50_000),
        }
        answered: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            answered.append(message)

        self._runner.run(self._gateway(scope, receive, cast("Any", send)))
        start, body = answered
        headers: dict[str, list[str]] = {}
        for name, value in start["headers"]:
            headers.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
        crash = self._errors[-1] if start["status"] >= HTTPStatus.INTERNAL_SERVER_ERROR else ""
        return Answer(start["status"], headers, body["body"] + crash.encode(), self._effects.taken())


def fits_the_gateway(request: Request) -> bool:
    """Tell whether the gateway hands the request's headers on; larger ones it refuses by itself, with a 431."""
    return sum(len(name) + len(value) for name, value in request.headers) + len(request.target) < MAX_HEADER_BYTES


def _header_bytes(value: str) -> bytes:
    """Return a header's bytes: Latin-1, as most clients send it; what it lacks goes as UTF-8."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass")
