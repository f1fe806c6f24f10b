"""The helper processes of a store: DynamoDB, moto, and the fake Stripe."""

import asyncio
import importlib.util
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from local.engines.child import Child
from local.engines.dynamodb import DynamoDBLocal, why_not
from local.engines.ports import HOST, free_port, require_free
from local.options import Options
from local.workers import Endpoints

FAKE_SECRET_KEY = "sk_test_tradewind_local"
FAKE_PUBLISHABLE_KEY = "pk_test_tradewindlocal"

type Timed = Callable[[str, Awaitable[None]], Awaitable[None]]


STRIPE_EVENTS = (
    "payment_intent.succeeded",
    "payment_intent.processing",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "payment_intent.amount_capturable_updated",
    "charge.refunded",
    "charge.updated",
    "charge.captured",
    "charge.dispute.created",
    "charge.dispute.closed",
    "refund.created",
    "refund.updated",
    "refund.failed",
)
"""The events that docs/operations.md has a merchant choose for the webhook."""


class EngineRoom:
    """Starts the processes at once and waits for all of them. `warn` hears what a person should know."""

    def __init__(self, options: Options, *, store_url: str, webhook_secret: str, warn: Callable[[str], None]) -> None:
        self.dynamodb_engine = "DynamoDB Local"
        self.durable = options.data is not None
        self._options = options
        self._children: dict[str, Child | DynamoDBLocal] = {}
        self._environment = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONUNBUFFERED": "1"}
        try:
            aws = self._start_moto()
            dynamodb = self._start_dynamodb(aws, warn)
            stripe = self._start_stripe(store_url, webhook_secret, warn)
        except BaseException:
            self._stop_now()
            raise
        self.endpoints = Endpoints(aws=aws, dynamodb=dynamodb, stripe=stripe)

    @property
    def pids(self) -> dict[str, int]:
        """The process ids by name."""
        return {name: child.pid for name, child in self._children.items()}

    async def wait_ready(self, timed: Timed) -> None:
        """Wait until all answer."""
        for name, child in self._children.items():
            await timed(name, asyncio.to_thread(child.wait_ready))

    async def stop(self) -> None:
        """End all of them."""
        await asyncio.gather(*(asyncio.to_thread(child.stop) for child in self._children.values()))
        self._children.clear()

    def _stop_now(self) -> None:
        for child in self._children.values():
            child.stop()

    def _start_moto(self) -> str:
        port = free_port()
        command = [sys.executable, "-m", "local.engines.moto_server", str(port)]
        self._start_child(
            "SQS, EventBridge, SNS, SES, SSM, S3 (moto)", "moto", port, command + ["serialize"] * bool(why_not())
        )
        return f"http://{HOST}:{port}"

    def _start_dynamodb(self, aws_url: str, warn: Callable[[str], None]) -> str:
        reason = why_not()
        if reason:
            self.durable = False
            self.dynamodb_engine = "moto, one call at a time"
            warn(
                f"{reason}: DynamoDB is served by moto, one call at a time. It is slow, keeps nothing when the store "
                "stops, and proves nothing about concurrency."
            )
            return aws_url
        folder = self._options.data / "dynamodb" if self._options.data else None
        engine = DynamoDBLocal(folder=folder, log=self._log("dynamodb"))
        engine.start()
        self._children["DynamoDB Local"] = engine
        return engine.url

    def _start_stripe(self, store_url: str, webhook_secret: str, warn: Callable[[str], None]) -> str:
        if self._options.real_stripe or not self._options.fake_stripe:
            return ""
        if importlib.util.find_spec("local.stripe") is None:
            warn("There is no fake Stripe in local/stripe: payments will fail.")
            return ""
        port = self._options.stripe_port or free_port()
        if self._options.stripe_port:
            require_free(port, purpose="the local Stripe", option="--stripe-port N")
        command = [sys.executable, "-m", "local.stripe", "--port", str(port), "--secret-key", FAKE_SECRET_KEY]
        command += ["--publishable-key", FAKE_PUBLISHABLE_KEY, "--webhook-secret", webhook_secret]
        command += ["--webhook-url", f"{store_url}/v1/webhooks/stripe"]
        command += [f"--enabled-event={event}" for event in STRIPE_EVENTS]
        if self._options.data:
            command += ["--state", str(self._options.data / "stripe.json")]
        self._start_child("Stripe (ours)", "stripe", port, command)
        return f"http://{HOST}:{port}"

    def _start_child(self, name: str, log: str, port: int, command: list[str]) -> None:
        self._children[name] = Child(
            name=name, command=command, port=port, log=self._log(log), environment=self._environment
        )

    def _log(self, name: str) -> Path | None:
        return self._options.logs / f"{name}.log" if self._options.logs else None
