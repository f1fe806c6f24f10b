"""Stripe Tax: calculations and what is recorded of them."""

from collections.abc import Mapping
from typing import Any

import pytest
import stripe

from tests.unit.local_stripe.shop import DAY, Shop

CALCULATION = """id object amount_total currency customer customer_details expires_at line_items livemode
    ship_from_details shipping_cost tax_amount_exclusive tax_amount_inclusive tax_breakdown tax_date"""
LINE = """id object amount amount_tax livemode metadata performance_location product quantity reference tax_behavior
    tax_breakdown tax_code"""
PART = "amount jurisdiction sourcing tax_rate_details taxability_reason taxable_amount"
TRANSACTION = """id object created currency customer customer_details line_items livemode metadata posted_at reference
    reversal ship_from_details shipping_cost tax_date type"""
TRANSACTION_LINE = """id object amount amount_tax livemode metadata product quantity reference reversal tax_behavior
    tax_code type"""

SEATTLE = {"line1": "920 5th Ave", "city": "Seattle", "state": "WA", "postal_code": "98104", "country": "US"}


def missing(answer: Mapping[str, Any], fields: str) -> set[str]:
    return set(fields.split()) - set(answer)


def calculated(shop: Shop, *lines: dict[str, Any], address: dict[str, str] | None = None, **fields: Any) -> Any:
    params: Any = {
        "currency": "usd",
        "line_items": list(lines) or [{"amount": 1000, "reference": "L1"}],
        "customer_details": {"address": address or SEATTLE, "address_source": "shipping", **fields.pop("customer", {})},
        "expand": ["line_items.data.tax_breakdown", "shipping_cost.tax_breakdown"],
        **fields,
    }
    return shop.api.tax.calculations.create(params).to_dict()


class TestCalculation:
    def test_has_every_field(self, shop: Shop) -> None:
        found = calculated(shop, shipping_cost={"amount": 300})

        assert missing(found, CALCULATION) == set()
        assert missing(found["line_items"]["data"][0], LINE) == set()
        assert missing(found["line_items"]["data"][0]["tax_breakdown"][0], PART) == set()
        assert missing(found["shipping_cost"], "amount amount_tax tax_behavior tax_breakdown tax_code") == set()

    def test_is_stripes_own_example(self, shop: Shop) -> None:
        """https://docs.stripe.com/tax/custom: $10.00 to Seattle bear $1.03, 10.25 %."""
        found = calculated(shop)

        line = found["line_items"]["data"][0]
        assert (found["amount_total"], found["tax_amount_exclusive"], line["amount_tax"]) == (1103, 103, 103)
        assert sum(part["amount"] for part in line["tax_breakdown"]) == 103
        assert {part["jurisdiction"]["display_name"] for part in line["tax_breakdown"]} == {"Washington", "KING"}

    def test_takes_the_tax_out_of_prices_that_include_it(self, shop: Shop) -> None:
        found = calculated(
            shop,
            {"amount": 1190, "reference": "L1", "tax_behavior": "inclusive"},
            address={"country": "DE"},
            currency="eur",
        )

        assert (found["amount_total"], found["tax_amount_inclusive"], found["tax_amount_exclusive"]) == (1190, 190, 0)

    @pytest.mark.parametrize(
        ("address", "fields", "reason"),
        [
            ({"country": "NO"}, {}, "not_collecting"),
            ({"country": "DE"}, {"tax_ids": [{"type": "eu_vat", "value": "DE136695976"}]}, "reverse_charge"),
            ({"country": "DE"}, {"taxability_override": "customer_exempt"}, "customer_exempt"),
        ],
    )
    def test_says_why_there_is_none(
        self, shop: Shop, address: dict[str, str], fields: dict[str, Any], reason: str
    ) -> None:
        found = calculated(shop, address=address, customer=fields)

        line = found["line_items"]["data"][0]
        assert (line["amount_tax"], line["tax_breakdown"][0]["taxability_reason"]) == (0, reason)

    def test_shows_breakdowns_only_when_asked(self, shop: Shop) -> None:
        found = calculated(shop, expand=[], shipping_cost={"amount": 300})

        assert found["line_items"]["data"][0]["tax_breakdown"] is None
        assert found["shipping_cost"]["tax_breakdown"] is None

    def test_can_be_read_again(self, shop: Shop) -> None:
        made = calculated(shop)

        read = shop.api.tax.calculations.retrieve(made["id"])
        lines = shop.api.tax.calculations.line_items.list(made["id"])

        assert read.amount_total == 1103
        assert [line.reference for line in lines.data] == ["L1"]

    def test_is_refused_where_nobody_can_tell_the_place(self, shop: Shop) -> None:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            calculated(shop, address={"country": "US"})

        assert refused.value.code == "customer_tax_location_invalid"

    @pytest.mark.parametrize(
        "params",
        [
            {"line_items": [{"amount": 1, "reference": "A"}, {"amount": 2, "reference": "A"}]},
            {"line_items": [{"reference": "A"}]},
            {"currency": "xyz"},
            {"customer": "cus_1"},
            {"expand": ["customer"]},
        ],
    )
    def test_refuses_what_stripe_refuses(self, shop: Shop, params: dict[str, Any]) -> None:
        valid: Any = {
            "currency": "usd",
            "line_items": [{"amount": 1}],
            "customer_details": {"address": {"country": "DE"}, "address_source": "shipping"},
        }
        assert shop.api.tax.calculations.create(valid).amount_total == 1

        with pytest.raises(stripe.InvalidRequestError):
            shop.api.tax.calculations.create(valid | params)

    def test_knows_the_rates_that_a_test_sets(self, shop: Shop) -> None:
        shop.control("tax", rates={"NO": [["country", "Norway", "25"]]})

        assert calculated(shop, address={"country": "NO"})["tax_amount_exclusive"] == 250
        assert calculated(shop)["tax_amount_exclusive"] == 0


