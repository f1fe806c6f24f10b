"""The price lists of the shop, as staff keeps them."""

from typing import Any

import pytest

from commerce.kernel.transactions import commit
from commerce.prices import operations, staff_queries
from tests.support.calls import counted
from tests.support.pricing import LISTS, later, put_list
from tests.support.store import Store

WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"title": ""}, "title"),
    ({"kind": "discount"}, "kind"),
    ({"currency": "ZZZ"}, "currency"),
    ({"countries": []}, "countries"),
    ({"countries": ["FR", "FR"]}, "countries"),
    ({"countries": ["XX"]}, "countries.0"),
    ({"regions": ["California"]}, "regions.0"),
    ({"channels": ["a b"]}, "channels.0"),
    ({"customer_groups": ["x"] * 51}, "customer_groups"),
    ({"priority": -1}, "priority"),
    ({"priority": 10_000}, "priority"),
    ({"starts_at": "tomorrow"}, "starts_at"),
    ({"starts_at": "2026-01-01T00:00:00"}, "starts_at"),
    ({"starts_at": 1_770_000_000}, "starts_at"),
    ({"starts_at": "0001-01-01T00:00:00+14:00"}, "starts_at"),
    ({"ends_at": "9999-12-31T23:59:59-14:00"}, "ends_at"),
    ({"starts_at": "2026-01-02T00:00:00Z", "ends_at": "2026-01-02T01:00:00+01:00"}, "body"),
    ({"adjustment": {"off_basis_points": 0}}, "adjustment.off_basis_points"),
    ({"adjustment": {"off_basis_points": 10_001}}, "adjustment.off_basis_points"),
    ({"adjustment": {"off_basis_points": 12.5}}, "adjustment.off_basis_points"),
    ({"adjustment": {"off_basis_points": 1, "rounding": {"step": 0}}}, "adjustment.rounding.step"),
    ({"adjustment": {"off_basis_points": 1, "rounding": {"step": 5, "ending": 5}}}, "adjustment.rounding"),
    ({"adjustment": {"off_basis_points": 1, "rounding": {"step": 5, "towards": "odd"}}}, "adjustment.rounding.towards"),
    ({"active": 1}, "active"),
    ({"key": "mine"}, "key"),
    ({"since": "2026-01-01T00:00:00Z"}, "since"),
)


def events(store: Store, aggregate: str) -> list[tuple[str, str]]:
    found = [item for item in store.items("outbox") if item["pk"]["S"] == aggregate]
    return [(item["sequence"]["N"], item["type"]["S"]) for item in sorted(found, key=lambda item: item["sk"]["S"])]


