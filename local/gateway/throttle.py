"""Throttling as HTTP APIs do it: a token bucket per route."""

import time
from collections.abc import Callable

from local.templates import Api, Route, Throttle


class Throttles:
    """One bucket per route, filled by the API's default settings or the route's own.

    Real API Gateway promises these limits only roughly; here they hold exactly, on the machine's clock.
    """

    def __init__(self, *, enabled: bool = True, now: Callable[[], float] = time.monotonic) -> None:
        self._enabled = enabled
        self._now = now
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def admits(self, api: Api, route: Route) -> bool:
        """Take a token; False when there is none."""
        limit: Throttle | None = api.route_throttles.get(route.key, api.default_throttle)
        if limit is None or not self._enabled:
            return True
        now = self._now()
        tokens, seen = self._buckets.get((api.id, route.key), (float(limit.burst), now))
        tokens = min(float(limit.burst), tokens + (now - seen) * limit.rate)
        admitted = tokens >= 1
        self._buckets[api.id, route.key] = (tokens - 1 if admitted else tokens, now)
        return admitted
