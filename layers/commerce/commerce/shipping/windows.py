"""Windows of half an hour, in which equal questions to carriers have one answer."""

from datetime import datetime, timedelta

from commerce.kernel import clock

WINDOW = timedelta(minutes=30)
"""Answers to one question are shared for so long, and can be ordered for as long again."""


def window_of(now: datetime) -> int:
    """Return the number of the window that a moment lies in."""
    return int(clock.epoch(now) // WINDOW.total_seconds())


def valid_until(window: int) -> datetime:
    """Return until when answers of a window can be ordered."""
    return clock.from_epoch(int((window + 1) * WINDOW.total_seconds())) + WINDOW
