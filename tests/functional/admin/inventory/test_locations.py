"""PUT /v1/admin/locations/{id}, PUT /v1/admin/allocation-rule and GET /v1/admin/locations, as staff see them."""

from typing import Any

import pytest

from tests.support.store import Answer, Store

LOCATIONS = "/v1/admin/locations"
ADDRESS = {"name": "Depot", "line1": "1 Pier Road", "city": "Portsmouth", "postal_code": "03801", "country": "US"}


def put(store: Store, location_id: str = "depot", *, headers: dict[str, str] | None = None, **fields: Any) -> Answer:
    return store.put(f"{LOCATIONS}/{location_id}", {"title": location_id.capitalize(), **fields}, headers=headers)


def listed(store: Store) -> list[str]:
    return [location["id"] for location in store.get(LOCATIONS).body["items"]]


class TestList:
    def test_begins_with_the_locations_of_the_deployment(self, two_places: Store):
        answer = two_places.get(LOCATIONS)

        assert answer.status == 200
        assert [one["id"] for one in answer.body["items"]] == ["main", "attic"]
        assert (answer.body["version"], answer.body["strategy"]) == (0, "priority")

    def test_is_in_order_of_priority(self, two_places: Store):
        put(two_places, "depot", priority=0)
        put(two_places, "outlet", priority=7)

        assert listed(two_places) == ["depot", "main", "attic", "outlet"]

    def test_needs_the_scope(self, store: Store):
        store.staff_scopes = "catalog:read"

        assert store.get(LOCATIONS).status == 403
        assert put(store).status == 403


class TestPut:
    def test_answers_what_was_put(self, store: Store):
        calendar = {"time_zone": "America/New_York", "cut_off": "15:00", "working_days": [1, 2, 3, 4, 5, 6]}
        body = {
            "title": "Depot",
            "kind": "shop",
            "priority": 3,
            "pickup": True,
            "channels": ["pos"],
            "buffers": {"*": 2, "pos": 0},
            "address": ADDRESS,
            "near": ["CA"],
            "parcel_cost": 450,
            "unit_cost": 20,
            "calendar": calendar,
        }

        answer = store.put(f"{LOCATIONS}/depot", body)

        assert answer.status == 200
        shown = answer.body
        assert {name: shown[name] for name in body if name not in {"address", "calendar"}} == {
            name: value for name, value in body.items() if name not in {"address", "calendar"}
        }
        assert shown["address"] == {**ADDRESS, "line2": None, "region": None, "phone": None}
        assert (shown["calendar"]["cut_off"], shown["calendar"]["handling_days"]) == ("15:00", 0)
        [kept] = [one for one in store.get(LOCATIONS).body["items"] if one["id"] == "depot"]
        assert kept == shown

    def test_takes_over_the_locations_of_the_deployment(self, two_places: Store):
        put(two_places, "attic", active=False, priority=1)

        assert listed(two_places) == ["main", "attic"]
        assert two_places.get(LOCATIONS).body["version"] == 1

    def test_of_an_old_version_is_refused(self, store: Store):
        put(store)

        answer = put(store, headers={"If-Match": '"0"'})

        assert (answer.status, answer.code) == (412, "request.stale_version")

    def test_repeated_with_its_key_changes_nothing_more(self, store: Store):
        headers = {"Idempotency-Key": "k-1"}

        first, again = put(store, headers=headers), put(store, headers=headers)

        assert again.body == first.body
        assert store.get(LOCATIONS).body["version"] == 1

    def test_keeps_the_id_of_what_is_on_its_way(self, store: Store):
        assert put(store, "transit").code == "inventory.reserved_location"

    def test_takes_twenty_active_ones_and_fifty_in_all(self, store: Store):
        for number in range(19):
            assert put(store, f"place-{number}").status == 200

        assert put(store, "one-more").code == "inventory.too_many_locations"
        for number in range(30):
            assert put(store, f"closed-{number}", active=False).status == 200
        assert put(store, "one-more", active=False).code == "inventory.too_many_locations"

    def test_has_no_room_for_endless_calendars(self, store: Store):
        holidays = [
            {"country": "US", "date": f"2027-{number // 28 + 1:02}-{number % 28 + 1:02}"} for number in range(300)
        ]
        calendar = {"time_zone": "UTC", "delivery_holidays": holidays}

        answers = [put(store, f"place-{number}", calendar=calendar) for number in range(9)]

        assert answers[0].status == 200
        assert answers[-1].code == "inventory.locations_too_large"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"kind": "moon"},
            {"priority": -1},
            {"channels": []},
            {"channels": ["pos", "pos"]},
            {"buffers": {"*": -1}},
            {"buffers": {"a b": 1}},
            {"near": ["Germany"]},
            {"parcel_cost": 1.5},
            {"title": ""},
            {"calendar": {"time_zone": "Mars/Olympus"}},
            {"colour": "red"},
        ],
    )
    def test_refuses_what_makes_no_sense(self, store: Store, wrong: dict[str, Any]):
        assert put(store, **wrong).status == 422
        assert store.get(LOCATIONS).body["version"] == 0


class TestRule:
    def test_is_kept_with_the_locations(self, store: Store):
        answer = store.put("/v1/admin/allocation-rule", {"strategy": "nearest"})

        assert (answer.status, answer.body["strategy"], answer.body["version"]) == (200, "nearest", 1)
        assert put(store).status == 200
        assert store.get(LOCATIONS).body["strategy"] == "nearest"

    def test_is_one_that_there_is(self, store: Store):
        assert store.put("/v1/admin/allocation-rule", {"strategy": "random"}).status == 422


class TestStock:
    def test_may_lie_at_a_location_that_does_not_sell(self, shop: Store):
        put(shop, "depot", active=False)

        answer = shop.post("/v1/admin/stock/TEE-S/receipts", {"location": "depot", "quantity": 5})

        assert answer.status == 201
        assert answer.body["available"] == 0
        assert [level["location"] for level in answer.body["levels"]] == ["main", "depot"]

    def test_of_an_unknown_location_is_refused_with_those_that_there_are(self, shop: Store):
        put(shop, "depot", active=False)

        answer = shop.post("/v1/admin/stock/TEE-S/receipts", {"location": "moon", "quantity": 5})

        assert answer.code == "inventory.unknown_location"
        assert answer.body["errors"][0]["message"] == "This is not one of: depot, main."

    def test_on_its_way_is_moved_by_nobody(self, shop: Store):
        answer = shop.post("/v1/admin/stock/TEE-S/receipts", {"location": "transit", "quantity": 5})

        assert (answer.status, answer.code) == (409, "inventory.not_by_hand")

    def test_that_is_kept_back_is_not_for_sale(self, shop: Store):
        shop.post("/v1/admin/stock/TEE-S/receipts", {"location": "main", "quantity": 5})
        put(shop, "main", buffers={"*": 2})

        stock = shop.get("/v1/admin/stock/TEE-S").body

        assert (stock["available"], stock["levels"][0]["available"]) == (3, 5)
