"""The shipping methods of the shop, as staff keeps them."""

import json
from typing import Any, ClassVar

import pycountry
import pytest

from commerce.kernel.transactions import commit
from commerce.shipping import operations
from tests.support.calls import counted
from tests.support.shipping import money, whole_method
from tests.support.store import Answer, Store

PATH = "/v1/admin/shipping-methods"


def put(store: Store, method_id: str = "standard", *, headers: dict[str, str] | None = None, **fields: Any) -> Answer:
    body = {"title": "Standard", "prices": [money(500)], **fields}
    return store.put(f"{PATH}/{method_id}", body, headers=headers or {})


def zones(store: Store, *ids: str) -> None:
    items = [{"id": id_, "title": id_, "areas": [{"country": id_.upper()}]} for id_ in ids]
    assert store.put("/v1/admin/shipping-zones", {"items": items}).status == 200


ORIGIN = {"name": "Quay shop", "line1": "1 Quay", "city": "Portland", "postal_code": "04101", "country": "US"}

WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"title": ""}, "title"),
    ({"title": 7}, "title"),
    ({"prices": []}, "prices"),
    ({"prices": [money(1), money(2)]}, "prices"),
    ({"prices": [money(-1)]}, "prices"),
    ({"prices": [money(100_000_000)]}, "prices"),
    ({"prices": [{"amount": 1.5, "currency": "USD"}]}, "prices.0.amount"),
    ({"prices": [{"amount": 1, "currency": "ZZZ"}]}, "prices.0.currency"),
    ({"prices": {"USD": 1}}, "prices"),
    ({"free_over": [money(1), money(2)]}, "free_over"),
    ({"free_over": [money(1, "EUR")]}, "body"),
    ({"countries": []}, "countries"),
    ({"countries": ["NO", "NO"]}, "countries"),
    ({"countries": ["NO", "XX"]}, "countries.1"),
    ({"countries": "NO"}, "countries"),
    ({"position": -1}, "position"),
    ({"position": 10_000}, "position"),
    ({"active": "yes"}, "active"),
    ({"id": "other"}, "id"),
    ({"version": 1}, "version"),
)


