"""A process that dies, or loses an answer, at one chosen call to DynamoDB or Stripe."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session

from commerce.adapters import stripe_payments
from commerce.kernel import records

Mode = Literal["crash before", "crash after", "lost response", "conflict"]
MODES: tuple[Mode, ...] = ("crash before", "crash after", "lost response", "conflict")
CONFLICT = (
    b'{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",'
    b'"CancellationReasons":[{"Code":"TransactionConflict"}],"message":"conflict"}'
)


class Crash(BaseException):
    """The process died here."""


@dataclass
class Fault:
    """One fault at the call number `at` (0: none); `calls` names all that were made.

    A conflict counts for transactions alone, and a lost response repeats by itself, as botocore does.
    """

    at: int
    mode: Mode
    calls: list[str] = field(default_factory=list)
    struck: bool = False

    def strikes(self, name: str) -> bool:
        """Count a call, and tell whether the fault strikes it."""
        self.calls.append(name)
        now = len(self.calls) == self.at
        self.struck |= now
        return now


@contextmanager
def fault(at: int, mode: Mode) -> Iterator[Fault]:
    """Let the process die at its call number `at`, or live when it makes fewer."""
    found = Fault(at, mode)
    events = records.connection().client.meta.events
    http = stripe_payments.http_client()
    request = http.request

    def dynamodb(request: Any, event_name: str, **_: Any) -> Any:
        name = event_name.rpartition(".")[2]
        if not found.strikes(name):
            return None
        if found.mode == "conflict":
            return _conflict(request) if name == "TransactWriteItems" else None
        if found.mode == "crash before":
            raise Crash
        _sent(request)
        if found.mode == "crash after":
            raise Crash
        raise ConnectionClosedError(endpoint_url=request.url)

    def stripes(method: str, url: str, headers: Any, post_data: Any = None) -> Any:
        if not found.strikes(f"{method.upper()} {url.partition('/v1/')[2]}"):
            return request(method, url, headers, post_data)
        if found.mode == "crash before":
            raise Crash
        answer = request(method, url, headers, post_data)
        if found.mode == "crash after":
            raise Crash
        return answer

    events.register_first("before-send.dynamodb", dynamodb, unique_id="tests.support.faulty")
    http.request = stripes  # type: ignore[method-assign]
    try:
        yield found
    finally:
        events.unregister("before-send.dynamodb", unique_id="tests.support.faulty")
        http.request = request  # type: ignore[method-assign]


def _sent(request: Any) -> None:
    """Let a call have its effect, and keep its answer from everybody."""
    session = URLLib3Session()
    session.send(request)
    session.close()


class _Body:
    """The bytes of an answer that nobody sent."""

    def stream(self) -> list[bytes]:
        return [CONFLICT]


def _conflict(request: Any) -> Any:
    """Answer as DynamoDB does when another transaction holds one of the items; DynamoDB Local never says so."""
    headers: Any = {"x-amzn-requestid": "local"}
    return AWSResponse(request.url, 400, headers, _Body())
