"""The promotions of the shop, as staff keep them."""

from typing import Any

import pytest

from commerce.kernel.reads import fetch
from commerce.kernel.transactions import commit
from commerce.promotions import queries, staff_operations
from commerce.promotions.codes import CartCode
from tests.functional.admin.promotions.conftest import Desk
from tests.support.calls import counted
from tests.support.promotions import amounts, items_off, order_off
from tests.support.store import Store

NAMED = [f"S{number:03}".ljust(80, "x") for number in range(100)]


def active() -> list[str]:
    """Return the ids of the promotions that carts see."""
    return [promotion.id for promotion in queries.promotions(answers=fetch(queries.shop_reads()))]


def gifts(*named: str) -> list[str]:
    """Return the SKUs that carts with codes of these promotions may get."""
    shop = queries.promotions(answers=fetch(queries.shop_reads()))
    return [*queries.gift_skus(promotions=shop, codes=[CartCode(code="CODE", promotion_id=each) for each in named])]


class TestPut:
    def test_answers_the_whole_promotion_with_its_version(self, desk: Desk):
        answer = desk.active(
            priority=3,
            starts_at="2026-11-27T00:00:00+01:00",
            conditions=[{"kind": "goods", "of": {"categories": ["mugs"]}, "quantity": 2}],
            limits={"uses": 100, "budget": amounts(USD=5000)},
        )

        assert answer.status == 200
        assert answer.headers["ETag"] == '"1"'
        everything = {"skus": [], "products": [], "categories": ["mugs"], "except_skus": [], "except_categories": []}
        times = {name: answer.body.pop(name) for name in ("created_at", "updated_at")}
        assert answer.body == {
            "id": "sale",
            "title": "Sale",
            "status": "active",
            "trigger": "automatic",
            "priority": 3,
            "stacking": "stacks",
            "group": None,
            "starts_at": "2026-11-26T23:00:00.000Z",
            "ends_at": None,
            "conditions": [{"kind": "goods", "of": everything, "quantity": 2}],
            "actions": [{"kind": "percent_off_order", "off_basis_points": 1000, "at_most": []}],
            "limits": {"uses": 100, "uses_per_customer": None, "budget": amounts(USD=5000)},
            "version": 1,
        }
        assert desk.get("/sale").body == answer.body | times

    def test_replaces_it_whole(self, desk: Desk):
        first = desk.active(priority=3, conditions=[{"kind": "first_order"}])

        second = desk.active()

        assert (second.body["priority"], second.body["conditions"], second.body["version"]) == (0, [], 2)
        assert second.body["created_at"] == first.body["created_at"]

    def test_shows_carts_those_that_are_active_alone_by_priority(self, desk: Desk):
        desk.put("draft")
        desk.active("b")
        desk.active("a", priority=-1)
        desk.active("c", priority=5, trigger="code")
        desk.active("gone")
        desk.active("off")

        desk.put("off", status="archived")
        desk.delete("gone")

        assert active() == ["c", "b", "a"]

    def test_says_what_is_wrong(self, store: Store, desk: Desk):
        answers = [
            desk.put(actions=[]),
            desk.put(actions=[items_off(1000, of={"skus": ["a b"]})]),
            desk.put(actions=[{"kind": "nothing"}]),
            desk.put(starts_at=7),
            desk.put(stacking="best_of_group"),
            desk.put(version=1),
        ]

        assert [(answer.status, answer.body["errors"][0]["param"]) for answer in answers] == [
            (422, "actions"),
            (422, "actions.0.percent_off_items.of.skus.0"),
            (422, "actions.0"),
            (422, "starts_at"),
            (422, "body"),
            (422, "version"),
        ]
        assert store.items("promotions") == []

    def test_refuses_one_that_is_too_large(self, desk: Desk):
        of = {"skus": NAMED, "except_skus": [name.lower() for name in NAMED]}

        answer = desk.put(actions=[items_off(number, of=of) for number in range(1, 4)])

        assert (answer.status, answer.code) == (422, "promotions.too_large")

    def test_holds_a_hundred_active_ones_and_any_number_of_others(self, desk: Desk):
        for number in range(100):
            assert desk.active(f"p{number}").status == 200

        refused = desk.active("one-more")
        assert (refused.status, refused.code) == (409, "promotions.too_many_active")
        assert desk.put("one-more").status == 200
        assert desk.active("p7", priority=1).status == 200
        assert desk.get("/one-more").body["status"] == "draft"

    def test_holds_as_much_as_carts_can_read(self, desk: Desk):
        answers = [desk.active(f"p{number}", actions=[items_off(1000, of={"skus": NAMED})] * 2) for number in range(7)]

        assert [answer.status for answer in answers] == [200] * 5 + [409] * 2
        assert answers[-1].code == "promotions.too_large_together"

    def test_holds_four_automatic_ones_with_limits_and_any_number_by_code(self, desk: Desk):
        for number in range(4):
            assert desk.active(f"a{number}", limits={"uses_per_customer": 1}).status == 200
        for number in range(5):
            assert desk.active(f"c{number}", trigger="code", limits={"uses": 1}).status == 200

        refused = desk.active("a4", limits={"budget": amounts(USD=1)})

        assert (refused.status, refused.code) == (409, "promotions.too_many_limited")

    def test_gives_ten_skus_by_itself_and_any_number_by_code(self, desk: Desk):
        given = [[{"kind": "gift", "sku": f"PIN-{number}"}] for number in range(12)]
        for number in range(10):
            assert desk.active(f"a{number}", actions=given[number]).status == 200
        assert desk.active("c", trigger="code", actions=given[10]).status == 200
        assert desk.active("again", actions=given[3]).status == 200

        refused = desk.active("one-more", actions=given[11])

        assert (refused.status, refused.code) == (409, "promotions.too_many_gifts")
        assert gifts() == [f"PIN-{number}" for number in range(10)]
        assert gifts("c") == sorted(f"PIN-{number}" for number in range(11))

    def test_refuses_a_stale_version(self, desk: Desk):
        desk.put()

        fresh = desk.put(headers={"If-Match": '"1"'})
        stale = desk.put(headers={"If-Match": '"1"'})
        missing = desk.put("other", headers={"If-Match": '"1"'})

        assert (fresh.status, fresh.body["version"]) == (200, 2)
        assert [(each.status, each.code) for each in (stale, missing)] == [(412, "request.stale_version")] * 2

    def test_keeps_both_of_two_changes_at_the_same_moment(self, desk: Desk, monkeypatch: pytest.MonkeyPatch):
        def overtaken(writes: Any) -> None:
            monkeypatch.setattr(staff_operations, "commit", commit)
            desk.active("b")
            commit(writes)

        monkeypatch.setattr(staff_operations, "commit", overtaken)

        assert desk.active("a").status == 200
        assert active() == ["a", "b"]

    def test_has_its_effect_once_per_key(self, desk: Desk):
        headers = {"Idempotency-Key": "put-1"}

        first = desk.active(headers=headers, limits={"uses": 7})
        second = desk.active(headers=headers, limits={"uses": 7})
        other = desk.active(headers=headers)

        assert second.body == first.body
        assert second.headers["Idempotent-Replayed"] == "true"
        assert other.code == "idempotency.key_reused"
        assert desk.get("/sale/usage").body["uses"]["limit"] == 7

    def test_is_announced(self, store: Store, desk: Desk):
        desk.active()
        desk.delete()
        desk.put()

        rows = sorted(store.items("outbox"), key=lambda row: row["sk"]["S"])
        assert [(row["pk"]["S"], row["type"]["S"]) for row in rows] == [
            ("promotion#sale", "promotions.promotion_put"),
            ("promotion#sale", "promotions.promotion_deleted"),
            ("promotion#sale", "promotions.promotion_put"),
        ]

    def test_needs_the_scope(self, store: Store, desk: Desk):
        desk.put()
        store.staff_scopes = "promotions:read catalog:write"

        answers = [desk.put(), desk.delete(), desk.make(code="SUMMER")]

        assert [(answer.status, answer.code) for answer in answers] == [(403, "request.forbidden")] * 3
        assert desk.get("/sale").status == 200