class TestTransaction:
    def test_has_every_field(self, shop: Shop) -> None:
        made = shop.api.tax.transactions.create_from_calculation(
            {"calculation": calculated(shop)["id"], "reference": "order-1", "metadata": {"order_id": "1"}}
        )

        assert missing(made.to_dict(), TRANSACTION) == set()
        assert missing(made.to_dict()["line_items"]["data"][0], TRANSACTION_LINE) == set()
        assert shop.api.tax.transactions.retrieve(made.id).reference == "order-1"

    def test_has_a_reference_of_its_own(self, shop: Shop) -> None:
        calculation = calculated(shop)["id"]
        shop.api.tax.transactions.create_from_calculation({"calculation": calculation, "reference": "order-1"})

        with pytest.raises(stripe.InvalidRequestError, match="already exists"):
            shop.api.tax.transactions.create_from_calculation({"calculation": calculation, "reference": "order-1"})

    def test_is_made_of_what_has_not_expired(self, shop: Shop) -> None:
        calculation = calculated(shop)["id"]
        shop.later(91 * DAY)

        with pytest.raises(stripe.InvalidRequestError, match="expired"):
            shop.api.tax.transactions.create_from_calculation({"calculation": calculation, "reference": "order-1"})

    def test_is_reversed_in_parts_and_never_by_more_than_there_was(self, shop: Shop) -> None:
        calculation = calculated(shop)["id"]
        made = shop.api.tax.transactions.create_from_calculation({"calculation": calculation, "reference": "order-1"})

        def reverse(reference: str, **fields: Any) -> stripe.tax.Transaction:
            params: Any = {"mode": "partial", "original_transaction": made.id, "reference": reference, **fields}
            return shop.api.tax.transactions.create_reversal(params)

        part = reverse("refund-1", flat_amount=-103)
        with pytest.raises(stripe.InvalidRequestError):
            reverse("refund-2", flat_amount=-1001)
        reverse("refund-3", mode="full")
        with pytest.raises(stripe.InvalidRequestError):
            reverse("refund-4", flat_amount=-1)

        assert part.type == "reversal"
        assert part.to_dict()["reversal"] == {"original_transaction": made.id}
