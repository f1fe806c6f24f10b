"""The one clock. Domains never read it: entry points do, and pass `now` on."""

from datetime import UTC, datetime, timedelta

_offset = timedelta()


def now() -> datetime:
    """Return the present time in UTC, to the millisecond (what we store and answer)."""
    moment = datetime.now(UTC) + _offset
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def set_offset(seconds: float) -> None:
    """Move the clock by `seconds` against the machine's; the local store's `tick` uses it."""
    global _offset  # noqa: PLW0603 - a process has one clock, and this is its only dial.
    _offset = timedelta(seconds=seconds)


def epoch(moment: datetime) -> int:
    """Return whole seconds since 1970, as DynamoDB's TTL and Stripe count them."""
    return int(moment.timestamp())


def from_epoch(seconds: int) -> datetime:
    """Return the moment that `seconds` since 1970 name."""
    return datetime.fromtimestamp(seconds, UTC)


def text(moment: datetime) -> str:
    """Return RFC 3339 in UTC with milliseconds; such texts sort by time."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