class TestLimits:
    def test_grow_and_shrink_with_what_was_used_still_used(self, desk: Desk):
        desk.active(limits={"uses": 10, "budget": amounts(USD=1000)})
        desk.active(limits={"uses": 3, "budget": amounts(USD=1500, JPY=7)})

        assert desk.get("/sale/usage").body == {
            "promotion_id": "sale",
            "uses": {"limit": 3, "used": 0, "left": 3},
            "budget": [
                {"limit": {"amount": amount, "currency": currency}, "used": {"amount": 0, "currency": currency},
                 "left": {"amount": amount, "currency": currency}}
                for amount, currency in ((1500, "USD"), (7, "JPY"))
            ],
            "batches": [],
        }  # fmt: skip

    def test_that_are_taken_away_come_back_as_they_were_left(self, desk: Desk):
        desk.active(limits={"uses": 10})
        desk.active()
        assert desk.get("/sale/usage").body["uses"] is None

        desk.active(limits={"uses": 4})

        assert desk.get("/sale/usage").body["uses"] == {"limit": 4, "used": 0, "left": 4}


class TestGet:
    def test_does_not_find_what_is_not_there(self, desk: Desk):
        desk.put("gone")
        desk.delete("gone")

        answers = [desk.get("/none"), desk.get("/gone"), desk.get("/gone/usage"), desk.get("/gone/codes")]
        answers += [desk.delete("gone"), desk.make("gone", code="SUMMER")]

        assert {(answer.status, answer.code) for answer in answers} == {(404, "promotions.not_found")}

    def test_needs_the_scope(self, store: Store, desk: Desk):
        desk.put()
        store.staff_scopes = "promotions:write"

        assert [desk.get(path).status for path in ("", "/sale", "/sale/codes", "/sale/usage")] == [403] * 4


