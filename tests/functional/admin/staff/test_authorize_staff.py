"""The Lambda authorizer of the admin API."""

from pathlib import Path
from typing import Any

import pytest

from commerce.kernel.errors import Unavailable
from commerce.staff import queries
from tests.support.logs import logged
from tests.support.store import ROOT, LambdaContext, Store, load

FILE: Path = ROOT / "functions/admin/staff/authorize_staff.py"


def ask(headers: object) -> dict[str, Any]:
    event = {"version": "2.0", "type": "REQUEST", "routeKey": "GET /v1/admin/products", "headers": headers}
    answer: dict[str, Any] = load(FILE).handler(event, LambdaContext())
    return answer


def make(store: Store, *scopes: str) -> dict[str, Any]:
    return dict(store.post("/v1/admin/staff-keys", {"name": "a key", "scopes": list(scopes)}).body)


class TestAuthorizer:
    def test_lets_a_living_key_in_with_its_scopes(self, store: Store) -> None:
        key = make(store, "orders:write", "catalog:read")

        answer = ask({"authorization": f"Bearer {key['token']}"})

        assert answer == {
            "isAuthorized": True,
            "context": {"actor": key["id"], "scopes": "catalog:read orders:write"},
        }

    def test_refuses_a_revoked_key(self, store: Store) -> None:
        make(store, "*")
        key = make(store, "*")
        store.delete(f"/v1/admin/staff-keys/{key['id']}")

        assert ask({"authorization": f"Bearer {key['token']}"}) == {"isAuthorized": False}

    def test_refuses_the_secret_of_another_key(self, store: Store) -> None:
        one, other = make(store, "*"), make(store, "*")
        mixed = one["token"].rpartition("_")[0] + "_" + other["token"].rpartition("_")[2]

        assert ask({"authorization": f"Bearer {mixed}"}) == {"isAuthorized": False}

    def test_refuses_a_key_that_nobody_made(self, store: Store) -> None:
        assert ask({"authorization": f"Bearer twsk_{'0' * 26}_{'a' * 32}"}) == {"isAuthorized": False}

    @pytest.mark.parametrize(
        "headers",
        [
            None,
            {},
            [],
            "authorization",
            {"authorization": None},
            {"authorization": ["Bearer x"]},
            {"authorization": 7},
            {"authorization": "Bearer " + "x" * 100_000},
            {"authorization": "\x00\ud800"},
            {"authorization": "Bearer twsk_"},
        ],
    )
    def test_refuses_garbage_without_a_read(
        self, store: Store, headers: object, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queries, "get", lambda *_: pytest.fail("garbage must not cost a read"))

        assert ask(headers) == {"isAuthorized": False}

    def test_raises_when_the_table_does_not_answer_so_that_no_refusal_is_remembered(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key = make(store, "*")

        def unavailable(*_: object) -> None:
            raise Unavailable

        monkeypatch.setattr(queries, "get", unavailable)

        with pytest.raises(Unavailable):
            ask({"authorization": f"Bearer {key['token']}"})

    def test_logs_no_token(self, store: Store) -> None:
        key = make(store, "*")
        stranger = f"twsk_{'0' * 26}_{'a' * 32}"

        with logged() as log:
            ask({"authorization": f"Bearer {key['token']}"})
            ask({"authorization": f"Bearer {stranger}"})

        assert "staff key refused" in log.getvalue()
        assert key["token"].rpartition("_")[2] not in log.getvalue()
        assert "a" * 32 not in log.getvalue()
