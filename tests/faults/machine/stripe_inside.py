"""The local Stripe inside this process: the same application without a network, a thread or a pulse of its own.

With it a case takes a third of the time, nothing happens between two steps, and its books can be put back.
"""

from collections.abc import Coroutine
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from commerce.kernel import clock
from local.stripe import StripeConfig, create_app
from local.stripe.api import Answer
from local.stripe.calls import Call
from local.stripe.engine import Service
from tests.support.payments import SECRET_KEY, WEBHOOK_SECRET, LocalStripe

URL = "http://stripe.invalid"
Books = dict[str, Any]


def _done[T](work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never waits."""
    try:
        work.send(None)
    except StopIteration as finished:
        result: T = finished.value
        return result
    work.close()
    message = "the local Stripe waits for something, and nobody here can wake it"
    raise RuntimeError(message)


class _Application(httpx.BaseTransport):
    """Calls an ASGI application in this thread."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        sent: list[dict[str, Any]] = []
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": request.url.scheme,
            "path": request.url.path,
            "raw_path": request.url.raw_path,
            "root_path": "",
            "query_string": request.url.query,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "server": ("stripe.invalid", 80),
            "client": ("127.0.0.1", 1),
            "extensions": {},
        }
        body = request.read()

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        _done(self._app(scope, receive, send))
        content = b"".join(message.get("body", b"") for message in sent)
        return httpx.Response(sent[0]["status"], headers=sent[0]["headers"], content=content)


class InsideStripe(LocalStripe):
    """A local Stripe that is called like a function."""

    def __init__(self) -> None:
        config = StripeConfig(
            secret_key=SECRET_KEY,
            webhook_url="http://127.0.0.1:9/never-delivered",
            clock=lambda: clock.now().timestamp(),
            webhook_secrets=(WEBHOOK_SECRET,),
        )
        app = create_app(config)
        self.service: Service = app.state.service
        self.url = URL
        self._http = httpx.Client(base_url=URL, transport=_Application(app))
        self._seen: set[str] = set()

    def request(self, method: str, url: str, headers: dict[str, str], post_data: Any) -> Answer:
        """Answer a request of Stripe's SDK."""
        place = urlsplit(url)
        named = {name.lower(): value for name, value in headers.items()}
        body = post_data.encode() if isinstance(post_data, str) else post_data or b""
        call = Call(
            method=method.upper(),
            path=place.path,
            encoded=b"&".join(part for part in (place.query.encode(), body) if part),
            idempotency_key=named.get("idempotency-key"),
            api_version=named.get("stripe-version"),
        )
        return _done(self.service.api.answer(call, authorization=named.get("authorization")))

    def table(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return Stripe's own objects of a kind by id (`payment_intent`), oldest first."""
        return self.service.ledger.tables.get(kind, {})

    def books(self) -> Books:
        """Return everything that Stripe knows."""
        return self.service.ledger.snapshot()

    def put_back(self, books: Books) -> None:
        """Let Stripe know this and nothing else, and name new things as it did the last time."""
        self.service.reset()
        self.service.ledger._random.seed(0)
        self.service.ledger.restore(books)
        self.service.webhooks.disturbance.hold = True
        self._seen.clear()

    def tried(self, action: str, **fields: Any) -> bool:
        """Make a control call (`dispute/close`), and tell whether Stripe let it happen."""
        answer = self._http.post(f"/_control/{action}", json=fields)
        assert answer.status_code < 500, answer.text
        return answer.status_code == 200

    def asked(self, method: str, path: str, **fields: str) -> Answer:
        """Ask Stripe's API (`payment_intents/*/cancel`) as its dashboard does for the merchant."""
        return self.request(method, f"{URL}/v1/{path}", {"Authorization": f"Bearer {SECRET_KEY}"}, urlencode(fields))

    def delivered(self, event_id: str) -> None:
        """Note that the store took an event, so that it is no longer listed among the undelivered."""
        self.table("event")[event_id]["pending_webhooks"] = 0

    def let_time_pass(self) -> None:
        """Do what Stripe does by itself until now."""
        self.service.run_due()
