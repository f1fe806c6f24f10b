"""The shipping methods of the shop, as staff keeps them."""

from typing import Any

import pycountry

from commerce.kernel.transactions import commit
from commerce.shipping import operations
from tests.support.calls import counted
from tests.support.store import Answer, Store

PATH = "/v1/admin/shipping-methods"


def money(amount: int, currency: str = "USD") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


def put(store: Store, method_id: str = "standard", *, headers: dict[str, str] | None = None, **fields: Any) -> Answer:
    body = {"title": "Standard", "prices": [money(500)], **fields}
    return store.put(f"{PATH}/{method_id}", body, headers=headers or {})


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
        assert answer.body == {
            "id": "standard",
            "title": "Standard",
            "prices": [money(500)],
            "free_over": [money(5000)],
            "countries": ["NO", "SE"],
            "position": 3,
            "active": True,
            "version": 1,
        }

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

    def test_holds_fifty_of_the_largest(self, store: Store):
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

        answers = [put(store, f"{number:02}".ljust(80, "x"), **fields) for number in range(50)]
        refused = put(store, "one-more")
        changed = put(store, "00".ljust(80, "x"))

        assert {answer.status for answer in answers} == {200}
        assert len(str(store.items("shipping")[0])) < 400 * 1024
        assert (refused.status, refused.code) == (409, "shipping.too_many_methods")
        assert changed.status == 200

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