class TestPutPriceList:
    def test_answers_the_whole_list_with_the_version_of_all(self, store: Store) -> None:
        answer = put_list(
            store,
            countries=["FR", "DE"],
            regions=["US-CA"],
            channels=["web"],
            customer_groups=["vip"],
            priority=7,
            starts_at="2026-06-01T02:00:00.123456+02:00",
            ends_at="2026-07-01T00:00:00Z",
            adjustment={"off_basis_points": 1250, "rounding": {"step": 100, "ending": 99}},
        )

        assert answer.status == 200
        assert answer.headers["ETag"] == '"1"'
        assert answer.body == {
            "id": "summer",
            "title": "Summer sale",
            "kind": "sale",
            "currency": "USD",
            "countries": ["FR", "DE"],
            "regions": ["US-CA"],
            "channels": ["web"],
            "customer_groups": ["vip"],
            "priority": 7,
            "starts_at": "2026-06-01T00:00:00.123Z",
            "ends_at": "2026-07-01T00:00:00.000Z",
            "adjustment": {"off_basis_points": 1250, "rounding": {"step": 100, "ending": 99, "towards": "nearest"}},
            "active": True,
            "since": answer.body["since"],
            "version": 1,
        }
        assert store.get(f"{LISTS}/summer").body == answer.body

    def test_replaces_a_list_whole(self, store: Store) -> None:
        put_list(store, priority=7, countries=["FR"])

        put_list(store, title="Winter sale")

        [found] = store.get(LISTS).body["items"]
        assert (found["title"], found["priority"], found["countries"]) == ("Winter sale", 0, None)

    def test_tells_since_when_its_prices_are_what_they_are(self, store: Store) -> None:
        first = put_list(store).body["since"]
        later(store, days=1)
        renamed = put_list(store, title="Winter sale").body["since"]
        changed = put_list(store, priority=1).body["since"]

        assert renamed == first < changed

    def test_says_what_is_wrong(self, store: Store) -> None:
        answers = [put_list(store, **wrong) for wrong, _ in WRONG]

        assert [(answer.status, answer.body["errors"][0]["param"]) for answer in answers] == [
            (422, param) for _, param in WRONG
        ]
        assert store.items("prices") == []

    def test_takes_a_hundred_lists_and_no_more(self, store: Store) -> None:
        answers = [put_list(store, f"list-{number}").status for number in range(100)]
        refused = put_list(store, "one-more")

        assert set(answers) == {200}
        assert (refused.status, refused.code) == (409, "prices.too_many_lists")
        assert put_list(store, "list-1", title="Still changes").status == 200

    def test_refuses_more_than_carts_can_read(self, store: Store) -> None:
        groups = [f"{number:02}".ljust(80, "x") for number in range(50)]

        answers = [put_list(store, f"list-{number}", customer_groups=groups) for number in range(25)]

        assert (answers[-1].status, answers[-1].code) == (409, "prices.too_large")
        [row] = [item for item in store.items("prices") if item["pk"]["S"] == "price-lists"]
        assert len(str(row)) < 110_000

    def test_refuses_a_stale_version(self, store: Store) -> None:
        put_list(store)

        fresh = put_list(store, "winter", headers={"If-Match": '"1"'})
        stale = put_list(store, "spring", headers={"If-Match": '"1"'})

        assert (fresh.status, fresh.body["version"]) == (200, 2)
        assert (stale.status, stale.code) == (412, "request.stale_version")

    def test_keeps_both_of_two_changes_at_the_same_moment(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        def overtaken(writes: Any) -> None:
            monkeypatch.setattr(operations, "commit", commit)
            put_list(store, "winter")
            commit(writes)

        monkeypatch.setattr(operations, "commit", overtaken)

        answer = put_list(store)

        assert (answer.status, answer.body["version"]) == (200, 2)
        assert [found["id"] for found in store.get(LISTS).body["items"]] == ["summer", "winter"]

    def test_has_its_effect_once_per_key(self, store: Store) -> None:
        headers = {"Idempotency-Key": "put-1"}

        first, second = put_list(store, headers=headers), put_list(store, headers=headers)

        assert second.body == first.body
        assert second.headers["Idempotent-Replayed"] == "true"
        assert put_list(store, headers=headers, priority=1).code == "idempotency.key_reused"

    def test_is_announced(self, store: Store) -> None:
        put_list(store)
        put_list(store, priority=1)
        store.delete(f"{LISTS}/summer")

        assert events(store, "price-lists") == [
            ("1", "prices.list_put"),
            ("2", "prices.list_put"),
            ("3", "prices.list_deleted"),
        ]

    def test_needs_the_scope(self, store: Store) -> None:
        store.staff_scopes = "prices:read catalog:write"

        assert {put_list(store).code, store.delete(f"{LISTS}/summer").code} == {"request.forbidden"}
        assert store.get(LISTS).status == 200
        store.staff_scopes = "catalog:read"
        assert {store.get(LISTS).status, store.get(f"{LISTS}/summer").status} == {403}


class TestReading:
    def test_answers_lists_in_the_order_in_which_they_are_chosen(self, store: Store) -> None:
        put_list(store, "b")
        put_list(store, "a")
        put_list(store, "dear", priority=9)
        put_list(store, "vip", customer_groups=["vip"])

        answer = store.get(LISTS)

        assert [found["id"] for found in answer.body["items"]] == ["vip", "dear", "a", "b"]
        assert (answer.body["version"], answer.headers["ETag"]) == (4, '"4"')

    def test_is_empty_at_first(self, store: Store) -> None:
        assert store.get(LISTS).body == {"items": [], "next_cursor": None, "version": 0}

    def test_does_not_find_what_is_not_there(self, store: Store) -> None:
        answer = store.get(f"{LISTS}/summer")

        assert (answer.status, answer.code) == (404, "prices.list_not_found")


class TestDeletePriceList:
    def test_answers_what_is_left(self, store: Store) -> None:
        put_list(store)
        put_list(store, "winter")

        answer = store.delete(f"{LISTS}/summer", headers={"If-Match": '"2"'})

        assert answer.status == 200
        assert [found["id"] for found in answer.body["items"]] == ["winter"]
        assert answer.body == store.get(LISTS).body

    def test_does_not_find_what_is_not_there(self, store: Store) -> None:
        answer = store.delete(f"{LISTS}/summer")

        assert (answer.status, answer.code) == (404, "prices.list_not_found")
        assert store.items("prices") == []

    def test_refuses_a_stale_version(self, store: Store) -> None:
        put_list(store)
        put_list(store)

        assert store.delete(f"{LISTS}/summer", headers={"If-Match": '"1"'}).status == 412

    def test_has_its_effect_once_per_key(self, store: Store) -> None:
        put_list(store)
        headers = {"Idempotency-Key": "delete-1"}

        store.delete(f"{LISTS}/summer", headers=headers)
        put_list(store)
        again = store.delete(f"{LISTS}/summer", headers=headers)

        assert again.headers["Idempotent-Replayed"] == "true"
        assert [found["id"] for found in again.body["items"]] == ["summer"]

    def test_forgets_what_nobody_saw_and_what_is_long_over(self, store: Store) -> None:
        put_list(store, "never", starts_at="2199-01-01T00:00:00Z")
        put_list(store, "seen")
        for list_id in ("never", "seen"):
            store.delete(f"{LISTS}/{list_id}")

        def remembered() -> list[str]:
            book, _ = staff_queries.stored_book()
            return [past.was.id for past in book.past_lists]

        assert remembered() == ["seen"]
        later(store, days=181)
        put_list(store)
        assert remembered() == []


class TestCalls:
    def test_are_one_to_read_and_two_to_write(self, store: Store) -> None:
        with counted(store) as written:
            put_list(store, headers={"Idempotency-Key": "k"})
        with counted(store) as read:
            store.get(LISTS)

        assert written == {"GetItem": 2, "TransactWriteItems": 1}
        assert read == {"GetItem": 1}