class TestPutShippingMethod:
    def test_answers_the_whole_method_with_the_lists_version(self, store: Store):
        answer = put(store, free_over=[money(5000)], countries=["NO", "SE"], position=3)

        assert answer.status == 200
        assert answer.headers["ETag"] == '"1"'
        assert answer.body == whole_method(
            "standard", prices=[money(500)], free_over=[money(5000)], countries=["NO", "SE"], position=3, version=1
        )

    def test_replaces_a_method_whole(self, store: Store):
        put(store, free_over=[money(5000)], countries=["NO"], active=False)

        put(store, prices=[money(700)])

        (method,) = store.get(PATH).body["items"]
        assert method["prices"] == [money(700)]
        assert (method["free_over"], method["countries"], method["active"]) == ([], None, True)

    def test_says_what_is_wrong(self, store: Store):
        answers = [put(store, **wrong) for wrong, _ in WRONG]

        assert [(answer.status, answer.body["errors"][0]["param"]) for answer in answers] == [
            (422, param) for _, param in WRONG
        ]
        assert store.items("shipping") == []

    def test_does_not_find_a_hostile_id(self, store: Store):
        assert {put(store, method_id).status for method_id in ("a%20b", "%00", "x" * 101, "a%2Fb")} == {404}

    def test_holds_what_fits_into_a_hundred_kilobytes(self, store: Store):
        currencies = [
            "AED",
            "AUD",
            "BRL",
            "CAD",
            "CHF",
            "CZK",
            "DKK",
            "EUR",
            "GBP",
            "HKD",
            "HUF",
            "INR",
            "JPY",
            "MXN",
            "NOK",
            "NZD",
            "PLN",
            "SEK",
            "SGD",
            "USD",
        ]
        countries = [country.alpha_2 for country in pycountry.countries]
        fields: dict[str, Any] = {
            "title": "\U0001f6a2" * 200,
            "prices": [money(99_999_999, currency) for currency in currencies],
            "free_over": [money(99_999_999, currency) for currency in currencies],
            "countries": countries,
        }

        answers = [put(store, f"{number:02}".ljust(80, "x"), **fields) for number in range(20)]
        smaller = put(store, "00".ljust(80, "x"))

        taken = [answer.status for answer in answers].index(422)
        assert [answer.status for answer in answers] == [200] * taken + [422] * (20 - taken)
        assert answers[-1].code == "shipping.rules_too_large"
        assert taken > 10
        assert len(str(store.items("shipping")[0])) < 110_000
        assert smaller.status == 200

    def test_holds_fifty(self, store: Store):
        answers = [put(store, f"method-{number}") for number in range(50)]
        refused = put(store, "one-more")
        changed = put(store, "method-7", title="Changed")

        assert {answer.status for answer in answers} == {200}
        assert (refused.status, refused.code) == (409, "shipping.too_many_methods")
        assert changed.status == 200

    def test_takes_no_id_that_a_cart_could_not_choose(self, store: Store):
        answer = put(store, "x" * 81)

        assert (answer.status, answer.code) == (422, "shipping.method_id_too_long")

    def test_refuses_a_stale_version(self, store: Store):
        put(store)

        fresh = put(store, "express", headers={"If-Match": '"1"'})
        stale = put(store, "pickup", headers={"If-Match": '"1"'})

        assert (fresh.status, fresh.body["version"]) == (200, 2)
        assert (stale.status, stale.code) == (412, "request.stale_version")
        assert [method["id"] for method in store.get(PATH).body["items"]] == ["express", "standard"]

    def test_keeps_both_of_two_changes_at_the_same_moment(self, store: Store, monkeypatch):
        def overtaken(writes: Any) -> None:
            monkeypatch.setattr(operations, "commit", commit)
            put(store, "express")
            commit(writes)

        monkeypatch.setattr(operations, "commit", overtaken)

        answer = put(store)

        assert (answer.status, answer.body["version"]) == (200, 2)
        assert [method["id"] for method in store.get(PATH).body["items"]] == ["express", "standard"]

    def test_has_its_effect_once_per_key(self, store: Store):
        headers = {"Idempotency-Key": "put-1"}

        first = put(store, headers=headers)
        second = put(store, headers=headers)
        other = put(store, headers=headers, position=1)

        assert second.body == first.body
        assert second.headers["Idempotent-Replayed"] == "true"
        assert other.code == "idempotency.key_reused"
        assert store.get(PATH).body["version"] == 1

    def test_needs_the_scope(self, store: Store):
        store.staff_scopes = "shipping:read catalog:write"

        answers = [put(store), store.delete(f"{PATH}/standard")]

        assert [(answer.status, answer.code) for answer in answers] == [(403, "request.forbidden")] * 2
        assert store.get(PATH).status == 200


RATES: dict[str, Any] = {
    "zones": ["no"],
    "tables": [
        {
            "zones": ["no"],
            "by": "weight",
            "currency": None,
            "bands": [
                {"up_to": 2000, "prices": [money(900)], "step": None, "step_prices": []},
                {"up_to": 30_000, "prices": [money(900)], "step": 1000, "step_prices": [money(150)]},
            ],
            "free_over": [],
        }
    ],
    "packaging_grams": 120,
    "volumetric_divisor": 5000,
    "handling_days": 1,
    "cut_off": "15:30",
    "delivery_days": [1, 2, 3, 4, 5, 6],
    "transits": [{"zones": None, "min_days": 1, "max_days": 3}],
    "guaranteed": True,
}


def table(*bands: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"by": "weight", "bands": list(bands) or [{"prices": [money(1)]}], **fields}


def band(up_to: int | None, **fields: Any) -> dict[str, Any]:
    return {"up_to": up_to, "prices": [money(1)], **fields}


