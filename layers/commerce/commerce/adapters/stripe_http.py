"""How Stripe's SDK speaks HTTP here: over urllib3, which AWS's SDK brings anyway.

The SDK's own client imports requests, which makes the cold start of a checkout longer and is used by nothing else. It
also counts a time-out for connecting and once more for reading; here an attempt has one in all.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import stripe
from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError, NewConnectionError, ProtocolError
from urllib3.exceptions import TimeoutError as TimedOut

WORTH_REPEATING = (NewConnectionError, ProtocolError, TimedOut)
"""Nobody answered, or not to the end. Repeats are safe: the SDK sends each with the same idempotency key."""


class Urllib3Client(stripe.HTTPClient):
    """Stripe's interface for HTTP clients (https://github.com/stripe/stripe-python), keeping its connection open."""

    name: ClassVar[str] = "urllib3"

    def __init__(self, *, timeout_seconds: float) -> None:
        super().__init__()
        self._pool = PoolManager(
            ca_certs=stripe.ca_bundle_path, timeout=Timeout(total=timeout_seconds), retries=False, maxsize=1
        )

    # The SDK's own clients differ from their base in the same way.
    def request(  # type: ignore[override]
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Send one request, once. The SDK above repeats what it may."""
        try:
            answer = self._pool.request(method.upper(), url, body=post_data, headers=headers, redirect=False)
        except HTTPError as error:
            message = f"Stripe could not be reached: {type(error).__name__}"
            repeat = isinstance(error, WORTH_REPEATING)
            raise stripe.APIConnectionError(message, should_retry=repeat) from error  # type: ignore[no-untyped-call]
        return answer.data, answer.status, answer.headers

    def close(self) -> None:
        """Close the connection."""
        self._pool.clear()
