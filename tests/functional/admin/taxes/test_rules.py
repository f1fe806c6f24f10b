"""The tax rules of the shop, as staff keeps them."""

import json
from typing import Any

import pytest

from commerce.kernel.transactions import commit
from commerce.taxes import queries, staff_operations
from tests.functional.admin.taxes.rules import PATH, put, rate
from tests.support.calls import counted
from tests.support.store import Store

WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"home": {"country": "XX"}}, "home.country"),
    ({"home": {"country": "US", "region": "ZZ"}}, "home"),
    ({"home": {}}, "home.country"),
    ({"rates": [rate(rate=0.1)]}, "rates.0.rate"),
    ({"rates": [rate(rate="19")]}, "rates.0.rate"),
    ({"rates": [rate(rate="-0.1")]}, "rates.0.rate"),
    ({"rates": [rate(rate="0.1234567")]}, "rates.0.rate"),
    ({"rates": [rate(rate="5.5")]}, "rates.0.rate"),
    ({"rates": [rate(rate="1.000001")]}, "rates.0.rate"),
    ({"rates": [rate(rate="1e-1")]}, "rates.0.rate"),
    ({"rates": [rate(name="")]}, "rates.0.name"),
    ({"rates": [rate(id="a b")]}, "rates.0.id"),
    ({"rates": [rate(country="UK")]}, "rates.0.country"),
    ({"rates": [rate(country="US", region="XX")]}, "rates.0"),
    ({"rates": [rate(tax_class="Books")]}, "rates.0.tax_class"),
    ({"rates": [rate(level=0)]}, "rates.0.level"),
    ({"rates": [rate(level=10)]}, "rates.0.level"),
    ({"rates": [rate(starts_on="2026-02-30")]}, "rates.0.starts_on"),
    ({"rates": [rate(starts_on=20260101)]}, "rates.0.starts_on"),
    ({"rates": [rate(starts_on="2026-02-02", ends_on="2026-02-01")]}, "rates.0"),
    ({"rates": [rate(postal_codes=[{"first": "90099", "last": "90001"}])]}, "rates.0.postal_codes.0"),
    ({"rates": [rate(postal_codes=[{"first": "9", "last": "90001"}])]}, "rates.0.postal_codes.0"),
    ({"rates": [rate(postal_codes=[{"first": "--"}])]}, "rates.0.postal_codes.0.first"),
    ({"rates": [rate(postal_codes=["9.*"])]}, "rates.0.postal_codes.0"),
    ({"rates": [rate(), rate(country="FR")]}, "body"),
    ({"rates": [rate(), rate(id="y")]}, "body"),
    ({"rates": [rate(ends_on="2026-06-30"), rate(id="y", starts_on="2026-06-30")]}, "body"),
    (
        {"rates": [rate(postal_codes=[{"first": "1"}]), rate(id="y", postal_codes=[{"first": "1", "last": "1"}])]},
        "body",
    ),
    ({"registrations": [{"country": "DE"}, {"country": "DE"}]}, "body"),
    ({"registrations": [{"country": "DE", "tax_id": "D*"}]}, "registrations.0.tax_id"),
    ({"one_stop_shop": {"country": "NO", "over_threshold": True}}, "one_stop_shop.country"),
    ({"one_stop_shop": {"country": "DE"}}, "one_stop_shop.over_threshold"),
    ({"countries": [{"country": "DE"}, {"country": "DE"}]}, "body"),
    ({"exemptions": [{"id": "x"}]}, "exemptions.0"),
    ({"exemptions": [{"id": "x", "customer_id": "c", "region": "CA"}]}, "exemptions.0"),
    ({"exemptions": [{"id": "x", "customer_id": "c"}, {"id": "x", "customer_id": "d"}]}, "body"),
    ({"shipping": "as goods"}, "shipping"),
    ({"rounding_level": "unit"}, "rounding_level"),
    ({"keeps_net": "yes"}, "keeps_net"),
    ({"stripe_tax_codes": {"books": "books"}}, "stripe_tax_codes.books"),
    ({"version": 1}, "version"),
)


