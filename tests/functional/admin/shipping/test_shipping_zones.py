"""The zones of the shop, as staff keep them."""

from typing import Any

import pytest

from commerce.kernel.transactions import commit
from commerce.shipping import operations
from tests.support.calls import counted
from tests.support.shipping import money
from tests.support.store import Answer, Store

PATH = "/v1/admin/shipping-zones"
METHOD = "/v1/admin/shipping-methods/standard"


def zone(id_: str = "de", *areas: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"id": id_, "title": id_.upper(), "areas": list(areas) or [{"country": "DE"}], **fields}


def put(store: Store, *zones: dict[str, Any], **options: Any) -> Answer:
    return store.put(PATH, {"items": list(zones)}, **options)


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"items": [zone(), zone()]}, "body"),
    ({"items": [zone("a b")]}, "items.0.id"),
    ({"items": [zone(title="")]}, "items.0.title"),
    ({"items": [zone("x", {"country": "XX"})]}, "items.0.areas.0.country"),
    ({"items": [zone("x", {"country": "US", "regions": ["ZZ"]})]}, "items.0.areas.0"),
    ({"items": [zone("x", {"country": "US", "regions": ["Hawaii"]})]}, "items.0.areas.0.regions.0"),
    ({"items": [zone("x", {"country": "DE", "postal_codes": [{"first": "20", "last": "1"}]})]}, "items.0.areas.0"),
    ({"items": [zone("x", {"country": "DE", "postal_codes": [{"first": "20", "last": "199"}]})]}, "items.0.areas.0"),
    ({"items": [zone("x", {"country": "GB", "postal_codes": [{"first": "PO30", "last": "IV1"}]})]}, "items.0.areas.0"),
    (
        {"items": [zone("x", {"country": "DE", "postal_codes": [{"first": "a*"}]})]},
        "items.0.areas.0.postal_codes.0.first",
    ),
    ({"items": zone()}, "items"),
    ({"zones": []}, "items"),
)


class TestPutShippingZones:
    def test_answers_all_zones_by_id_with_the_names_of_their_regions(self, store: Store):
        codes = [{"first": "967", "last": "968"}]

        answer = put(
            store, zone("us-far", {"country": "US", "regions": ["HI", "AK"], "postal_codes": codes}), zone("de")
        )

        assert (answer.status, answer.headers["ETag"]) == (200, '"1"')
        assert answer.body == {
            "items": [
                {
                    "id": "de",
                    "title": "DE",
                    "areas": [{"country": "DE", "regions": [], "region_names": [], "postal_codes": []}],
                },
                {
                    "id": "us-far",
                    "title": "US-FAR",
                    "areas": [
                        {
                            "country": "US",
                            "regions": ["HI", "AK"],
                            "region_names": ["Hawaii", "Alaska"],
                            "postal_codes": codes,
                        }
                    ],
                },
            ],
            "next_cursor": None,
            "version": 1,
        }
        assert store.get(PATH).body == answer.body

    def test_takes_the_whole_world_as_a_zone_without_areas(self, store: Store):
        answer = store.put(PATH, {"items": [{"id": "world", "title": "World", "areas": []}]})

        assert answer.body["items"][0]["areas"] == []

    @pytest.mark.parametrize(("wrong", "param"), WRONG)
    def test_says_what_is_wrong(self, store: Store, wrong: dict[str, Any], param: str):
        answer = store.put(PATH, wrong)

        assert (answer.status, answer.body["errors"][0]["param"]) == (422, param)
        assert store.items("shipping") == []

    def test_keeps_a_zone_that_a_method_names(self, store: Store):
        put(store, zone("de"), zone("at"))
        store.put(METHOD, {"title": "Standard", "prices": [money(500)], "zones": ["de"]})

        refused = put(store, zone("at"))
        changed = put(store, zone("de", title="Changed"))

        assert (refused.status, refused.code) == (409, "shipping.zone_in_use")
        assert refused.body["detail"] == "The shipping method 'standard' names the zone 'de'."
        assert [each["title"] for each in changed.body["items"]] == ["Changed"]

    def test_has_a_version_of_its_own(self, store: Store):
        store.put(METHOD, {"title": "Standard", "prices": [money(500)]})
        store.put(METHOD, {"title": "Standard", "prices": [money(600)]})

        put(store, zone())
        stale = put(store, zone(), headers={"If-Match": '"2"'})
        fresh = put(store, zone(), headers={"If-Match": '"1"'})

        assert (stale.status, stale.code) == (412, "request.stale_version")
        assert (fresh.status, fresh.body["version"]) == (200, 2)
        assert store.get("/v1/admin/shipping-methods").body["version"] == 2

    def test_keeps_both_of_two_changes_at_the_same_moment(self, store: Store, monkeypatch):
        def overtaken(writes: Any) -> None:
            monkeypatch.setattr(operations, "commit", commit)
            store.put(METHOD, {"title": "Standard", "prices": [money(500)]})
            commit(writes)

        monkeypatch.setattr(operations, "commit", overtaken)

        answer = put(store, zone(), headers={"If-Match": '"0"'})

        assert answer.status == 200
        assert [each["id"] for each in store.get("/v1/admin/shipping-methods").body["items"]] == ["standard"]

    def test_takes_a_body_of_a_hundred_kilobytes_and_no_more(self, store: Store):
        codes = [{"first": f"{number:05}"} for number in range(10_000, 10_480)]
        big = [zone(f"zone-{number}", *[{"country": "DE", "postal_codes": codes}]) for number in range(12)]

        fits, too_large = put(store, *big[:10]), put(store, *big)

        assert fits.status == 200
        assert (too_large.status, too_large.code) == (422, "shipping.rules_too_large")

    def test_has_its_effect_once_per_key(self, store: Store):
        headers = {"Idempotency-Key": "zones-1"}

        first, second = put(store, zone(), headers=headers), put(store, zone(), headers=headers)

        assert second.body == first.body
        assert second.headers["Idempotent-Replayed"] == "true"
        assert store.get(PATH).body["version"] == 1

    def test_needs_the_scope(self, store: Store):
        store.staff_scopes = "shipping:read"

        assert (put(store, zone()).status, store.get(PATH).status) == (403, 200)

    def test_takes_a_read_and_a_write(self, store: Store):
        with counted(store) as written:
            put(store, zone())
        with counted(store) as read:
            store.get(PATH)

        assert written == {"GetItem": 1, "PutItem": 1}
        assert read == {"GetItem": 1}
