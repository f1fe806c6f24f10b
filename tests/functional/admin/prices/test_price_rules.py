"""The price rules of the shop, as staff keeps them."""

from typing import Any

from tests.support.calls import counted
from tests.support.pricing import LISTS, RULES, a_rule, later, put_list
from tests.support.store import Answer, Store

WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"id": "a b"}, "items.0.id"),
    ({"fact": "weather"}, "items.0.fact"),
    ({"fact": "demand"}, "items.0"),
    ({"days": 7}, "items.0"),
    ({"fact": "demand", "days": 91}, "items.0.days"),
    ({"bands": []}, "items.0.bands"),
    ({"bands": [{"at_least": 0, "change_basis_points": -10_000}]}, "items.0.bands.0.change_basis_points"),
    ({"bands": [{"at_least": 0, "change_basis_points": 1}] * 2}, "items.0"),
    ({"floor": {}}, "items.0.floor"),
    ({"floor": {"amount": 1, "basis_points": 1}}, "items.0.floor"),
    ({"ceiling": {"amount": -1}}, "items.0.ceiling.amount"),
    ({"step": 0}, "items.0.step"),
    ({"least_margin_basis_points": 10_000}, "items.0.least_margin_basis_points"),
    ({"skus": ["x"] * 201}, "items.0.skus"),
    ({"categories": ["tees", "tees"]}, "items.0.categories"),
    ({"since": "2026-01-01T00:00:00Z"}, "items.0.since"),
)


def put_rules(store: Store, *rules: dict[str, Any], headers: dict[str, str] | None = None) -> Answer:
    return store.put(RULES, {"items": list(rules)}, headers=headers or {})


class TestPutPriceRules:
    def test_answers_all_rules_in_the_order_in_which_they_are_tried(self, store: Store) -> None:
        answer = put_rules(store, a_rule("b"), a_rule("a"), a_rule("first", priority=5))

        assert answer.status == 200
        assert [rule["id"] for rule in answer.body["items"]] == ["first", "a", "b"]
        assert answer.body["items"][1] == {
            "id": "a",
            "title": "Scarce",
            "currency": "USD",
            "fact": "stock",
            "days": None,
            "bands": [{"at_least": 0, "change_basis_points": 1000}, {"at_least": 5, "change_basis_points": 0}],
            "floor": {"basis_points": 8000, "amount": None},
            "ceiling": {"basis_points": 15_000, "amount": None},
            "step": 1,
            "least_margin_basis_points": None,
            "categories": None,
            "skus": None,
            "priority": 0,
            "active": True,
            "since": answer.body["items"][1]["since"],
        }
        assert (answer.body["version"], answer.headers["ETag"]) == (1, '"1"')
        assert store.get(RULES).body == answer.body

    def test_sorts_the_bands(self, store: Store) -> None:
        bands = [{"at_least": 9, "change_basis_points": 1}, {"at_least": 2, "change_basis_points": 2}]

        [rule] = put_rules(store, a_rule(bands=bands)).body["items"]

        assert [band["at_least"] for band in rule["bands"]] == [2, 9]

    def test_replaces_all(self, store: Store) -> None:
        put_rules(store, a_rule("a"), a_rule("b"))

        assert [rule["id"] for rule in put_rules(store, a_rule("c")).body["items"]] == ["c"]
        assert put_rules(store).body["items"] == []

    def test_keeps_since_when_a_rule_is_what_it_is(self, store: Store) -> None:
        [first] = put_rules(store, a_rule()).body["items"]
        later(store, days=1)
        [same] = put_rules(store, a_rule(title="Renamed")).body["items"]
        [changed] = put_rules(store, a_rule(step=5)).body["items"]

        assert same["since"] == first["since"] < changed["since"]

    def test_says_what_is_wrong(self, store: Store) -> None:
        answers = [put_rules(store, a_rule(**wrong)) for wrong, _ in WRONG]

        assert [(answer.status, answer.body["errors"][0]["param"]) for answer in answers] == [
            (422, param) for _, param in WRONG
        ]
        assert put_rules(store, a_rule(), a_rule()).status == 422
        assert put_rules(store, *(a_rule(f"rule-{number}") for number in range(51))).status == 422
        assert store.items("prices") == []

    def test_shares_its_version_with_the_lists(self, store: Store) -> None:
        put_list(store)

        stale = put_rules(store, a_rule(), headers={"If-Match": '"0"'})
        fresh = put_rules(store, a_rule(), headers={"If-Match": '"1"'})

        assert (stale.status, fresh.status, fresh.body["version"]) == (412, 200, 2)
        assert store.get(LISTS).body["version"] == 2
        assert len(store.get(LISTS).body["items"]) == 1

    def test_has_its_effect_once_per_key(self, store: Store) -> None:
        headers = {"Idempotency-Key": "rules-1"}

        first, second = put_rules(store, a_rule(), headers=headers), put_rules(store, a_rule(), headers=headers)

        assert second.body == first.body
        assert second.headers["Idempotent-Replayed"] == "true"

    def test_needs_the_scope(self, store: Store) -> None:
        store.staff_scopes = "prices:read"

        assert put_rules(store, a_rule()).status == 403
        assert store.get(RULES).body == {"items": [], "next_cursor": None, "version": 0}

    def test_takes_two_calls(self, store: Store) -> None:
        with counted(store) as calls:
            put_rules(store, a_rule())

        assert calls == {"GetItem": 1, "TransactWriteItems": 1}
