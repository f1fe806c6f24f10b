"""A shop that uses the local Stripe: the real SDK, a webhook endpoint, and a hand on the control surface."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

import httpx
import stripe
from stripe._v1_services import V1Services

from commerce.adapters.stripe_http import Urllib3Client
from local.clock import machine_time
from local.stripe import RunningStripe, StripeConfig, start_in_thread

DAY = 24 * 3600
OLD_SECRET, NEW_SECRET = "whsec_old", "whsec_new"
RETURN_URL = "https://shop.example/return"


@dataclass
class Mailbox:
    """Collect the webhooks that arrive; ``status`` is what they are answered with."""

    url: str
    status: int = 200
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def events(self, kind: str | None = None) -> list[Any]:
        """Verify every webhook as the store does, and give its event."""
        verified = [
            stripe.Webhook.construct_event(body, headers["stripe-signature"], NEW_SECRET)
            for headers, body in self.received
        ]
        return [event for event in verified if kind in {None, event.type}]

    def types(self) -> list[str]:
        return [event.type for event in self.events()]


@dataclass
class Shop:
    """Hold what a test needs.

    Objects are ``Any``: to the SDK nearly every field may be None, and a test reads those that must not be.
    """

    api: V1Services
    http: httpx.Client
    running: RunningStripe
    mailbox: Mailbox

    def control(self, path: str, **fields: Any) -> dict[str, Any]:
        """Make a control call that has to succeed."""
        answer = self.http.post(f"/_control/{path}", json=fields)
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result

    def intent(self, **params: Any) -> Any:
        """Create an intent as the store does."""
        fields: Any = {"amount": 2000, "currency": "usd", "automatic_payment_methods": {"enabled": True}} | params
        return self.api.payment_intents.create(fields)

    def paid(self, method: str = "pm_card_visa", **params: Any) -> Any:
        """Create an intent and let the shopper pay it."""
        intent = self.intent(**params)
        self.control("pay", payment_intent=intent.id, payment_method=method)
        return self.read(intent)

    def read(self, intent: Any, *expand: str) -> Any:
        return self.api.payment_intents.retrieve(intent.id, {"expand": list(expand)})

    def charge(self, intent: Any) -> Any:
        charge = self.read(intent, "latest_charge.balance_transaction").latest_charge
        assert isinstance(charge, stripe.Charge)
        return charge

    def later(self, seconds: float) -> None:
        """Move the clock to so many seconds after the test's start."""
        self.control("clock", offset_seconds=seconds)

    def delivered(self) -> list[str]:
        """Let all webhooks arrive and list their types."""
        self.control("deliver", all=True)
        return self.mailbox.types()

    def journal(self, since: int = 0) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.http.get("/_control/journal", params={"since": since}).json()["entries"]
        return entries

    def calls(self) -> list[dict[str, Any]]:
        return [entry for entry in self.journal() if entry["kind"] == "call"]


def error_of(refused: stripe.StripeError) -> dict[str, Any]:
    """Give the error of an answer as it was on the wire."""
    body: Any = refused.json_body
    error: dict[str, Any] = body["error"]
    return error


def headers_of(answered: Any) -> Mapping[str, str]:
    """Give the headers that an object came with."""
    headers: Mapping[str, str] = answered.last_response.headers
    return headers


@contextmanager
def open_shop(**config: Any) -> Iterator[Shop]:
    """Run a local Stripe whose clock stands still, with an endpoint for its webhooks."""
    stands_at = machine_time()
    with open_mailbox() as mailbox:
        settings = StripeConfig(
            webhook_url=mailbox.url,
            webhook_secrets=(OLD_SECRET, NEW_SECRET),
            clock=lambda: stands_at,
            seed=7,
            **config,
        )
        with start_in_thread(settings) as running, httpx.Client(base_url=running.url, timeout=10) as http:
            sdk = Urllib3Client(timeout_seconds=10)
            client = stripe.StripeClient(
                settings.secret_key,
                base_addresses={"api": running.url},
                max_network_retries=0,
                http_client=sdk,
            )
            yield Shop(client.v1, http, running, mailbox)
            sdk.close()


@contextmanager
def open_mailbox() -> Iterator[Mailbox]:
    """Listen for webhooks on a free port."""
    lock = Lock()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            with lock:
                mailbox.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(mailbox.status)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        mailbox = Mailbox(f"http://127.0.0.1:{server.server_address[1]}/webhooks")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield mailbox
        finally:
            server.shutdown()
            thread.join()