class TestList:
    def test_goes_by_id_page_by_page(self, desk: Desk):
        for name in "cadb":
            desk.put(name, status="active" if name in "ab" else "draft")

        first = desk.get("?limit=3").body
        second = desk.get(f"?limit=3&cursor={first['next_cursor']}").body

        assert [item["id"] for item in first["items"] + second["items"]] == ["a", "b", "c", "d"]
        assert second["next_cursor"] is None

    def test_of_one_status(self, desk: Desk):
        for name in "abcd":
            desk.put(name, status="active" if name in "abc" else "archived")

        first = desk.get("?status=active&limit=2").body
        second = desk.get(f"?status=active&limit=2&cursor={first['next_cursor']}").body

        assert [item["id"] for item in first["items"] + second["items"]] == ["a", "b", "c"]
        assert desk.get(f"?limit=2&cursor={first['next_cursor']}").code == "request.bad_cursor"
        assert [item["id"] for item in desk.get("?status=archived").body["items"]] == ["d"]

    def test_holds_nothing_that_was_deleted(self, desk: Desk):
        desk.put("a")
        desk.put("b")

        desk.delete("a")

        assert [item["id"] for item in desk.get().body["items"]] == ["b"]
        assert [item["id"] for item in desk.get("?status=draft").body["items"]] == ["b"]


class TestDelete:
    def test_answers_the_version_that_it_goes_on_from(self, desk: Desk):
        desk.active()

        answer = desk.delete()

        assert (answer.status, answer.body) == (200, {"id": "sale", "version": 2})
        assert desk.put().body["version"] == 3

    def test_refuses_a_stale_version(self, desk: Desk):
        desk.put()
        desk.put()

        assert desk.delete(headers={"If-Match": '"1"'}).status == 412
        assert desk.delete(headers={"If-Match": '"2"'}).status == 200

    def test_has_its_effect_once_per_key(self, desk: Desk):
        desk.active()
        headers = {"Idempotency-Key": "delete-1"}

        first = desk.delete(headers=headers)
        desk.active()
        second = desk.delete(headers=headers)

        assert (first.status, second.status) == (200, 200)
        assert second.headers["Idempotent-Replayed"] == "true"
        assert active() == ["sale"]

    def test_that_comes_back_has_its_codes_and_uses_again(self, desk: Desk):
        desk.active(trigger="code", limits={"uses": 5})
        desk.make(code="SUMMER")

        desk.delete()
        desk.active(trigger="code", limits={"uses": 6})

        assert [code["code"] for code in desk.codes()] == ["SUMMER"]
        assert desk.get("/sale/usage").body["uses"]["limit"] == 6


class TestCalls:
    def test_are_few(self, store: Store, desk: Desk):
        with counted(store) as added:
            desk.active(limits={"uses": 100})
        with counted(store) as changed:
            desk.active(limits={"uses": 200}, headers={"Idempotency-Key": "k"})
        with counted(store) as draft:
            desk.put("draft")
        with counted(store) as read:
            desk.get("/sale/usage")

        assert added == {"GetItem": 1, "BatchGetItem": 2, "TransactWriteItems": 1}
        assert changed == {"GetItem": 2, "BatchGetItem": 2, "TransactWriteItems": 1}
        assert draft == {"BatchGetItem": 1, "TransactWriteItems": 1}
        assert read == {"BatchGetItem": 1, "Query": 1}


class TestOrderOff:
    def test_is_stored_small(self, store: Store, desk: Desk):
        desk.active(actions=[order_off(1000)])

        [row] = [row for row in store.items("promotions") if row["pk"]["S"] == "active"]
        assert len(row["promotions"]["S"]) < 200


class TestOneThatNewerCodePut:
    def test_does_not_apply_and_stands_in_nobodys_way(self, store: Store, desk: Desk):
        desk.active("a")
        desk.active("b")
        [row] = [row for row in store.items("promotions") if row["pk"]["S"] == "active"]
        newer = row["promotions"]["S"].replace("percent_off_order", "discount_of_tomorrow", 1)
        store.dynamodb.put_item(TableName="test-promotions", Item=row | {"promotions": {"S": newer}})

        assert active() == ["b"]
        desk.active("c")
        desk.put("b")
        assert active() == ["c"]
        assert "discount_of_tomorrow" in str(store.items("promotions"))