WRONG_RATES: tuple[dict[str, Any], ...] = (
    {"prices": None},
    {"prices": None, "tables": []},
    {"tables": [table(band(10), band(10))]},
    {"tables": [table(band(None), band(10))]},
    {"tables": [table(by="amount")]},
    {"tables": [table(currency="USD")]},
    {"tables": [table(band(10, prices=[money(1, "EUR")]), by="amount", currency="USD")]},
    {"tables": [table(band(10, step=5))]},
    {"tables": [table(band(10, step_prices=[money(1)]))]},
    {"tables": [table(band(10, step=5, step_prices=[money(1, "EUR")]))]},
    {"tables": [table(band(10, step=0, step_prices=[money(1)]))]},
    {"tables": [table(free_over=[money(1, "EUR")])]},
    {"tables": [table(), table()]},
    {"tables": [table(zones=["no"]), table(zones=["no", "se"])]},
    {"tables": [table(zones=[])]},
    {"tables": [{"by": "moon", "bands": [band(None)]}]},
    {"surcharges": [{"title": "x"}]},
    {"surcharges": [{"title": "x", "prices": [money(1)], "basis_points": 1}]},
    {"surcharges": [{"title": "x", "per": "item", "basis_points": 1}]},
    {"surcharges": [{"title": "x", "basis_points": 0}]},
    {"surcharges": [{"title": "x", "prices": [money(-1)]}]},
    {"conditions": {"min_weight_grams": -1}},
    {"conditions": {"max_length_mm": 0}},
    {"conditions": {"only_shelves": ["No Slug"]}},
    {"transits": [{"min_days": 3, "max_days": 2}]},
    {"transits": [{"min_days": 0, "max_days": 91}]},
    {"transits": [{"min_days": 0, "max_days": 1}, {"min_days": 0, "max_days": 2}]},
    {"cut_off": "24:00"},
    {"cut_off": "9:00"},
    {"delivery_days": [8]},
    {"volumetric_divisor": 0},
    {"kind": "pickup"},
    {"kind": "carrier"},
    {"pickup": {"address": ORIGIN}},
    {"carrier": {"origin": ORIGIN, "accounts": ["se-1"]}},
    {"kind": "carrier", "carrier": {"origin": ORIGIN, "accounts": []}},
    {
        "kind": "pickup",
        "pickup": {"address": ORIGIN, "opening_hours": [{"weekday": 1, "opens": "18:00", "closes": "09:00"}]},
    },
)


class TestRates:
    def test_are_kept_as_they_were_put(self, store: Store):
        zones(store, "no")

        answer = put(store, prices=None, **RATES)

        assert answer.body == whole_method("standard", version=1, **RATES)
        assert store.get(PATH).body["items"] == [whole_method("standard", **RATES)]

    @pytest.mark.parametrize("wrong", WRONG_RATES)
    def test_that_do_not_fit_together_are_refused(self, store: Store, wrong: dict[str, Any]):
        zones(store, "no", "se")

        answer = put(store, **wrong)

        assert answer.status == 422
        assert answer.body["errors"][0]["message"]

    def test_may_not_name_a_zone_that_there_is_not(self, store: Store):
        zones(store, "no")

        answers = [
            put(store, zones=["se"]),
            put(store, tables=[table(zones=["se"])]),
            put(store, surcharges=[{"title": "x", "prices": [money(1)], "zones": ["no", "se"]}]),
            put(store, conditions={"except_zones": ["se"]}),
            put(store, transits=[{"zones": ["se"], "min_days": 1, "max_days": 1}]),
        ]

        assert {(answer.status, answer.code) for answer in answers} == {(422, "shipping.unknown_zone")}
        assert answers[0].body["errors"][0]["message"] == "There is no shipping zone 'se'."

    def test_of_pickup_points_and_carriers_are_kept(self, store: Store):
        hours = [{"weekday": 6, "opens": "09:00", "closes": "13:00"}]
        put(store, "counter", prices=[money(0)], kind="pickup", pickup={"address": ORIGIN, "opening_hours": hours})
        put(store, "ups", prices=None, kind="carrier", carrier={"origin": ORIGIN, "accounts": ["se-1"]})

        counter, ups = store.get(PATH).body["items"]

        assert counter["pickup"]["opening_hours"] == hours
        assert counter["pickup"]["address"]["city"] == "Portland"
        assert ups["carrier"]["accounts"] == ["se-1"]
        assert ups["prices"] == []


