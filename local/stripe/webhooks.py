"""Webhooks: signed, delivered at least once, and disturbed where a test asks for it."""

import asyncio
import hashlib
import hmac
import json
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Any

import httpx

from local.stripe.config import DAY, StripeConfig
from local.stripe.journal import Journal
from local.stripe.ledger import Delivery, Ledger, Resource

GIVES_UP_AFTER = 3 * DAY
FIRST_RETRY, LONGEST_RETRY = 5, 6 * 3600


@dataclass
class Disturbance:
    """Say what goes wrong on the way to the endpoint.

    ``drop_types`` are patterns of event types that never arrive; ``delay_seconds`` makes events late.
    """

    duplicate: bool = False
    shuffle: bool = False
    hold: bool = False
    delay_seconds: float = 0.0
    drop_types: list[str] = field(default_factory=list)

    def described(self) -> dict[str, Any]:
        """Give the disturbance as the control surface shows it."""
        return asdict(self)


class Webhooks:
    """Deliver the ledger's events to the one endpoint of the account."""

    def __init__(self, config: StripeConfig, ledger: Ledger, journal: Journal) -> None:
        """Take every event that the ledger announces from now on."""
        self._config = config
        self._ledger = ledger
        self._journal = journal
        self._one_round = asyncio.Lock()
        self._client: httpx.AsyncClient | None = None
        self._attempts: dict[str, list[dict[str, Any]]] = {}
        self.disturbance = Disturbance()
        self.waiting = asyncio.Event()
        ledger.on_event = self.enqueue

    def enqueue(self, event: Resource) -> None:
        """Plan the delivery of an event that the endpoint wants."""
        wanted = any(fnmatchcase(event["type"], pattern) for pattern in self._config.enabled_events)
        if self._config.webhook_url is None or not wanted:
            return
        event["pending_webhooks"] = 1
        dropped = any(fnmatchcase(event["type"], pattern) for pattern in self.disturbance.drop_types)
        self._ledger.serial += 1
        delivery = Delivery(
            id=self._ledger.serial,
            event=event["id"],
            due=self._ledger.time() + self.disturbance.delay_seconds,
            dropped=dropped,
        )
        self._ledger.deliveries.append(delivery)
        self.waiting.set()

    def resend(self, event: Resource) -> None:
        """Deliver an event once more, whatever became of it so far."""
        self._forget(event["id"])
        self.enqueue(event)

    def attempts_of(self, event_id: str) -> list[dict[str, Any]]:
        """List the attempts to deliver an event."""
        return list(self._attempts.get(event_id, ()))

    def pending(self) -> list[Delivery]:
        """List the deliveries that are still to come, those of dropped events apart."""
        return [delivery for delivery in self._ledger.deliveries if not delivery.dropped]

    async def deliver(self, *, everything: bool = False) -> list[dict[str, Any]]:
        """Attempt what is due, once each, and what becomes due meanwhile; ``everything`` knows no hold and no hurry."""
        attempts: list[dict[str, Any]] = []
        attempted: set[int] = set()
        async with self._one_round:
            while ready := [each for each in self._ready(everything=everything) if each.id not in attempted]:
                if self.disturbance.shuffle:
                    self._ledger.shuffle(ready)
                for delivery in ready:
                    attempted.add(delivery.id)
                    # A reset may have taken it away while the one before was on its way.
                    if any(each is delivery for each in self._ledger.deliveries):
                        attempts += await self._attempt(delivery)
        return attempts

    def reset(self) -> None:
        """Forget the attempts and the disturbance."""
        self._attempts.clear()
        self.disturbance = Disturbance()

    async def close(self) -> None:
        """Close the connections to the endpoint."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _ready(self, *, everything: bool) -> list[Delivery]:
        if everything:
            return self.pending()
        if self.disturbance.hold:
            return []
        now = self._ledger.time()
        return sorted((each for each in self.pending() if each.due <= now), key=lambda each: (each.due, each.id))

    async def _attempt(self, delivery: Delivery) -> list[dict[str, Any]]:
        event = self._ledger.find("event", delivery.event)
        delivery.attempts += 1
        copies = 2 if self.disturbance.duplicate else 1
        attempts = await asyncio.gather(*(self._send(event, delivery.attempts) for _ in range(copies)))
        if any(attempt["delivered"] for attempt in attempts):
            event["pending_webhooks"] = 0
            self._forget(event["id"])
        elif self._ledger.time() - event["created"] > GIVES_UP_AFTER:
            delivery.dropped = True
        else:
            delivery.due = self._ledger.time() + min(FIRST_RETRY * 4 ** (delivery.attempts - 1), LONGEST_RETRY)
        self._ledger.version += 1
        return attempts

    async def _send(self, event: Resource, number: int) -> dict[str, Any]:
        # Stripe renders the event anew for each attempt; its data stay those of the event's own time.
        payload = json.dumps(event, indent=2, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(payload, self._config.webhook_secrets, int(self._ledger.time())),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        url = self._config.webhook_url or ""
        status, error = 0, None
        try:
            status = (await self._connection().post(url, content=payload, headers=headers)).status_code
        except httpx.HTTPError as failure:
            error = f"{type(failure).__name__}: {failure}"
        attempt = {
            "event": event["id"],
            "type": event["type"],
            "attempt": number,
            "url": url,
            "status": status,
            "error": error,
            "delivered": HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES,
        }
        self._attempts.setdefault(event["id"], []).append({"time": self._ledger.time(), **attempt})
        self._journal.write("webhook", attempt)
        return attempt

    def _connection(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=self._config.webhook_timeout_seconds, trust_env=False)
        return self._client

    def _forget(self, event_id: str) -> None:
        self._ledger.deliveries = [each for each in self._ledger.deliveries if each.event != event_id]


def signature(payload: bytes, secrets: tuple[str, ...], timestamp: int) -> str:
    """Sign a payload as Stripe does, with one ``v1`` per secret while a secret is being rolled."""
    signed = b"%d." % timestamp + payload
    schemes = [f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}" for secret in secrets]
    return ",".join([f"t={timestamp}", *schemes])
