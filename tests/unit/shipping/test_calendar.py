"""When goods are promised to arrive."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.shipping.calendar import Calendar, DeliveryHoliday, Pace, Promise, promise
from commerce.shipping.days import Day

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 3, 2)


def berlin(year: int, month: int, day: int, hour: int = 9, minute: int = 0, *, fold: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN, fold=fold).astimezone(UTC)


def calendar(**fields) -> Calendar:
    return Calendar(**({"time_zone": "Europe/Berlin", "cut_off": "14:00"} | fields))


def promised(
    now: datetime,
    *,
    days: tuple[int, int] = (1, 1),
    country: str | None = "DE",
    shop: Calendar | None = None,
    **pace: Any,
) -> Promise | None:
    return promise(calendar=shop or calendar(), pace=Pace(transit=days, **pace), country=country, now=now)


def arrives(now: datetime, **circumstances: Any) -> date:
    found = promised(now, **circumstances)
    assert found is not None
    assert found.earliest == found.latest
    return found.latest


class TestCutOff:
    def test_an_order_before_it_leaves_today(self):
        assert arrives(berlin(2026, 3, 2, 13, 59)) == date(2026, 3, 3)

    def test_an_order_at_it_leaves_tomorrow(self):
        assert arrives(berlin(2026, 3, 2, 14, 0)) == date(2026, 3, 4)

    def test_on_friday_evening_is_mondays(self):
        assert arrives(berlin(2026, 3, 6, 13, 59)) == date(2026, 3, 9)
        assert arrives(berlin(2026, 3, 6, 14, 0)) == date(2026, 3, 10)

    def test_on_a_weekend_does_not_matter(self):
        assert arrives(berlin(2026, 3, 7, 9)) == arrives(berlin(2026, 3, 8, 23, 59)) == date(2026, 3, 10)

    def test_at_midnight_makes_every_order_tomorrows(self):
        shop = calendar(cut_off="00:00")

        assert arrives(berlin(2026, 3, 2, 0, 0), shop=shop) == date(2026, 3, 4)
        assert arrives(berlin(2026, 3, 2, 23, 59), shop=shop) == date(2026, 3, 4)

    def test_left_out_takes_orders_until_midnight(self):
        shop = calendar(cut_off=None)

        assert arrives(berlin(2026, 3, 2, 23, 59), shop=shop) == date(2026, 3, 3)
        assert arrives(berlin(2026, 3, 3, 0, 0), shop=shop) == date(2026, 3, 4)

    def test_of_a_method_comes_before_that_of_the_shop(self):
        assert arrives(berlin(2026, 3, 2, 15), cut_off="16:00") == date(2026, 3, 3)


class TestTimeZones:
    def test_the_shops_own_clock_counts_and_not_the_shoppers(self):
        moment = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)  # 12:30 on Tuesday in Auckland, 13:30 on Monday in Honolulu.

        assert arrives(moment, shop=calendar(time_zone="Pacific/Auckland")) == date(2026, 3, 4)
        assert arrives(moment, shop=calendar(time_zone="Pacific/Honolulu")) == date(2026, 3, 3)

    @pytest.mark.parametrize(
        ("name", "before", "after"),
        [
            ("Pacific/Kiritimati", datetime(2026, 3, 1, 23, 59, tzinfo=UTC), datetime(2026, 3, 2, 0, 0, tzinfo=UTC)),
            ("Asia/Kathmandu", datetime(2026, 3, 2, 8, 14, tzinfo=UTC), datetime(2026, 3, 2, 8, 15, tzinfo=UTC)),
            ("America/St_Johns", datetime(2026, 3, 2, 17, 29, tzinfo=UTC), datetime(2026, 3, 2, 17, 30, tzinfo=UTC)),
        ],
    )
    def test_odd_ones_have_their_cut_off_at_two_as_well(self, name: str, before: datetime, after: datetime):
        shop = calendar(time_zone=name)

        assert (arrives(before, shop=shop), arrives(after, shop=shop)) == (date(2026, 3, 3), date(2026, 3, 4))

    def test_an_order_at_the_same_hour_of_the_clock_arrives_alike_in_winter_and_summer(self):
        assert arrives(berlin(2026, 3, 27, 13, 59)) == date(2026, 3, 30)  # Clocks go forward on the 29th.
        assert arrives(berlin(2026, 3, 30, 13, 59)) == date(2026, 3, 31)
        assert arrives(berlin(2026, 3, 30, 14, 0)) == date(2026, 4, 1)

    def test_a_cut_off_that_the_clock_leaps_over_is_at_the_leap(self):
        shop = calendar(cut_off="02:30", working_days=[7], delivery_days=[1, 2, 3, 4, 5, 6, 7])

        assert arrives(berlin(2026, 3, 29, 1, 59), shop=shop) == date(2026, 3, 30)
        assert arrives(berlin(2026, 3, 29, 3, 30), shop=shop) == date(2026, 4, 6)

    def test_a_cut_off_that_comes_twice_is_over_after_the_first(self):
        shop = calendar(cut_off="02:30", working_days=[7], delivery_days=[1, 2, 3, 4, 5, 6, 7])
        moments = [(2, 29, 0), (2, 30, 0), (2, 59, 0), (2, 0, 1), (2, 29, 1), (2, 30, 1)]

        arrivals = [arrives(berlin(2026, 10, 25, hour, minute, fold=fold), shop=shop) for hour, minute, fold in moments]

        assert arrivals == [date(2026, 10, 26)] + [date(2026, 11, 2)] * 5


class TestDays:
    def test_of_handling_are_the_shops_working_days(self):
        assert arrives(berlin(2026, 3, 5), handling_days=2) == date(2026, 3, 10)
        assert arrives(berlin(2026, 3, 5), shop=calendar(handling_days=2)) == date(2026, 3, 10)

    def test_in_transit_are_the_carriers_delivery_days(self):
        assert arrives(berlin(2026, 3, 6), delivery_days=[1, 2, 3, 4, 5, 6]) == date(2026, 3, 7)
        assert arrives(berlin(2026, 3, 6)) == date(2026, 3, 9)

    def test_in_transit_begin_after_the_day_of_leaving(self):
        shop = calendar(working_days=[1, 2, 3, 4, 5, 6])

        assert arrives(berlin(2026, 3, 7, 9), shop=shop) == date(2026, 3, 9)

    def test_of_none_in_transit_are_the_same_day_if_there_is_delivery(self):
        shop = calendar(working_days=[1, 2, 3, 4, 5, 6])

        assert arrives(berlin(2026, 3, 2), days=(0, 0)) == MONDAY
        assert arrives(berlin(2026, 3, 7), days=(0, 0), shop=shop) == date(2026, 3, 9)

    def test_give_the_first_and_the_last(self):
        assert promised(berlin(2026, 3, 2), days=(3, 5)) == Promise(date(2026, 3, 5), date(2026, 3, 9))


class TestHolidays:
    def test_close_the_shop(self):
        shop = calendar(closed_days=[Day(date=MONDAY), Day(date=date(2026, 3, 3))])

        assert arrives(berlin(2026, 3, 2), shop=shop) == date(2026, 3, 5)

    def test_stop_delivery_in_their_country_alone(self):
        shop = calendar(delivery_holidays=[DeliveryHoliday(country="FR", date=date(2026, 3, 3))])

        assert arrives(berlin(2026, 3, 2), shop=shop, country="FR") == date(2026, 3, 4)
        assert arrives(berlin(2026, 3, 2), shop=shop, country="DE") == date(2026, 3, 3)
        assert arrives(berlin(2026, 3, 2), shop=shop, country=None) == date(2026, 3, 3)

    def test_may_be_long(self):
        # Golden Week and a fortnight of company holidays around it, Christmas to Epiphany over the turn of a year.
        summer = [Day(date=date(2026, 7, 27) + timedelta(days=number)) for number in range(40)]
        winter = [Day(date=date(2026, 12, 24) + timedelta(days=number)) for number in range(14)]
        shop = calendar(closed_days=[*summer, *winter])

        assert arrives(berlin(2026, 7, 24, 15), shop=shop) == date(2026, 9, 8)
        assert arrives(berlin(2026, 12, 23, 15), shop=shop) == date(2027, 1, 8)

    def test_without_end_promise_nothing(self):
        shop = calendar(closed_days=[Day(date=MONDAY + timedelta(days=number)) for number in range(500)])

        assert promised(berlin(2026, 3, 2), shop=shop) is None

    def test_on_a_leap_day(self):
        assert arrives(berlin(2028, 2, 28), shop=calendar(closed_days=[Day(date=date(2028, 2, 29))])) == date(
            2028, 2, 29
        )


CALENDARS = st.builds(
    calendar,
    time_zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
    cut_off=st.none() | st.sampled_from(["00:00", "02:30", "14:00", "23:59"]),
    working_days=st.lists(st.integers(1, 7), min_size=1, max_size=7, unique=True),
    delivery_days=st.lists(st.integers(1, 7), min_size=1, max_size=7, unique=True),
    handling_days=st.integers(0, 5),
    closed_days=st.lists(st.integers(0, 40), max_size=10, unique=True).map(
        lambda days: [Day(date=MONDAY + timedelta(days=day)) for day in days]
    ),
)
MOMENTS = st.datetimes(datetime(2026, 3, 1), datetime(2026, 11, 30), timezones=st.just(UTC))  # noqa: DTZ001


class TestProperties:
    @given(CALENDARS, MOMENTS, st.timedeltas(timedelta(), timedelta(days=3)), st.integers(0, 5), st.integers(0, 5))
    def test_a_later_order_never_arrives_earlier(
        self, shop: Calendar, now: datetime, later: timedelta, fewest: int, more: int
    ):
        days = (fewest, fewest + more)
        first, second = promised(now, days=days, shop=shop), promised(now + later, days=days, shop=shop)

        assert first is not None
        assert second is not None
        assert first.earliest <= first.latest
        assert first.earliest <= second.earliest
        assert first.latest <= second.latest

    @given(CALENDARS, MOMENTS, st.integers(1, 5))
    def test_goods_arrive_on_a_delivery_day_after_today(self, shop: Calendar, now: datetime, days: int):
        found = promised(now, days=(days, days), shop=shop)

        assert found is not None
        assert found.earliest.isoweekday() in shop.delivery_days
        assert found.earliest > now.astimezone(ZoneInfo(shop.time_zone)).date()
