"""How the shop invoices, as staff say it."""

from typing import Any

import pytest

from commerce.kernel.transactions import commit
from tests.support.invoices import SELLER, set_up
from tests.support.store import Store

PATH = "/v1/admin/invoicing"
COMMIT = "commerce.invoices.staff_operations.commit"
LONG = "x" * 201
WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"seller": {**SELLER, "legal_name": ""}}, "seller.legal_name"),
    ({"seller": {**SELLER, "legal_name": LONG}}, "seller.legal_name"),
    ({"seller": {**SELLER, "country": "XX"}}, "seller.country"),
    ({"seller": {**SELLER, "tax_id": LONG}}, "seller.tax_id"),
    ({"seller": {**SELLER, "iban": "DE00"}}, "seller.iban"),
    ({"seller": None}, "seller"),
    ({"active": "yes"}, "active"),
    ({"issue_when": "shipped"}, "issue_when"),
    ({"time_zone": "Europe"}, "time_zone"),
    ({"time_zone": "Mars/Olympus"}, "time_zone"),
    ({"time_zone": "../etc/passwd"}, "time_zone"),
    ({"time_zone": "/etc/localtime"}, "time_zone"),
    ({"time_zone": ""}, "time_zone"),
    ({"invoice_numbers": "INV"}, "invoice_numbers"),
    ({"invoice_numbers": "{number}"}, "invoice_numbers"),
    ({"invoice_numbers": "I" * 61}, "invoice_numbers"),
    ({"credit_note_numbers": "CN/{number}"}, "credit_note_numbers"),
    ({"tax_currency": "ZZZ"}, "tax_currency"),
    ({"notes": ["x"] * 11}, "notes"),
    ({"notes": [LONG]}, "notes.0"),
    ({"version": 1}, "version"),
)


class TestGet:
    def test_answers_the_defaults_before_anybody_said_anything(self, store: Store) -> None:
        answer = store.get(PATH)

        assert (answer.status, answer.headers["ETag"]) == (200, '"0"')
        assert answer.body == {
            "seller": None,
            "active": True,
            "issue_when": "paid",
            "time_zone": "UTC",
            "invoice_numbers": "INV-{year}-{number:06}",
            "credit_note_numbers": "CN-{year}-{number:06}",
            "tax_currency": None,
            "notes": [],
            "version": 0,
        }

    def test_answers_what_was_said(self, store: Store) -> None:
        said = set_up(store, time_zone="Europe/Berlin", tax_currency="SEK", notes=["Thank you."], issue_when="placed")

        assert said.status == 200
        assert store.get(PATH).body == said.body
        assert said.body["seller"] == {**SELLER, "line2": None, "registration": None, "email": None, "phone": None}
        assert (said.body["time_zone"], said.body["version"]) == ("Europe/Berlin", 1)


class TestPut:
    def test_replaces_everything(self, store: Store) -> None:
        set_up(store, notes=["Thank you."], time_zone="Europe/Berlin")

        answer = set_up(store, invoice_numbers="R{number:04}")

        assert (answer.body["notes"], answer.body["time_zone"], answer.body["version"]) == ([], "UTC", 2)
        assert answer.body["invoice_numbers"] == "R{number:04}"

    @pytest.mark.parametrize(
        ("change", "param"), WRONG, ids=[f"{param}-{number}" for number, (_, param) in enumerate(WRONG)]
    )
    def test_refuses_what_cannot_be_meant(self, store: Store, change: dict[str, Any], param: str) -> None:
        answer = set_up(store, **change)

        assert answer.status == 422
        assert [fault["param"] for fault in answer.body["errors"]] == [param]
        assert store.items("invoices") == []

    def test_needs_a_seller(self, store: Store) -> None:
        assert store.put(PATH, {}).status == 422

    def test_changes_the_version_that_was_seen_and_no_other(self, store: Store) -> None:
        set_up(store)

        assert set_up(store, headers={"If-Match": '"1"'}).status == 200
        stale = set_up(store, headers={"If-Match": '"1"'})

        assert (stale.status, stale.code) == (412, "request.stale_version")
        assert store.get(PATH).body["version"] == 2

    def test_of_two_at_the_same_moment_one_is_refused(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        def late(writes: Any) -> None:
            monkeypatch.setattr(COMMIT, commit)
            assert set_up(store, notes=["First."]).status == 200
            commit(writes)

        monkeypatch.setattr(COMMIT, late)
        answer = set_up(store, notes=["Second."])

        assert (answer.status, answer.code) == (409, "request.write_conflict")
        assert store.get(PATH).body["notes"] == ["First."]

    def test_repeated_with_its_key_is_done_once(self, store: Store) -> None:
        key = {"Idempotency-Key": "k-1"}

        first, second = set_up(store, headers=key), set_up(store, headers=key)

        assert (first.body, second.headers["Idempotent-Replayed"]) == (second.body, "true")
        assert store.get(PATH).body["version"] == 1


class TestScope:
    def test_to_read_is_not_to_write(self, store: Store) -> None:
        store.staff_scopes = "invoices:read"

        assert store.get(PATH).status == 200
        assert (set_up(store).status, set_up(store).code) == (403, "request.forbidden")
