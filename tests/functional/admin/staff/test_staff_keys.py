"""Staff keys through the admin API: made, listed, revoked."""

import json

import pytest

from tests.support.store import Store

KEYS = "/v1/admin/staff-keys"


def make(store: Store, name: str = "Ada's laptop", *scopes: str, **headers: str) -> dict:  # type: ignore[type-arg]
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = store.post(KEYS, {"name": name, "scopes": list(scopes or ("*",))}, headers=sent)
    assert answer.status == 201, answer.body
    return dict(answer.body)


def announced(store: Store) -> list[str]:
    return [item["type"]["S"] for item in sorted(store.items("outbox"), key=lambda item: item["occurred_at"]["S"])]


class TestCreate:
    def test_shows_the_token_once_and_stores_only_its_hash(self, store: Store) -> None:
        key = make(store, "Ada's laptop", "orders:read", "catalog:write")

        secret = key["token"].rpartition("_")[2]
        assert key["token"].startswith("twsk_")
        assert key["scopes"] == ["catalog:write", "orders:read"]
        assert key["status"] == "active"
        assert key["created_by"] == "staff:key_test"
        assert "never shown again" in key["notice"]
        assert secret not in json.dumps([store.items(table) for table in ("staff", "outbox", "idempotency")])

    def test_tells_a_repeat_that_the_token_cannot_be_shown_again(self, store: Store) -> None:
        first = make(store, "till", "orders:read", idempotency_key="k-1")

        again = store.post(KEYS, {"name": "till", "scopes": ["orders:read"]}, headers={"Idempotency-Key": "k-1"})

        assert again.status == 201
        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.body["id"] == first["id"]
        assert again.body["token"] is None
        assert "cannot be shown again" in again.body["notice"]
        assert len(store.items("staff")) == 1

    def test_announces_the_key_without_its_secret(self, store: Store) -> None:
        key = make(store)

        [event] = store.items("outbox")
        assert event["type"]["S"] == "staff.key_created"
        assert event["pk"]["S"] == f"staff_key#{key['id']}"
        assert json.loads(event["data"]["S"]) == {"key_id": key["id"], "name": "Ada's laptop", "scopes": ["*"]}

    def test_refuses_to_grant_more_than_the_caller_has(self, store: Store) -> None:
        store.staff_scopes = "staff:write orders:read"

        answer = store.post(KEYS, {"name": "x", "scopes": ["orders:read", "orders:write"]})

        assert (answer.status, answer.code) == (403, "staff.scope_not_yours")
        assert "orders:write" in answer.body["detail"]
        assert store.items("staff") == []

    def test_needs_the_scope_to_manage_keys(self, store: Store) -> None:
        store.staff_scopes = "staff:read catalog:write"

        assert store.post(KEYS, {"name": "x", "scopes": ["catalog:write"]}).status == 403
        assert store.delete(f"{KEYS}/key_x").status == 403
        assert store.get(KEYS).status == 200

    @pytest.mark.parametrize(
        ("body", "param"),
        [
            ({"name": "x", "scopes": []}, "scopes"),
            ({"name": "x", "scopes": ["shop:own"]}, "scopes.0"),
            ({"name": "x", "scopes": ["*", "*"]}, "scopes"),
            ({"name": "x", "scopes": "*"}, "scopes"),
            ({"name": "", "scopes": ["*"]}, "name"),
            ({"name": "two\nlines", "scopes": ["*"]}, "name"),
            ({"scopes": ["*"]}, "name"),
            ({"name": "x", "scopes": ["*"], "id": "key_mine"}, "id"),
        ],
    )
    def test_says_which_field_is_wrong(self, store: Store, body: object, param: str) -> None:
        answer = store.post(KEYS, body)

        assert answer.status == 422
        assert param in [fault["param"] for fault in answer.body["errors"]]
        assert store.items("staff") == []


class TestList:
    def test_shows_the_newest_first_page_by_page(self, store: Store) -> None:
        made = [make(store, f"key {number}")["id"] for number in range(5)]

        pages, cursor = [], ""
        while True:
            page = store.get(f"{KEYS}?limit=2{cursor}").body
            pages.append([key["id"] for key in page["items"]])
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"

        assert [key for page in pages for key in page] == made[::-1]
        assert [len(page) for page in pages] == [2, 2, 1]

    def test_never_shows_a_secret(self, store: Store) -> None:
        key = make(store)

        text = json.dumps(store.get(KEYS).body)

        assert "token" not in text
        assert "sha256" not in text
        assert key["token"].rpartition("_")[2] not in text

    @pytest.mark.parametrize("cursor", ["x", "a.b.c", "%00", "=" * 9, "ä"])
    def test_refuses_a_cursor_that_it_never_gave(self, store: Store, cursor: str) -> None:
        answer = store.get(f"{KEYS}?cursor={cursor}")

        assert (answer.status, answer.code) == (422, "request.bad_cursor")


class TestRevoke:
    def test_revokes_for_ever_and_says_when_and_by_whom(self, store: Store) -> None:
        make(store, "the other")
        key = make(store)

        answer = store.delete(f"{KEYS}/{key['id']}")

        assert answer.status == 200
        assert answer.body["status"] == "revoked"
        assert answer.body["revoked_at"] is not None
        assert answer.body["revoked_by"] == "staff:key_test"
        assert answer.body["version"] == 2
        assert announced(store)[-1] == "staff.key_revoked"

    def test_changes_nothing_when_repeated(self, store: Store) -> None:
        make(store, "the other")
        key = make(store)
        first = store.delete(f"{KEYS}/{key['id']}", headers={"Idempotency-Key": "k"})

        same_key = store.delete(f"{KEYS}/{key['id']}", headers={"Idempotency-Key": "k"})
        new_key = store.delete(f"{KEYS}/{key['id']}", headers={"Idempotency-Key": "k2"})
        no_key = store.delete(f"{KEYS}/{key['id']}")

        assert first.body == same_key.body == new_key.body == no_key.body
        assert same_key.headers["Idempotent-Replayed"] == "true"
        assert announced(store).count("staff.key_revoked") == 1

    def test_refuses_the_last_key_that_manages_keys(self, store: Store) -> None:
        make(store, "reader", "orders:read", "staff:read")
        last = make(store, "manager", "staff:write")

        answer = store.delete(f"{KEYS}/{last['id']}")

        assert (answer.status, answer.code) == (409, "staff.last_manager")
        assert store.get(KEYS).body["items"][0]["status"] == "active"

    def test_does_not_count_a_revoked_key_as_a_manager(self, store: Store) -> None:
        first, second = make(store, "a"), make(store, "b")
        assert store.delete(f"{KEYS}/{first['id']}").status == 200

        assert store.delete(f"{KEYS}/{second['id']}").status == 409

    def test_lets_the_last_reader_go(self, store: Store) -> None:
        reader = make(store, "reader", "orders:read")

        assert store.delete(f"{KEYS}/{reader['id']}").status == 200

    def test_refuses_a_stale_version(self, store: Store) -> None:
        make(store, "the other")
        key = make(store)

        assert store.delete(f"{KEYS}/{key['id']}", headers={"If-Match": '"7"'}).status == 412
        assert store.delete(f"{KEYS}/{key['id']}", headers={"If-Match": '"1"'}).status == 200

    @pytest.mark.parametrize("key_id", ["key_none", "twsk_x", "..", "a" * 101, "%20"])
    def test_answers_404_for_what_is_not_there(self, store: Store, key_id: str) -> None:
        assert store.delete(f"{KEYS}/{key_id}").status == 404
