"""The calendar of the shop, as staff keep it."""

from typing import Any

import pytest

from tests.support.calls import counted
from tests.support.store import Answer, Store

PATH = "/v1/admin/shipping-calendar"
HOLIDAYS = f"{PATH}/public-holidays"


def put(store: Store, *, headers: dict[str, str] | None = None, **fields: Any) -> Answer:
    return store.put(PATH, {"time_zone": "Europe/Berlin", **fields}, headers=headers or {})


def add(store: Store, *, headers: dict[str, str] | None = None, **fields: Any) -> Answer:
    return store.post(HOLIDAYS, {"country": "DE", "years": [2026], **fields}, headers=headers or {})


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"time_zone": "Europe/Atlantis"}, "time_zone"),
    ({"time_zone": "../../etc/passwd"}, "time_zone"),
    ({"time_zone": "Europe"}, "time_zone"),
    ({"time_zone": ""}, "time_zone"),
    ({"cut_off": "25:00"}, "cut_off"),
    ({"handling_days": -1}, "handling_days"),
    ({"handling_days": 91}, "handling_days"),
    ({"working_days": []}, "working_days"),
    ({"working_days": [0]}, "working_days.0"),
    ({"delivery_days": [1, 8]}, "delivery_days.1"),
    ({"closed_days": [{"date": "2026-02-30"}]}, "closed_days.0.date"),
    ({"closed_days": [{"date": "2026-12-24"}, {"date": "2026-12-24"}]}, "closed_days"),
    ({"delivery_holidays": [{"date": "2026-12-24", "country": "de"}]}, "delivery_holidays.0.country"),
    ({"delivery_holidays": [{"date": "2026-12-24", "country": "DE"}] * 2}, "delivery_holidays"),
    ({"version": 1}, "version"),
)


class TestPutShippingCalendar:
    def test_answers_the_whole_calendar(self, store: Store):
        closed = [{"date": "2026-12-24", "title": "Christmas Eve"}]
        resting = [{"country": "NO", "date": "2026-05-17", "title": ""}]

        answer = put(store, cut_off="14:00", working_days=[5, 1, 5], closed_days=closed, delivery_holidays=resting)

        assert (answer.status, answer.headers["ETag"]) == (200, '"1"')
        assert answer.body == {
            "time_zone": "Europe/Berlin",
            "cut_off": "14:00",
            "handling_days": 0,
            "working_days": [1, 5],
            "delivery_days": [1, 2, 3, 4, 5],
            "closed_days": closed,
            "delivery_holidays": resting,
            "version": 1,
        }
        assert store.get(PATH).body == answer.body

    def test_is_not_there_at_first(self, store: Store):
        body = store.get(PATH).body

        assert (body["version"], body["time_zone"], body["closed_days"]) == (0, "UTC", [])

    @pytest.mark.parametrize(("wrong", "param"), WRONG)
    def test_says_what_is_wrong(self, store: Store, wrong: dict[str, Any], param: str):
        answer = put(store, **wrong)

        assert (answer.status, answer.body["errors"][0]["param"]) == (422, param)
        assert store.items("shipping") == []

    def test_refuses_a_stale_version(self, store: Store):
        put(store)
        put(store)

        assert put(store, headers={"If-Match": '"1"'}).status == 412
        assert put(store, headers={"If-Match": '"2"'}).status == 200

    def test_has_its_effect_once_per_key(self, store: Store):
        first, second = (put(store, headers={"Idempotency-Key": "calendar-1"}) for _ in range(2))

        assert second.body == first.body
        assert second.headers["Idempotent-Replayed"] == "true"

    def test_needs_the_scope(self, store: Store):
        store.staff_scopes = "shipping:read"

        assert (put(store).status, add(store).status, store.get(PATH).status) == (403, 403, 200)

    def test_takes_a_read_and_a_write(self, store: Store):
        with counted(store) as written:
            put(store)

        assert written == {"GetItem": 1, "PutItem": 1}


class TestAddPublicHolidays:
    def test_adds_those_of_a_country_and_a_year(self, store: Store):
        put(store)

        body = add(store).body

        dates = {day["date"]: day for day in body["delivery_holidays"]}
        assert dates["2026-12-25"]["country"] == "DE"
        assert {"2026-01-01", "2026-04-03", "2026-05-01", "2026-10-03"} <= set(dates)
        assert "2026-01-06" not in dates
        assert (body["closed_days"], body["version"]) == ([], 2)

    def test_knows_regions(self, store: Store):
        put(store)

        body = add(store, region="BY").body

        assert "2026-01-06" in {day["date"] for day in body["delivery_holidays"]}

    def test_may_close_the_shop(self, store: Store):
        put(store)

        body = add(store, closes_shop=True, stops_delivery=False).body

        assert "2026-12-25" in {day["date"] for day in body["closed_days"]}
        assert body["delivery_holidays"] == []

    def test_leaves_what_the_calendar_knows(self, store: Store):
        put(store, closed_days=[{"date": "2026-12-25", "title": "Ours"}, {"date": "2026-08-03", "title": "Summer"}])

        body = add(store, closes_shop=True).body
        again = add(store, closes_shop=True).body

        titles = {day["date"]: day["title"] for day in body["closed_days"]}
        assert (titles["2026-12-25"], titles["2026-08-03"]) == ("Ours", "Summer")
        assert list(titles) == sorted(titles)
        assert again == {**body, "version": 3}

    def test_needs_a_calendar_to_add_to(self, store: Store):
        answer = add(store)

        assert (answer.status, answer.code) == (409, "shipping.no_calendar")

    @pytest.mark.parametrize("where", [{"region": "XX"}, {"country": "FR", "region": "BY"}])
    def test_says_when_nobody_knows_them(self, store: Store, where: dict[str, Any]):
        put(store)

        answer = add(store, **where)

        assert (answer.status, answer.code) == (422, "shipping.unknown_holidays")
        assert store.get(PATH).body["version"] == 1

    @pytest.mark.parametrize(
        "wrong", [{"country": "XX"}, {"years": []}, {"years": [1999]}, {"years": [2101]}, {"region": "Bavaria"}]
    )
    def test_says_what_is_wrong(self, store: Store, wrong: dict[str, Any]):
        put(store)

        assert add(store, **wrong).status == 422

    def test_refuses_a_stale_version(self, store: Store):
        put(store)
        put(store)

        assert add(store, headers={"If-Match": '"1"'}).status == 412

    def test_has_its_effect_once_per_key(self, store: Store):
        put(store)
        first, second = (add(store, headers={"Idempotency-Key": "holidays-1"}) for _ in range(2))

        assert second.body == first.body
        assert second.headers["Idempotent-Replayed"] == "true"
