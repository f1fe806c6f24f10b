"""POST and GET /v1/admin/categories, PATCH /v1/admin/categories/{category_id}"""

from collections.abc import Iterator
from typing import Any

import pytest

from commerce.catalog import operations
from tests.functional.admin.catalog.interleaved import before_the_first_commit
from tests.support.calls import counted
from tests.support.products import shelf
from tests.support.store import Store, running_store

ROUTE = "/v1/admin/categories"


class TestCreateCategory:
    def test_answers_the_whole_category(self, store: Store) -> None:
        clothing = shelf(store, "Clothing")

        with counted(store) as calls:
            answer = store.post(
                ROUTE,
                {
                    "title": "Tees & Tops",
                    "description": "Soft.",
                    "parent_id": clothing["id"],
                    "position": 3,
                },
            )

        assert answer.status == 201
        assert answer.headers["ETag"] == '"1"'
        assert answer.body == {
            "id": answer.body["id"],
            "slug": "tees-tops",
            "title": "Tees & Tops",
            "description": "Soft.",
            "parent_id": clothing["id"],
            "position": 3,
            "version": 1,
            "created_at": answer.body["created_at"],
            "updated_at": answer.body["created_at"],
        }
        assert calls == {"Query": 1, "TransactWriteItems": 1}

    def test_announces_it(self, store: Store) -> None:
        made = shelf(store, "Clothing")

        [event] = store.items("outbox")
        assert (event["pk"]["S"], event["type"]["S"]) == (f"category#{made['id']}", "catalog.category_created")

    def test_gives_the_same_category_again(self, store: Store) -> None:
        headers = {"Idempotency-Key": "k1"}
        first = store.post(ROUTE, {"title": "Clothing"}, headers=headers)

        again = store.post(ROUTE, {"title": "Clothing"}, headers=headers)

        assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (201, first.body, "true")
        assert len(store.get(ROUTE).body["items"]) == 1

    def test_refuses_a_slug_twice(self, store: Store) -> None:
        shelf(store, "Clothing")

        answer = store.post(ROUTE, {"title": "Clothing"})

        assert (answer.status, answer.code) == (409, "catalog.slug_taken")

    def test_lets_one_win_when_two_run_at_once(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        before_the_first_commit(monkeypatch, lambda: store.post(ROUTE, {"title": "Clothing"}))

        answer = store.post(ROUTE, {"title": "Clothing"})

        assert (answer.status, answer.code) == (409, "catalog.slug_taken")

    def test_nests_five_deep(self, store: Store) -> None:
        parent = None
        for level in range(5):
            parent = shelf(store, f"Level {level}", parent_id=parent)["id"]

        answer = store.post(ROUTE, {"title": "Too deep", "parent_id": parent})

        assert (answer.status, answer.code) == (422, "catalog.category_too_deep")

    def test_are_a_bounded_number(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(operations, "MOST_CATEGORIES", 1)
        shelf(store, "Clothing")

        answer = store.post(ROUTE, {"title": "Shoes"})

        assert (answer.status, answer.code) == (409, "catalog.too_many_categories")


class TestBadInput:
    @pytest.fixture(scope="class")
    @classmethod
    def store(cls) -> Iterator[Store]:
        """One store for all of them: nothing here may change it."""
        with running_store() as running:
            yield running

    @pytest.mark.parametrize(
        ("body", "param"),
        [
            ({}, "title"),
            ({"title": "日本"}, "slug"),
            ({"title": "Tees", "slug": "a/b"}, "slug"),
            ({"title": "Tees", "parent_id": "cat_unknown"}, "parent_id"),
            ({"title": "Tees", "position": -1}, "position"),
            ({"title": "Tees", "position": 10**12}, "position"),
            ({"title": "Tees", "position": "1"}, "position"),
            ({"title": "Tees", "description": "d" * 501}, "description"),
            ({"title": "Tees", "version": 2}, "version"),
        ],
    )
    def test_says_which_field_and_writes_nothing(self, store: Store, body: dict[str, Any], param: str) -> None:
        answer = store.post(ROUTE, body)

        assert (answer.status, [error["param"] for error in answer.body["errors"]]) == (422, [param])
        assert store.items("catalog") == []


class TestListCategories:
    def test_shows_all_in_the_order_of_the_shop(self, store: Store) -> None:
        shoes = shelf(store, "Shoes", position=1)
        hats = shelf(store, "Hats", position=1)
        sale = shelf(store, "Sale", position=0, parent_id=hats["id"])

        assert store.get(ROUTE).body == {"items": [sale, hats, shoes], "next_cursor": None}


class TestUpdateCategory:
    def test_changes_what_is_given_and_leaves_the_rest(self, store: Store) -> None:
        made = shelf(store, "Tees", description="Soft.")

        with counted(store) as calls:
            answer = store.patch(f"{ROUTE}/{made['id']}", {"title": "T-shirts"}, headers={"If-Match": '"1"'})

        assert (answer.status, answer.headers["ETag"]) == (200, '"2"')
        assert answer.body == made | {"title": "T-shirts", "version": 2, "updated_at": answer.body["updated_at"]}
        assert store.get(ROUTE).body["items"] == [answer.body]
        assert calls == {"GetItem": 1, "TransactWriteItems": 1}
        assert {item["type"]["S"] for item in store.items("outbox")} == {
            "catalog.category_created",
            "catalog.category_updated",
        }

    def test_refuses_a_stale_version(self, store: Store) -> None:
        path = f"{ROUTE}/{shelf(store, 'Tees')['id']}"
        store.patch(path, {"position": 1}, headers={"If-Match": '"1"'})

        answer = store.patch(path, {"position": 2}, headers={"If-Match": '"1"'})

        assert (answer.status, answer.code) == (412, "request.stale_version")

    def test_keeps_both_changes_when_nobody_named_a_version(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = f"{ROUTE}/{shelf(store, 'Tees')['id']}"
        before_the_first_commit(monkeypatch, lambda: store.patch(path, {"position": 7}))

        answer = store.patch(path, {"title": "T-shirts"})

        assert (answer.body["title"], answer.body["position"], answer.body["version"]) == ("T-shirts", 7, 3)

    def test_gives_the_category_again(self, store: Store) -> None:
        path = f"{ROUTE}/{shelf(store, 'Tees')['id']}"
        first = store.patch(path, {"position": 7}, headers={"Idempotency-Key": "k1"})

        again = store.patch(path, {"position": 7}, headers={"Idempotency-Key": "k1"})

        assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (200, first.body, "true")

    @pytest.mark.parametrize("body", [{"slug": "other"}, {"parent_id": None}, {"title": None}, {"position": 0.5}])
    def test_refuses(self, store: Store, body: dict[str, Any]) -> None:
        made = shelf(store, "Tees")

        answer = store.patch(f"{ROUTE}/{made['id']}", body)

        assert (answer.status, [error["param"] for error in answer.body["errors"]]) == (422, list(body))
        assert store.get(ROUTE).body["items"] == [made]

    def test_knows_no_other_categories(self, store: Store) -> None:
        answer = store.patch(f"{ROUTE}/cat_nothing", {"position": 1})

        assert (answer.status, answer.code) == (404, "catalog.category_not_found")
