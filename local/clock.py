"""The local store's clock: the machine's time, moved by `tick`. The only reader of the machine's time in `local/`."""

import time
import uuid
from datetime import UTC, datetime


def machine_time() -> float:
    """Return the machine's time, in seconds since 1970."""
    return time.time()


def new_uuid() -> str:
    """Return a random id as AWS makes them."""
    return str(uuid.uuid4())


class StoreClock:
    """Time as the store sees it. It only moves forward."""

    def __init__(self) -> None:
        self._offset = 0.0

    @property
    def offset(self) -> float:
        """How many seconds the store is ahead of the machine."""
        return self._offset

    def now(self) -> float:
        """Return the store's time, in seconds since 1970."""
        return machine_time() + self._offset

    def moment(self) -> datetime:
        """Return the store's time in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    def move(self, seconds: float) -> None:
        """Move the clock forward."""
        if seconds < 0:
            message = "the clock only moves forward"
            raise ValueError(message)
        self._offset += seconds