class TestPutTaxRules:
    def test_answers_the_whole_rules_with_their_version(self, store: Store):
        answer = put(store)

        assert answer.status == 200
        assert answer.headers["ETag"] == '"1"'
        assert answer.body == store.get(PATH).body
        assert answer.body["version"] == 1
        assert answer.body["registrations"][0]["tax_id"] == "DE136695976", "in its normal form"
        assert [(each["id"], each["rate"]) for each in answer.body["rates"]] == [
            ("de", "0.19"),
            ("de-books", "0.07"),
            ("fr", "0.2"),
        ]
        assert (answer.body["shipping"], answer.body["keeps_net"], answer.body["warnings"]) == ("standard", True, [])

    def test_replaces_them_whole(self, store: Store):
        put(store, shipping="proportional", exemptions=[{"id": "museum", "customer_id": "cus_1"}])

        answer = put(store, one_stop_shop=None)

        assert (answer.body["one_stop_shop"], answer.body["shipping"], answer.body["exemptions"]) == (
            None,
            "standard",
            [],
        )
        assert answer.body["version"] == 2

    @pytest.mark.parametrize(("wrong", "param"), WRONG, ids=[json.dumps(wrong) for wrong, _ in WRONG])
    def test_says_what_is_wrong(self, store: Store, wrong: dict[str, Any], param: str):
        answer = put(store, **wrong)

        assert (answer.status, answer.body["errors"][0]["param"]) == (422, param)
        assert store.items("taxes") == []

    def test_takes_rates_that_follow_each_other(self, store: Store):
        rates = [rate(ends_on="2026-06-30"), rate(id="y", starts_on="2026-07-01"), rate(id="z", level=2)]

        assert put(store, rates=rates).status == 200

    def test_brings_postal_codes_into_the_form_in_which_they_are_compared(self, store: Store):
        answer = put(store, rates=[rate(country="GB", postal_codes=[{"first": "sw1a 1aa", "last": "SW1A-2AA"}])])

        assert answer.body["rates"][0]["postal_codes"] == [{"first": "SW1A1AA", "last": "SW1A2AA"}]

    def test_warns_of_what_is_probably_not_meant(self, store: Store):
        answer = put(store, registrations=[{"country": "SE"}], one_stop_shop=None)

        assert [warning["code"] for warning in answer.body["warnings"]] == [
            "home_not_registered",
            "no_rate",
            "not_registered",
            "not_registered",
        ]

    def test_holds_a_thousand_rates_and_refuses_what_every_cart_would_pay_for(self, store: Store):
        many = [
            rate(id=f"r{number}", country="US", level=1, postal_codes=[{"first": f"{number:05}"}])
            for number in range(900)
        ]
        long = [each | {"name": "County tax of a very long name"} for each in many]

        taken, refused = put(store, rates=many), put(store, rates=long)

        assert (taken.status, len(taken.body["rates"])) == (200, 900)
        assert (refused.status, refused.code) == (422, "taxes.rules_too_large")
        assert store.get(PATH).body["version"] == 1

    def test_refuses_a_stale_version(self, store: Store):
        put(store)

        fresh = put(store, headers={"If-Match": '"1"'})
        stale = put(store, headers={"If-Match": '"1"'})

        assert (fresh.status, fresh.body["version"]) == (200, 2)
        assert (stale.status, stale.code) == (412, "request.stale_version")

    def test_lets_the_last_of_two_at_the_same_moment_win(self, store: Store, monkeypatch: pytest.MonkeyPatch):
        def overtaken(writes: Any) -> None:
            monkeypatch.setattr(staff_operations, "commit", commit)
            put(store, shipping="books")
            commit(writes)

        monkeypatch.setattr(staff_operations, "commit", overtaken)

        answer = put(store)

        assert (answer.status, answer.body["version"], answer.body["shipping"]) == (200, 2, "standard")

    def test_has_its_effect_once_per_key(self, store: Store):
        headers = {"Idempotency-Key": "put-1"}

        first, second = put(store, headers=headers), put(store, headers=headers)
        other = put(store, headers=headers, shipping="books")

        assert second.body == first.body
        assert second.headers["Idempotent-Replayed"] == "true"
        assert other.code == "idempotency.key_reused"

    def test_needs_the_scope(self, store: Store):
        store.staff_scopes = "taxes:read shipping:write"

        assert (put(store).status, store.get(PATH).status) == (403, 200)


class TestGetTaxRules:
    def test_answers_none_at_first(self, store: Store):
        answer = store.get(PATH)

        assert (answer.status, answer.body["version"], answer.body["rates"]) == (200, 0, [])
        assert answer.body["home"] is None

    def test_needs_the_scope(self, store: Store):
        store.staff_scopes = "taxes:write"

        assert store.get(PATH).status == 403

    def test_reads_rules_that_a_later_version_wrote(self, store: Store):
        put(store)
        [item] = store.items("taxes")
        later = json.loads(item["rules"]["S"]) | {"surprise": 1}
        later["rates"][0]["surprise"] = 1
        item["rules"] = {"S": json.dumps(later)}
        store.dynamodb.put_item(TableName="test-taxes", Item=item)

        assert len(store.get(PATH).body["rates"]) == 3
        assert queries.parsed(json.dumps(later)).rates[0].id == "de"

    def test_reads_rules_that_an_older_version_wrote(self, store: Store):
        """Whatever is added later has a default that means what its absence meant."""
        nothing: dict[str, Any] = {"home": None, "registrations": [], "one_stop_shop": None, "rates": []}
        put(store, **nothing)
        [item] = store.items("taxes")

        assert json.loads(item["rules"]["S"]) == {}
        assert queries.parsed("{}").shipping == "standard"


class TestCalls:
    def test_are_one_to_read_and_two_to_write(self, store: Store):
        with counted(store) as written:
            put(store)
        with counted(store) as read:
            store.get(PATH)
        with counted(store) as keyed:
            put(store, headers={"Idempotency-Key": "k"})

        assert written == {"GetItem": 1, "PutItem": 1}
        assert read == {"GetItem": 1}
        assert keyed == {"GetItem": 2, "TransactWriteItems": 1}
