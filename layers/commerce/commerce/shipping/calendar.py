"""When goods leave and arrive: the shop's cut-off, its working days, the carriers' delivery days, and holidays."""

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, NamedTuple

from pydantic import Field, StringConstraints

from commerce.kernel.schema import Input, OptionalLine, Output
from commerce.shipping.days import Date, Day

LONGEST_LOOK = 400
"""Days that are looked at for the next one on which somebody works."""

WEEKDAYS = [1, 2, 3, 4, 5]


class DeliveryHoliday(Input):
    """A day on which nothing is delivered in a country."""

    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = Field(description="ISO 3166-1 alpha-2 code.")
    date: Date
    title: OptionalLine = ""


class Calendar(Output):
    """How the shop and its carriers work. Methods may say otherwise."""

    time_zone: str = Field("UTC", description="IANA name of the shop's time zone; its days begin at midnight there.")
    cut_off: str | None = Field(None, description="Orders from this time on count as the next day's; null: midnight.")
    handling_days: int = Field(0, description="Working days until goods leave; 0: on the day of the order.")
    working_days: list[int] = Field(WEEKDAYS, description="Days on which goods leave; Monday is 1.")
    delivery_days: list[int] = Field(WEEKDAYS, description="Days on which goods travel and arrive; Monday is 1.")
    closed_days: list[Day] = Field([], description="Days on which nothing leaves.")
    delivery_holidays: list[DeliveryHoliday] = Field([], description="Days on which nothing is delivered, by country.")


class Promise(NamedTuple):
    """When goods arrive, or lie ready for those who fetch them: days of the place where they arrive."""

    earliest: date
    latest: date


class Pace(NamedTuple):
    """How fast goods are sent: what a method says in place of the calendar, and days in transit.

    :param transit: the fewest and the most delivery days between leaving and arriving.
    :param closed: further days on which nothing arrives, for example because a pickup point is closed.
    """

    transit: tuple[int, int]
    handling_days: int | None = None
    cut_off: str | None = None
    delivery_days: Collection[int] | None = None
    closed: frozenset[date] = frozenset()


def promise(*, calendar: Calendar, pace: Pace, country: str | None, now: datetime) -> Promise | None:
    """Return when an order of this moment arrives; None when the calendar knows no day on which it would.

    An order before the cut-off of a working day counts as that day's, any other as the next working day's. Goods
    leave after the handling days, and arrive after the days in transit. All are counted by the shop's own days, so
    that neither a change to summer time nor the shopper's time zone moves a promise.

    :param country: where the goods go; None while nobody knows, and then no holidays there count.
    """
    closed = {day.date for day in calendar.closed_days}
    resting = {day.date for day in calendar.delivery_holidays if day.country == country} | pace.closed
    delivering = pace.delivery_days if pace.delivery_days is not None else calendar.delivery_days

    def works(day: date) -> bool:
        return day.isoweekday() in calendar.working_days and day not in closed

    def delivers(day: date) -> bool:
        return day.isoweekday() in delivering and day not in resting

    first = _day_of_order(calendar, pace.cut_off or calendar.cut_off, now=now)
    handling = pace.handling_days if pace.handling_days is not None else calendar.handling_days
    leaves = _later(first, handling, works) if first is not None else None
    if leaves is None:
        return None
    fewest, most = pace.transit
    earliest, latest = _arrival(leaves, fewest, delivers), _arrival(leaves, most, delivers)
    return Promise(earliest, latest) if earliest is not None and latest is not None else None


def _day_of_order(calendar: Calendar, cut_off: str | None, *, now: datetime) -> date | None:
    """Return the day that an order counts for: today's, or tomorrow's after the cut-off."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - carts of shops without a calendar do not pay for it.

    zone = ZoneInfo(calendar.time_zone)
    today = now.astimezone(zone).date()
    if cut_off is None:
        return today
    # The moment and not the time of day: when clocks go back, the hour after the cut-off comes twice.
    ends = datetime.combine(today, time.fromisoformat(cut_off), tzinfo=zone).astimezone(UTC)
    return today if now < ends else today + timedelta(days=1)


def _arrival(leaves: date, days: int, delivers: Callable[[date], bool]) -> date | None:
    """Return the so many-th delivery day after goods left; 0: the day itself, or the first on which they can arrive."""
    return _later(leaves + timedelta(days=1), days - 1, delivers) if days else _later(leaves, 0, delivers)


def _later(day: date, days: int, counts: Callable[[date], bool]) -> date | None:
    """Return the day that comes so many counted days after the first counted day from `day` on."""
    left = days
    for ahead in range(LONGEST_LOOK):
        candidate = day + timedelta(days=ahead)
        if counts(candidate):
            if left == 0:
                return candidate
            left -= 1
    return None
