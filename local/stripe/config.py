"""What the local Stripe is told when it starts."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local.clock import machine_time

MINUTE = 60
DAY = 24 * 60 * MINUTE


@dataclass(frozen=True, kw_only=True)
class StripeConfig:
    """Hold the account, its one webhook endpoint and the pace at which slow things happen.

    ``enabled_events`` are patterns of the types that the endpoint is sent. Every duration is in seconds of ``clock``.
    With a ``seed`` the ids and the shuffling of webhooks repeat.
    """

    host: str = "127.0.0.1"
    port: int = 0
    secret_key: str = "sk_test_tradewind_local"
    publishable_key: str = "pk_test_tradewind_local"
    webhook_url: str | None = None
    enabled_events: tuple[str, ...] = ("*",)
    webhook_secrets: tuple[str, ...] = ("whsec_tradewind_local",)
    api_version: str = "2026-10-28.endive"
    clock: Callable[[], float] = machine_time
    livemode: bool = False
    country: str = "US"
    default_currency: str = "usd"
    processing_seconds: int = 4 * DAY
    authorization_seconds: int = 7 * DAY
    settlement_seconds: int = 2
    available_seconds: int = 2 * DAY
    refund_seconds: int = MINUTE
    webhook_timeout_seconds: float = 10.0
    state_file: Path | None = None
    seed: int | None = None
