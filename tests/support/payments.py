"""The local Stripe beside a test store: what shoppers do in their browsers, and what Stripe posts."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import stripe

from commerce.adapters import stripe_payments
from commerce.kernel import clock
from local.stripe import RunningStripe, StripeConfig, start_in_thread

SECRET_KEY = "sk_test_local"
WEBHOOK_SECRET = "whsec_test"


class LocalStripe:
    """A hand on the local Stripe's control surface."""

    def __init__(self, running: RunningStripe) -> None:
        self.url = running.url
        self._http = httpx.Client(base_url=running.url, timeout=10, trust_env=False)
        self._seen: set[str] = set()

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def reset(self) -> None:
        """Forget everything, as before a test."""
        self.control("reset")
        self.control("webhooks", hold=True)
        self._seen.clear()

    def control(self, path: str, **fields: Any) -> Any:
        """Make a control call that has to succeed."""
        answer = self._http.post(f"/_control/{path}", json=fields)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pay(self, intent_id: str, method: str = "pm_card_visa") -> dict[str, Any]:
        """Pay in the shopper's browser."""
        answer = self._http.post("/_control/pay", json={"payment_intent": intent_id, "payment_method": method})
        body: dict[str, Any] = answer.json()
        return body

    def intent(self, intent_id: str) -> dict[str, Any]:
        """Return an intent as Stripe has it."""
        answer: dict[str, Any] = self._get(f"/v1/payment_intents/{intent_id}")
        return answer

    def listed(self, kind: str) -> list[dict[str, Any]]:
        """Return the first hundred objects of a kind (`refunds`), oldest first."""
        found: list[dict[str, Any]] = self._get(f"/v1/{kind}?limit=100")["data"]
        return found[::-1]

    def changes(self, path: str = "") -> list[dict[str, Any]]:
        """Return the journal's POSTs to Stripe's API whose path contains `path`."""
        entries = self._http.get("/_control/journal").json()["entries"]
        calls = [entry for entry in entries if entry["kind"] == "call" and entry["method"] == "POST"]
        return [entry for entry in calls if path in entry["path"]]

    def fault(self, method: str, path: str, mode: str, **options: Any) -> None:
        """Script what goes wrong with the next call to a path."""
        self.control("faults", match={"method": method, "path": path}, mode=mode, **options)

    def new_events(self) -> list[dict[str, Any]]:
        """Return Stripe's events that were not returned before, oldest first."""
        self.control("deliver")
        events = [event for event in self.listed("events") if event["id"] not in self._seen]
        self._seen.update(event["id"] for event in events)
        return events

    def _get(self, path: str) -> Any:
        answer = self._http.get(path, headers={"Authorization": f"Bearer {SECRET_KEY}"})
        assert answer.status_code == 200, answer.text
        return answer.json()


def signed(payload: str, *, secret: str = WEBHOOK_SECRET, age_seconds: int = 0) -> str:
    """Return the Stripe-Signature header for a payload."""
    timestamp = clock.epoch(clock.now()) - age_seconds
    return str(stripe.WebhookSignature.generate_signature_header(payload, secret, timestamp=timestamp))


def event_of(intent: dict[str, Any], kind: str, **changes: Any) -> str:
    """Return an event's body as Stripe would post it, with some fields of its object changed."""
    event = {
        "id": f"evt_{kind}",
        "object": "event",
        "type": kind,
        "api_version": "2026-10-28.endive",
        "created": clock.epoch(clock.now()),
        "livemode": changes.pop("event_livemode", False),
        "data": {"object": intent | changes},
    }
    return json.dumps(event)


@contextmanager
def local_stripe() -> Iterator[LocalStripe]:
    """Run the local Stripe on a thread; its clock is the store's."""
    config = StripeConfig(
        secret_key=SECRET_KEY,
        webhook_url="http://127.0.0.1:9/never-delivered",
        clock=lambda: clock.now().timestamp(),
        webhook_secrets=(WEBHOOK_SECRET,),
    )
    with start_in_thread(config) as running:
        stripe = LocalStripe(running)
        yield stripe
        stripe.close()
        stripe_payments.http_client().close()
