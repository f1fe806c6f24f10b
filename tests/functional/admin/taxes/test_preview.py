"""Sales that staff try."""

from typing import Any

import pytest

from tests.functional.admin.taxes.rules import FRENCH_ID, GERMAN_ID, PATH, put
from tests.support.calls import counted
from tests.support.store import Answer, Store, running_store


def item(amount: float = 1190, **fields: Any) -> dict[str, Any]:
    return {"key": "MUG", "amount": amount, **fields}


def preview(store: Store, *items: dict[str, Any], country: str | None = "FR", **fields: Any) -> Answer:
    address = {"country": country} if country is not None else None
    body = {"currency": "EUR", "items": list(items) or [item()], "address": address, **fields}
    return store.post(f"{PATH}/preview", body)


def eur(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


class TestPreviewTaxes:
    def test_answers_each_line_with_its_rule_and_the_reason(self, store: Store):
        put(store)

        answer = preview(store, item(), {"key": "shipping", "amount": 595, "is_shipping": True})

        assert answer.status == 200
        mug, shipping = answer.body["lines"]
        assert mug == {
            "key": "MUG",
            "is_shipping": False,
            "amount": eur(1190),
            "charged": eur(1200),
            "net": eur(1000),
            "tax": eur(200),
            "gross": eur(1200),
            "parts": [{"name": "TVA", "rate": "0.2", "tax": eur(200), "net": None}],
            "country": "FR",
            "rule": "fr",
            "reason": "rate",
        }
        assert (shipping["charged"], shipping["is_shipping"]) == (eur(600), True)
        assert {name: answer.body[name] for name in ("net", "tax", "gross")} == {
            "net": eur(1500),
            "tax": eur(300),
            "gross": eur(1800),
        }
        assert (answer.body["provider"], answer.body["is_certain"], answer.body["tax_id"]) == ("rules", True, None)

    @pytest.mark.parametrize(
        ("country", "fields", "reason", "tax"),
        [
            ("DE", {}, "rate", 190),
            ("DE", {"tax_id": FRENCH_ID}, "rate", 190),
            ("FR", {"tax_id": FRENCH_ID}, "reverse_charge", 0),
            ("FR", {"tax_id": "FR61954506078"}, "rate", 200),
            ("FR", {"tax_id": GERMAN_ID}, "rate", 200),
            ("FR", {"customer_id": "cus_1"}, "exempt", 0),
            ("US", {}, "export", 0),
            (None, {}, "unknown_destination", 190),
        ],
    )
    def test_says_why(self, store: Store, country: str | None, fields: dict[str, Any], reason: str, tax: int):
        put(store, exemptions=[{"id": "museum", "customer_id": "cus_1", "country": "FR"}])

        [line] = preview(store, country=country, **fields).body["lines"]

        assert (line["reason"], line["tax"]) == (reason, eur(tax))

    def test_tells_what_is_known_of_the_buyers_tax_id(self, store: Store):
        answer = preview(store, tax_id="fr 61 954 506 077")

        assert (answer.body["tax_id"]["tax_id"], answer.body["tax_id"]["valid"]) == (FRENCH_ID, True)
        assert answer.body["tax_id"]["checked"] == "offline"

    def test_charges_nothing_in_a_shop_without_rules(self, store: Store):
        answer = preview(store)

        assert (answer.body["tax"], answer.body["gross"]) == (eur(0), eur(1190))
        assert answer.body["lines"][0]["reason"] == "not_registered"

    def test_looks_at_another_day(self, store: Store):
        rates = [
            {"id": "old", "name": "MwSt.", "rate": "0.16", "country": "DE", "ends_on": "2026-12-31"},
            {"id": "new", "name": "MwSt.", "rate": "0.19", "country": "DE", "starts_on": "2027-01-01"},
        ]
        put(store, rates=rates)

        days = [preview(store, country="DE", on=day).body["lines"][0]["rule"] for day in ("2026-12-31", "2027-01-01")]

        assert days == ["old", "new"]

    def test_finds_regions_by_their_names(self, store: Store):
        rate = {"id": "ca", "name": "California", "rate": "0.0725", "country": "US", "region": "CA"}
        put(
            store,
            rates=[rate],
            registrations=[{"country": "US", "region": "CA"}],
            home={"country": "US", "region": "CA"},
        )

        def tax(region: str) -> int:
            address = {"country": "US", "region": region}
            return int(preview(store, item(10000), address=address).body["tax"]["amount"])

        assert [tax(region) for region in ("CA", "us-ca", "california", " California ", "NY", "Atlantis")] == [
            676,
            676,
            676,
            676,
            0,
            0,
        ]

    def test_adds_tax_to_prices_without_tax(self):
        with running_store(PRICES_INCLUDE_TAX="false") as store:
            put(store)

            answer = preview(store, item(1000))

        [line] = answer.body["lines"]
        assert (line["charged"], line["tax"], line["gross"]) == (eur(1000), eur(200), eur(1200))
        assert answer.body["prices_include_tax"] is False

    @pytest.mark.parametrize(("mode", "tax"), [("half_up", 3), ("half_even", 2), ("up", 3), ("down", 2)])
    def test_rounds_as_the_shop_does(self, mode: str, tax: int):
        with running_store(PRICES_INCLUDE_TAX="false", ROUNDING_MODE=mode) as store:
            put(store, rates=[{"id": "de", "name": "MwSt.", "rate": "0.25", "country": "DE"}])

            assert preview(store, item(10), country="DE").body["tax"] == eur(tax)

    @pytest.mark.parametrize(
        ("body", "param"),
        [
            ({"items": []}, "items"),
            ({"items": [item(-1)]}, "items.0.amount"),
            ({"items": [item(1.5)]}, "items.0.amount"),
            ({"items": [item(), item()]}, "body"),
            ({"items": [item(priced_for="EU")]}, "items.0.priced_for"),
            ({"currency": "XYZ"}, "currency"),
            ({"address": {"country": "UK"}}, "address.country"),
            ({"on": "yesterday"}, "on"),
            ({"tax_id": ""}, "tax_id"),
            ({"tax_id": "D" * 41}, "tax_id"),
        ],
    )
    def test_says_what_is_wrong(self, store: Store, body: dict[str, Any], param: str):
        answer = store.post(f"{PATH}/preview", {"currency": "EUR", "items": [item()], **body})

        assert (answer.status, answer.body["errors"][0]["param"]) == (422, param)

    def test_stores_nothing_and_reads_once(self, store: Store):
        with counted(store) as calls:
            preview(store, tax_id=FRENCH_ID)

        assert calls == {"BatchGetItem": 1}
        assert store.items("taxes") == []

    def test_needs_the_scope(self, store: Store):
        store.staff_scopes = "taxes:write"

        assert preview(store).status == 403
