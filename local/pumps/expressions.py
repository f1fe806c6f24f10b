"""Schedule expressions of EventBridge: `rate(...)`, `cron(...)` and `at(...)`."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), start=1)}
_LAST_YEAR = 2199
_DAYS_AHEAD = 366 * 8


class BadExpression(ValueError):
    """A schedule expression that EventBridge would refuse."""


def next_fire(expression: str, *, after: datetime, anchor: datetime, timezone: str = "UTC") -> datetime | None:
    """Return the first moment after `after`, or None when there is none any more.

    A rate counts from `anchor`, when the schedule was made.
    """
    match = re.fullmatch(r"(rate|cron|at)\((.*)\)", expression.strip())
    if not match:
        message = f"{expression!r} is no schedule expression"
        raise BadExpression(message)
    kind, argument = match.groups()
    if kind == "rate":
        return _next_rate(argument, after, anchor)
    if kind == "at":
        moment = datetime.fromisoformat(argument).replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)
        return moment if moment > after else None
    return _Cron.parse(argument).next(after.astimezone(ZoneInfo(timezone)))


def _next_rate(argument: str, after: datetime, anchor: datetime) -> datetime:
    match = re.fullmatch(r"(\d+) (minute|hour|day)s?", argument.strip())
    if not match or int(match[1]) < 1:
        message = f"rate({argument}) is no rate"
        raise BadExpression(message)
    step = timedelta(seconds=int(match[1]) * _UNITS[match[2]])
    return anchor + step * ((after - anchor) // step + 1)


@dataclass(frozen=True, slots=True)
class _Cron:
    """The six fields: minute, hour, day of month, month, day of week (1 is Sunday), year."""

    minutes: frozenset[int]
    hours: frozenset[int]
    day_of_month: str
    months: frozenset[int]
    day_of_week: str
    years: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> "_Cron":
        fields = text.split()
        if len(fields) != 6:  # noqa: PLR2004 - that is EventBridge's count
            message = f"cron({text}) must have six fields"
            raise BadExpression(message)
        minute, hour, day, month, weekday, year = (field.upper() for field in fields)
        if (day == "?") == (weekday == "?"):
            message = f"cron({text}): one of day of month and day of week must be ?"
            raise BadExpression(message)
        return cls(
            _values(minute, 0, 59),
            _values(hour, 0, 23),
            day,
            _values(month, 1, 12, _MONTHS),
            weekday,
            _values(year, 1970, _LAST_YEAR),
        )

    def next(self, after: datetime) -> datetime | None:
        first = (after + timedelta(minutes=1)).replace(second=0, microsecond=0)
        for offset in range(_DAYS_AHEAD):
            day = first.date() + timedelta(days=offset)
            if day.year in self.years and day.month in self.months and self._takes(day):
                for hour in sorted(self.hours):
                    for minute in sorted(self.minutes):
                        moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=first.tzinfo)
                        if moment >= first:
                            return moment.astimezone(UTC)
        return None

    def _takes(self, day: date) -> bool:
        if self.day_of_month != "?":
            return self._takes_day_of_month(day)
        weekday = day.isoweekday() % 7 + 1
        if "#" in self.day_of_week:
            wanted, number = self.day_of_week.split("#")
            return weekday == _number(wanted, _DAYS) and (day.day - 1) // 7 + 1 == int(number)
        if self.day_of_week.endswith("L") and self.day_of_week != "L":
            last_week = day.day + 7 > calendar.monthrange(day.year, day.month)[1]
            return weekday == _number(self.day_of_week[:-1], _DAYS) and last_week
        return weekday in _values("7" if self.day_of_week == "L" else self.day_of_week, 1, 7, _DAYS)

    def _takes_day_of_month(self, day: date) -> bool:
        last = calendar.monthrange(day.year, day.month)[1]
        if self.day_of_month == "L":
            return day.day == last
        if self.day_of_month.endswith("W"):
            wanted = last if self.day_of_month == "LW" else min(int(self.day_of_month[:-1]), last)
            return day.day == _nearest_weekday(day.replace(day=wanted), last)
        return day.day in _values(self.day_of_month, 1, 31)


def _nearest_weekday(day: date, last: int) -> int:
    saturday, sunday = 6, 7
    if day.isoweekday() == saturday:
        return day.day - 1 if day.day > 1 else day.day + 2
    if day.isoweekday() == sunday:
        return day.day + 1 if day.day < last else day.day - 2
    return day.day


def _values(field: str, low: int, high: int, names: dict[str, int] | None = None) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        if span in ("*", "?"):
            first, last = low, high
        else:
            start, _, end = span.partition("-")
            first = _number(start, names)
            last = _number(end, names) if end else high if step else first
        if not low <= first <= high or not low <= last <= high:
            message = f"{field} is out of range"
            raise BadExpression(message)
        found.update(range(first, last + 1, int(step or 1)))
    return frozenset(found)


def _number(text: str, names: dict[str, int] | None) -> int:
    if names and text in names:
        return names[text]
    if not text.isdecimal():
        message = f"{text!r} is no number"
        raise BadExpression(message)
    return int(text)
