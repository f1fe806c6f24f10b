"""Clients of AWS's services, from botocore alone.

boto3 stands above it with resources and file transfers that nobody here uses, and costs every cold start 30 ms of CPU.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from botocore.config import Config
from botocore.session import Session, get_session

LONGEST_WAITS = (1.0, 2.0, 4.0)
"""Seconds that botocore waits at most before the first, second and third repeat (its standard mode)."""


class Patience(NamedTuple):
    """How long a service is waited for: each attempt, and how many there are."""

    connect_seconds: float
    read_seconds: float
    attempts: int

    @property
    def longest_seconds(self) -> float:
        """Return what one call takes at most, with all its repeats and the waits between them."""
        return (self.connect_seconds + self.read_seconds) * self.attempts + sum(LONGEST_WAITS[: self.attempts - 1])


def client(service: str, patience: Patience) -> Any:
    """Make a client. It costs tens of milliseconds, so keep it."""
    config = Config(
        connect_timeout=patience.connect_seconds,
        read_timeout=patience.read_seconds,
        retries={"mode": "standard", "total_max_attempts": patience.attempts},
    )
    return _session().create_client(service, config=config)


@lru_cache(maxsize=1)
def _session() -> Session:
    return get_session()
