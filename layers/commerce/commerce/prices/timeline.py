"""The timeline of a price: what it was and when, compact enough to stand in the row that every cart reads.

A point says from when on (milliseconds since 1970) something cost an amount; None while it was not for sale. Of today
every change has its point. Of each day before, one is left, which keeps the last amount and the lowest before it. When
there are too many, the oldest two become one, whose lowest then counts for all the time before: what was forgotten can
make the lowest price look lower than it was, and never higher.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import replace
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import NamedTuple

from commerce.prices.model import Dots

MOST_POINTS = 40
LARGEST_BYTES = 8_000
"""Of all tracks of a SKU; when there is more, each remembers fewer points."""

FEWEST_POINTS = 5
WINDOW = timedelta(days=30)
DAY_MS = 86_400_000
EVER = 0
"""The moment that stands for all the time before what is remembered."""

GAP, OLDER = 1, 2


class Point(NamedTuple):
    """From when on something cost an amount.

    :ivar before: the lowest of several amounts of one day, before the last; None when there was one only.
    :ivar gap: whether it was off sale for a part of that day.
    :ivar is_older: whether `before` tells of all the time before.
    """

    since: int
    close: int | None
    before: int | None = None
    gap: bool = False
    is_older: bool = False

    @property
    def amounts(self) -> list[int]:
        """Return the amounts that it remembers."""
        return [amount for amount in (self.before, self.close) if amount is not None]

    @property
    def was_off_sale(self) -> bool:
        """Tell whether it remembers a time without a price."""
        return self.gap or self.close is None


type Track = tuple[Point, ...]
"""The points of one price, by time."""


def millis(moment: datetime) -> int:
    """Return milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def track_of(dots: Dots | None) -> Track:
    """Read a track as it is stored."""
    return tuple(_point(*dot) for dot in dots or ())


def dots_of(track: Track) -> Dots:
    """Return a track as it is stored: the moment, the amount, and where there are any the lowest before and marks."""
    return [_dot(point) for point in track]


def recorded(track: Track, *, amount: int | None, now: datetime) -> Track:
    """Return the track with the amount that holds from now on; None: off sale from now on."""
    at = millis(now)
    last = track[-1] if track else None
    if last is None and amount is None:
        return track
    if last is not None and last.close == amount:
        return track
    points = [*track, Point(max(at, last.since if last else at), amount)]
    return _bounded(_by_days(points, today=at // DAY_MS), most=MOST_POINTS)


def stored(tracks: Mapping[str, Track]) -> dict[str, Dots]:
    """Return tracks as they are stored, with as many points as there is room for. Empty ones are left out."""
    most = MOST_POINTS
    while True:
        found = {key: dots_of(_bounded(list(track), most=most)) for key, track in tracks.items() if track}
        if most <= FEWEST_POINTS or len(json.dumps(found)) <= LARGEST_BYTES:
            return found
        most //= 2


def changes(track: Track) -> Iterator[tuple[int, int | None]]:
    """Yield the moments and the amounts that held from then on, in order; several may share a moment."""
    for point in track:
        if point.is_older and point.before is not None:
            yield EVER, point.before
        if point.gap:
            yield point.since, None
        if point.before is not None:
            yield point.since, point.before
        yield point.since, point.close


def window_start(moment: datetime) -> int:
    """Return where the thirty days before a moment begin: with the whole of the first day, as days are what is kept."""
    return millis(moment - WINDOW) // DAY_MS * DAY_MS


def lowest_before(track: Track, moment: datetime) -> int | None:
    """Return the lowest amount of the thirty days before a moment; None when it was not for sale."""
    return lowest_of(changes(track), start=window_start(moment), end=millis(moment))


def lowest_of(steps: Iterable[tuple[int, int | None]], *, start: int, end: int) -> int | None:
    """Return the lowest of the amounts that held for any time from `start` on and began before `end`."""
    return min(
        (
            amount
            for (since, amount), (until, _) in pairwise([*steps, (end, None)])
            if amount is not None and since < end and (since >= start or until > start)
        ),
        default=None,
    )


def _point(since: int | None, close: int | None, before: int | None = None, marks: int | None = 0) -> Point:
    marks = marks or 0
    return Point(since or EVER, close, before, gap=bool(marks & GAP), is_older=bool(marks & OLDER))


def _dot(point: Point) -> list[int | None]:
    marks = GAP * point.gap + OLDER * point.is_older
    if marks:
        return [point.since, point.close, point.before, marks]
    return [point.since, point.close] if point.before is None else [point.since, point.close, point.before]


def _by_days(points: Sequence[Point], *, today: int) -> list[Point]:
    kept = []
    for day, grouped in groupby(points, key=lambda point: point.since // DAY_MS):
        of_day = list(grouped)
        kept += of_day if day >= today or len(of_day) == 1 else [_joined(of_day, since=of_day[0].since)]
    return kept


def _joined(points: Sequence[Point], *, since: int) -> Point:
    """Return one point for several: the last amount, the lowest before it, and what was off sale in between."""
    last = points[-1]
    lower = [amount for point in points[:-1] for amount in point.amounts]
    lower += [last.before] if last.before is not None else []
    return Point(
        since,
        last.close,
        min(lower, default=None),
        gap=last.gap or any(point.was_off_sale for point in points[:-1]),
        is_older=any(point.is_older for point in points),
    )


def _bounded(points: list[Point], *, most: int) -> Track:
    while len(points) > most:
        first, second = points[:2]
        points = [replace(_joined([first, second], since=second.since), is_older=True), *points[2:]]
    return tuple(points)
