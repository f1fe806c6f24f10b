"""Codes made by staff: one that people remember, or a batch that nobody guesses."""

from typing import Any

import pytest

from commerce.promotions import staff_codes
from tests.functional.admin.promotions.conftest import Desk
from tests.support.calls import counted
from tests.support.store import Store


@pytest.fixture(autouse=True)
def by_code(desk: Desk) -> None:
    desk.active(trigger="code")


class TestOneCode:
    def test_is_answered_and_listed_as_it_was_written(self, desk: Desk):
        answer = desk.make(code=" Summer-25 ", ends_at="2026-12-01T00:00:00Z")

        assert answer.status == 201
        expected = {
            "code": "Summer-25",
            "batch": None,
            "uses_at_most": None,
            "uses_left": None,
            "used_by": None,
            "ends_at": "2026-12-01T00:00:00.000Z",
        }
        assert answer.body["batch"] is None
        assert {name: answer.body["code"][name] for name in expected} == expected
        assert desk.codes() == [answer.body["code"]]

    def test_may_have_uses_of_its_own(self, desk: Desk):
        several, once = desk.make(code="SEVERAL", uses_at_most=50), desk.make(code="ONCE", uses_at_most=1)

        assert [each.body["code"]["uses_left"] for each in (several, once)] == [50, 1]

    @pytest.mark.parametrize("twin", ["SUMMER25", "summer 25", "Sum.mer_25"])
    def test_is_taken_however_it_is_written(self, desk: Desk, twin: str):
        desk.active("other", trigger="code")
        desk.make(code="Summer-25")

        answers = [desk.make(code=twin), desk.make("other", code=twin)]

        assert [(answer.status, answer.code) for answer in answers] == [(409, "promotions.code_taken")] * 2
        assert answers[1].body["detail"] == "This code is one of the promotion 'sale'."

    @pytest.mark.parametrize("ending", ["archived", "deleted"])
    def test_of_a_promotion_that_is_over_can_be_had_again(self, desk: Desk, ending: str):
        desk.active("new", trigger="code")
        desk.make(code="SUMMER")
        desk.delete() if ending == "deleted" else desk.put(status="archived")

        answer = desk.make("new", code="Summer")

        assert answer.status == 201
        assert [code["code"] for code in desk.codes(promotion_id="new")] == ["Summer"]

    def test_that_counts_its_uses_and_was_used_cannot(self, store: Store, desk: Desk):
        desk.active("new", trigger="code")
        desk.make(code="USED", uses_at_most=1)
        desk.make(code="FRESH", uses_at_most=1)
        store.dynamodb.update_item(
            TableName="test-promotions",
            Key={"pk": {"S": "code#USED"}, "sk": {"S": "code"}},
            UpdateExpression="SET used_by = :o",
            ExpressionAttributeValues={":o": {"S": "ord_1"}},
        )
        desk.put(status="archived")

        assert desk.make("new", code="USED").code == "promotions.code_taken"
        assert desk.make("new", code="FRESH", uses_at_most=2).status == 201

    def test_is_made_once_per_key(self, desk: Desk):
        headers = {"Idempotency-Key": "make-1"}

        first = desk.make(code="SUMMER", headers=headers)
        second = desk.make(code="SUMMER", headers=headers)

        assert (first.status, second.status) == (201, 201)
        assert second.body == first.body
        assert second.headers["Idempotent-Replayed"] == "true"

    def test_says_what_is_wrong(self, desk: Desk):
        wrong: list[dict[str, Any]] = [
            {},
            {"code": "ÄÖÜ"},
            {"code": "X", "uses_at_most": 0},
            {"batch": "mail", "quantity": 10_001},
            {"code": "SUMMER", "length": 8},
        ]

        assert [desk.make(**body).status for body in wrong] == [422] * 5
        assert desk.codes() == []


