"""What a local store is told when it starts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class RealStripe:
    """Keys of a Stripe account, used instead of the fake."""

    secret_key: str
    publishable_key: str
    webhook_secret: str


@dataclass(frozen=True, slots=True)
class Options:
    """The choices of one run. A port of 0 takes a free one; without `data` everything is kept in memory.

    `patience` is how many seconds a call waits for a busy function before more workers than cores are started.
    `files` holds what buckets do not: `media/demo/x.svg` below it is served as /media/demo/x.svg.
    """

    template: Path = ROOT / "template.yaml"
    port: int = 8000
    control_port: int = 8001
    stripe_port: int = 8002
    data: Path | None = None
    logs: Path | None = None
    files: Path = ROOT / ".local"
    parameters: Mapping[str, str] = field(default_factory=dict)
    real_stripe: RealStripe | None = None
    fake_stripe: bool = True
    throttle: bool = True
    patience: float = 0.1
    watch: bool = True
    openapi: Path = ROOT / "docs" / "openapi.json"
    integration_seconds: float = 30.0
