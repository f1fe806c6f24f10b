"""A circuit breaker: a service that keeps failing is left alone for a while. Each process has its own."""

from datetime import datetime, timedelta

MOST_FAILURES = 3
REST = timedelta(seconds=30)


class Circuit:
    """Counts failures in a row. After some it is open: nobody asks. After a rest one caller may try."""

    def __init__(self, *, most_failures: int = MOST_FAILURES, rest: timedelta = REST) -> None:
        self._most = most_failures
        self._rest = rest
        self._failures = 0
        self._open_until: datetime | None = None

    def is_open(self, *, now: datetime) -> bool:
        """Tell whether the service is left alone now."""
        return self._open_until is not None and now < self._open_until

    def failed(self, *, now: datetime) -> None:
        """Count a failure."""
        self._failures += 1
        if self._failures >= self._most:
            self._open_until = now + self._rest

    def succeeded(self) -> None:
        """Forget all failures."""
        self._failures = 0
        self._open_until = None