class TestBatch:
    def test_is_made_whole_when_it_is_small(self, desk: Desk):
        answer = desk.make(batch="mail", quantity=20, prefix="VIP", ends_at="2026-12-01T00:00:00Z")

        assert answer.body == {"code": None, "batch": {"name": "mail", "quantity": 20, "made": 20}}
        codes = desk.codes()
        assert len({code["code"] for code in codes}) == 20
        assert all(code["code"].startswith("VIP-") and len(code["code"]) == 18 for code in codes)
        assert {(code["batch"], code["uses_at_most"], code["uses_left"]) for code in codes} == {("mail", 1, 1)}
        assert desk.get("/sale/usage").body["batches"] == [{"name": "mail", "quantity": 20, "made": 20}]

    def test_goes_on_until_it_is_complete_and_no_further(self, desk: Desk, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(staff_codes, "MOST_AT_ONCE", 10)

        answers = [desk.make(batch="mail", quantity=25) for _ in range(5)]

        assert [answer.body["batch"]["made"] for answer in answers] == [10, 20, 25, 25, 25]
        assert len(desk.codes()) == 25

    def test_goes_on_under_the_same_key(self, desk: Desk, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(staff_codes, "MOST_AT_ONCE", 10)

        answers = [desk.make(batch="mail", quantity=25, headers={"Idempotency-Key": "k"}) for _ in range(4)]

        assert [answer.body["batch"]["made"] for answer in answers] == [10, 20, 25, 25]
        assert len(desk.codes()) == 25

    def test_grows_to_a_larger_quantity_and_never_shrinks(self, desk: Desk):
        made = [desk.make(batch="mail", quantity=quantity).body["batch"] for quantity in (5, 8, 3)]

        assert [(batch["quantity"], batch["made"]) for batch in made] == [(5, 5), (8, 8), (8, 8)]

    def test_refuses_other_settings(self, desk: Desk):
        desk.make(batch="mail", quantity=5, ends_at="2026-12-01T00:00:00.123456Z")

        same = desk.make(batch="mail", quantity=6, ends_at="2026-12-01T00:00:00.123456Z")
        others = [
            desk.make(batch="mail", quantity=5),
            desk.make(batch="mail", quantity=5, ends_at="2026-12-01T00:00:00.123456Z", prefix="X"),
            desk.make(batch="mail", quantity=5, ends_at="2026-12-01T00:00:00.123456Z", uses_at_most=2),
        ]

        assert same.status == 201
        assert {(answer.status, answer.code) for answer in others} == {(409, "promotions.batch_differs")}
        assert len(desk.codes()) == 6

    def test_draws_again_what_was_drawn_before(self, desk: Desk, monkeypatch: pytest.MonkeyPatch):
        desk.make(code="TAKEN")
        found = iter(["TAKEN", "FRESH-1", "FRESH-2", "FRESH-3"])
        monkeypatch.setattr(staff_codes, "drawn", lambda _: next(found))

        assert desk.make(batch="mail", quantity=2).body["batch"]["made"] == 2
        assert [code["code"] for code in desk.codes("batch=mail")] == ["FRESH-2", "FRESH-3"]

    def test_takes_a_transaction_for_ninety_codes(self, store: Store, desk: Desk, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(staff_codes, "MOST_AT_ONCE", 181)

        with counted(store) as made:
            desk.make(batch="mail", quantity=10_000)

        assert made == {"GetItem": 2, "TransactWriteItems": 3}
        assert desk.get("/sale/usage").body["batches"] == [{"name": "mail", "quantity": 10_000, "made": 181}]


class TestList:
    def test_has_single_codes_first_then_batch_by_batch(self, desk: Desk):
        desk.make(batch="mail", quantity=3)
        desk.make(batch="Insta", quantity=2)
        desk.make(code="ZEBRA")
        desk.make(code="APPLE")

        codes = desk.codes("limit=2")

        assert [(code["batch"], code["code"]) for code in codes[:2]] == [(None, "APPLE"), (None, "ZEBRA")]
        assert [code["batch"] for code in codes[2:]] == ["Insta"] * 2 + ["mail"] * 3
        assert len({code["code"] for code in codes}) == 7

    def test_can_be_of_one_batch(self, desk: Desk):
        for batch in ("mail", "mail-2", "mai"):
            desk.make(batch=batch, quantity=3)

        assert [code["batch"] for code in desk.codes("batch=mail&limit=2")] == ["mail"] * 3

    def test_is_of_one_promotion_and_its_cursor_too(self, desk: Desk):
        desk.active("other", trigger="code")
        desk.make(batch="mail", quantity=2)
        desk.make("other", batch="mail", quantity=2)

        cursor = desk.get("/sale/codes?limit=1").body["next_cursor"]

        assert len(desk.codes()) == 2
        assert desk.get(f"/other/codes?limit=1&cursor={cursor}").code == "request.bad_cursor"
        assert desk.get(f"/sale/codes?limit=1&batch=mail&cursor={cursor}").code == "request.bad_cursor"