class TestOldItems:
    """Can items written by the old version still be read?"""

    OLD: ClassVar = {
        "pk": {"S": "shipping-methods"},
        "sk": {"S": "shipping-methods"},
        "version": {"N": "7"},
        "revision": {"S": "rev_old"},
        "methods": {
            "S": json.dumps(
                [
                    {
                        "id": "standard",
                        "title": "Standard",
                        "prices": [money(500)],
                        "free_over": [money(5000)],
                        "countries": ["NO", "SE"],
                        "position": 3,
                        "active": True,
                    }
                ]
            )
        },
        "updated_at": {"S": "2026-01-01T00:00:00.000Z"},
        "updated_by": {"S": "staff:key_1"},
    }

    def test_are_read_and_changed(self, store: Store):
        store.dynamodb.put_item(TableName="test-shipping", Item=self.OLD)

        read = store.get(PATH)
        changed = put(store, "express", headers={"If-Match": '"7"'})

        old = whole_method("standard", prices=[money(500)], free_over=[money(5000)], countries=["NO", "SE"], position=3)
        assert read.body == {"items": [old], "next_cursor": None, "version": 7}
        assert (changed.status, changed.body["version"]) == (200, 8)
        assert store.get("/v1/admin/shipping-zones").body == {"items": [], "next_cursor": None, "version": 0}

    def test_that_are_larger_than_there_is_room_for_now_may_shrink_but_not_grow(self, store: Store):
        many = [
            {"id": f"m{number}", "title": "\U0001f6a2" * 200, "prices": [money(1)], "free_over": [], "position": 0}
            for number in range(45)
        ]
        store.dynamodb.put_item(TableName="test-shipping", Item=self.OLD | {"methods": {"S": json.dumps(many)}})

        grown = put(store, "one-more", title="\U0001f6a2" * 200)
        shrunk = store.delete(f"{PATH}/m1")

        assert (grown.status, grown.code) == (422, "shipping.rules_too_large")
        assert shrunk.status == 200

    def test_are_written_so_that_the_old_version_can_read_them(self, store: Store):
        """Parts that nobody uses are not there: a method of the old kind has the old members only."""
        put(store, free_over=[money(5000)], countries=["NO"], position=3, active=False)

        stored = json.loads(store.items("shipping")[0]["methods"]["S"])

        assert set(stored[0]) <= {"id", "title", "prices", "free_over", "countries", "position", "active"}


class TestListShippingMethods:
    def test_answers_all_methods_in_the_shops_order(self, store: Store):
        put(store, "b", position=1)
        put(store, "c", position=0)
        put(store, "a", position=1, active=False)

        answer = store.get(PATH)

        assert [method["id"] for method in answer.body["items"]] == ["c", "a", "b"]
        assert (answer.body["version"], answer.body["next_cursor"]) == (3, None)
        assert answer.headers["ETag"] == '"3"'

    def test_is_empty_at_first(self, store: Store):
        assert store.get(PATH).body == {"items": [], "next_cursor": None, "version": 0}

    def test_needs_the_scope(self, store: Store):
        store.staff_scopes = "catalog:read"

        assert store.get(PATH).status == 403


class TestDeleteShippingMethod:
    def test_answers_what_is_left(self, store: Store):
        put(store)
        put(store, "express")

        answer = store.delete(f"{PATH}/standard")

        assert answer.status == 200
        assert [method["id"] for method in answer.body["items"]] == ["express"]
        assert answer.body == store.get(PATH).body

    def test_does_not_find_what_is_not_there(self, store: Store):
        put(store)

        answer = store.delete(f"{PATH}/express")

        assert (answer.status, answer.code) == (404, "shipping.method_not_found")
        assert store.get(PATH).body["version"] == 1

    def test_refuses_a_stale_version(self, store: Store):
        put(store)
        put(store)

        answer = store.delete(f"{PATH}/standard", headers={"If-Match": '"1"'})

        assert answer.status == 412

    def test_has_its_effect_once_per_key(self, store: Store):
        put(store)
        headers = {"Idempotency-Key": "delete-1"}

        first = store.delete(f"{PATH}/standard", headers=headers)
        put(store)
        second = store.delete(f"{PATH}/standard", headers=headers)

        assert first.body["items"] == []
        assert second.headers["Idempotent-Replayed"] == "true"
        assert [method["id"] for method in second.body["items"]] == ["standard"]


class TestCalls:
    def test_are_one_to_read_and_two_to_write(self, store: Store):
        with counted(store) as written:
            put(store)
        with counted(store) as read:
            store.get(PATH)
        with counted(store) as deleted:
            store.delete(f"{PATH}/standard", headers={"Idempotency-Key": "k"})

        assert written == {"GetItem": 1, "PutItem": 1}
        assert read == {"GetItem": 1}
        assert deleted == {"GetItem": 2, "TransactWriteItems": 1}
