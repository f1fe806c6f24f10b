"""The timeline of a price: small, and never wrong in the shop's favour."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from commerce.prices.timeline import (
    LARGEST_BYTES,
    MOST_POINTS,
    Point,
    Track,
    changes,
    dots_of,
    lowest_before,
    millis,
    recorded,
    stored,
    track_of,
    window_start,
)

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)

type Changes = Sequence[tuple[datetime, int | None]]


def at(days: float) -> datetime:
    return BEGIN + timedelta(days=days)


def written(made: Changes) -> Track:
    track: Track = ()
    for moment, amount in made:
        track = recorded(track, amount=amount, now=moment)
    return track


def naive(made: Changes, moment: datetime) -> int | None:
    """The lowest amount that held in the thirty days before, with the whole of their first day, seen by the minute."""
    found: list[int] = []
    ends = [since for since, _ in made[1:]] + [datetime.max.replace(tzinfo=UTC)]
    for (since, amount), until in zip(made, ends, strict=True):
        overlaps = millis(since) < millis(moment) and until.timestamp() * 1000 > window_start(moment) and until > since
        if amount is not None and overlaps:
            found.append(amount)
    return min(found, default=None)


@st.composite
def histories(draw: st.DrawFn, *, most_days: int) -> Changes:
    minutes = draw(st.lists(st.integers(0, most_days * 1440 - 1), min_size=1, max_size=120, unique=True))
    amounts = st.one_of(st.none(), st.integers(0, 50))
    return [(BEGIN + timedelta(minutes=minute), draw(amounts)) for minute in sorted(minutes)]


class TestRecorded:
    def test_keeps_every_change_of_today(self) -> None:
        track = written([(at(0), 100), (at(0.1), 90), (at(0.2), 95)])

        assert [(point.close, point.before) for point in track] == [(100, None), (90, None), (95, None)]

    def test_keeps_the_last_and_the_lowest_before_it_of_a_day_that_is_over(self) -> None:
        track = written([(at(0), 100), (at(0.1), 90), (at(0.2), 95), (at(1), 80)])

        assert track == (Point(millis(at(0)), 95, 90), Point(millis(at(1)), 80))

    def test_remembers_that_it_was_off_sale_for_a_part_of_a_day(self) -> None:
        track = written([(at(0), 100), (at(0.1), None), (at(0.2), 95), (at(1), 80)])

        assert track[0] == Point(millis(at(0)), 95, 100, gap=True)
        assert list(changes(track))[:3] == [(millis(at(0)), None), (millis(at(0)), 100), (millis(at(0)), 95)]

    def test_has_no_point_for_what_changes_nothing(self) -> None:
        assert written([(at(0), None)]) == ()
        assert len(written([(at(0), 100), (at(1), 100), (at(2), 100)])) == 1

    def test_does_not_go_back_in_time(self) -> None:
        track = written([(at(1), 100), (at(0), 90)])

        assert [point.since for point in track] == [millis(at(1))] * 2


class TestLowestBefore:
    def test_counts_a_price_that_began_long_before(self) -> None:
        assert lowest_before(written([(at(0), 100)]), at(300)) == 100

    def test_forgets_what_ended_more_than_thirty_days_before(self) -> None:
        track = written([(at(0), 50), (at(10), 100), (at(60), 90)])

        assert lowest_before(track, at(39.5)) == 50
        assert lowest_before(track, at(40)) == 100

    def test_leaves_out_the_price_that_begins_then(self) -> None:
        track = written([(at(0), 100), (at(10), 70)])

        assert lowest_before(track, at(10)) == 100

    def test_is_nothing_for_what_was_not_for_sale(self) -> None:
        assert lowest_before((), at(10)) is None
        assert lowest_before(written([(at(5), 100)]), at(5)) is None
        assert lowest_before(written([(at(0), 100), (at(1), None), (at(90), 70)]), at(90)) is None

    @given(made=histories(most_days=MOST_POINTS - 2), day=st.integers(0, 80))
    def test_is_what_a_diary_by_the_minute_says_at_the_end_of_a_day(self, made: Changes, day: int) -> None:
        assert lowest_before(written(made), at(day)) == naive(made, at(day))

    @given(made=histories(most_days=300), minute=st.integers(0, 300 * 1440))
    def test_is_never_higher_than_what_a_diary_by_the_minute_says(self, made: Changes, minute: int) -> None:
        moment = BEGIN + timedelta(minutes=minute)
        track, exact = written(made), naive(made, moment)

        kept = lowest_before(track, moment)

        assert len(track) <= MOST_POINTS
        assert exact is None or (kept is not None and kept <= exact)

    @given(made=histories(most_days=300))
    def test_is_exact_for_what_begins_today(self, made: Changes) -> None:
        days = {moment.date() for moment, _ in made}
        now = made[-1][0]

        if len(days) < 30:
            assert lowest_before(written(made), now) == naive(made, now)


class TestStored:
    @given(made=histories(most_days=100))
    def test_reads_back_as_it_was(self, made: Changes) -> None:
        track = written(made)

        assert track_of(dots_of(track)) == track

    def test_has_bounds_also_for_forty_prices_that_change_every_day(self) -> None:
        made = [(at(day), 10_000_000 + day % 7) for day in range(200)]
        tracks = {f"pl_{'x' * 26}{number}": written(made) for number in range(40)}

        found = stored(tracks)

        assert sum(map(len, str(found))) < 2 * LARGEST_BYTES
        assert {lowest_before(track_of(dots), at(200)) for dots in found.values()} == {10_000_000}

    def test_leaves_out_what_never_had_a_price(self) -> None:
        assert stored({"USD": (), "EUR": written([(at(0), 5)])}) == {"EUR": [[millis(at(0)), 5]]}
