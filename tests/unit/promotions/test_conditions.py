"""For whom and when promotions apply, and what they say where they do not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from commerce.promotions.engine import evaluate
from commerce.promotions.goods import STORED
from commerce.promotions.model import Promotion
from tests.support.promotions import NOON, amounts, cart, item, order_off, promotion, tried

MUG = item("MUG", 2, 1000, "drinkware")
TEA = item("TEA", 3, 400, "food")

GOODS = {"kind": "goods"}
SUBTOTAL = {"kind": "subtotal"}
BERLIN = {"kind": "calendar", "time_zone": "Europe/Berlin"}

CASES: tuple[tuple[dict[str, Any], dict[str, Any], str], ...] = (
    (GOODS | {"quantity": 5}, {}, "applied"),
    (GOODS | {"quantity": 6}, {}, "goods_missing"),
    (GOODS | {"of": {"skus": ["MUG"]}, "quantity": 2}, {}, "applied"),
    (GOODS | {"of": {"skus": ["MUG"]}, "quantity": 3}, {}, "goods_missing"),
    (GOODS | {"of": {"categories": ["food"]}}, {}, "applied"),
    (GOODS | {"of": {"categories": ["toys"]}}, {}, "goods_missing"),
    (GOODS | {"of": {"products": ["prod_tea"]}, "quantity": 3}, {}, "applied"),
    (SUBTOTAL | {"at_least": amounts(USD=3200)}, {}, "applied"),
    (SUBTOTAL | {"at_least": amounts(USD=3201)}, {}, "subtotal_too_low"),
    (SUBTOTAL | {"at_most": amounts(USD=3200)}, {}, "applied"),
    (SUBTOTAL | {"at_most": amounts(USD=3199)}, {}, "subtotal_too_high"),
    (SUBTOTAL | {"at_least": amounts(USD=1200), "of": {"skus": ["TEA"]}}, {}, "applied"),
    (SUBTOTAL | {"at_least": amounts(USD=1201), "of": {"skus": ["TEA"]}}, {}, "subtotal_too_low"),
    (SUBTOTAL | {"at_least": amounts(EUR=1)}, {}, "not_in_currency"),
    ({"kind": "customer_groups", "any_of": ["vip"]}, {"customer_groups": frozenset({"new", "vip"})}, "applied"),
    ({"kind": "customer_groups", "any_of": ["vip"]}, {}, "other_customers"),
    ({"kind": "first_order"}, {"orders_before": 0}, "applied"),
    ({"kind": "first_order"}, {"orders_before": 1}, "not_first_order"),
    ({"kind": "first_order"}, {}, "customer_unknown"),
    ({"kind": "countries", "any_of": ["US", "IS"]}, {"country": "IS"}, "applied"),
    ({"kind": "countries", "any_of": ["US", "IS"]}, {"country": "DE"}, "other_country"),
    ({"kind": "countries", "any_of": ["US"]}, {}, "country_unknown"),
    ({"kind": "countries", "any_of": ["US"], "regions": ["Ohio"]}, {"country": "US", "region": "OHIO"}, "applied"),
    ({"kind": "countries", "any_of": ["US"], "regions": ["Ohio"]}, {"country": "US"}, "other_country"),
    ({"kind": "channels", "any_of": ["app"]}, {"channel": "app"}, "applied"),
    ({"kind": "channels", "any_of": ["app"]}, {"channel": "web"}, "other_channel"),
    ({"kind": "channels", "any_of": ["app"]}, {}, "other_channel"),
    ({"kind": "payment_methods", "any_of": ["card"]}, {"payment_method": "card"}, "applied"),
    ({"kind": "payment_methods", "any_of": ["card"]}, {"payment_method": "sepa_debit"}, "other_payment_method"),
    ({"kind": "payment_methods", "any_of": ["card"]}, {}, "payment_method_unknown"),
    (
        {"kind": "attribute", "name": "source", "any_of": ["newsletter"]},
        {"attributes": {"source": "newsletter"}},
        "applied",
    ),
    (
        {"kind": "attribute", "name": "source", "any_of": ["newsletter"]},
        {"attributes": {"source": "ad"}},
        "attribute_missing",
    ),
    ({"kind": "attribute", "name": "source", "any_of": ["newsletter"]}, {}, "attribute_missing"),
    (BERLIN | {"weekdays": ["friday", "monday"]}, {}, "applied"),
    (BERLIN | {"weekdays": ["saturday"]}, {}, "not_now"),
    (BERLIN | {"weekdays": ["saturday"]}, {"now": datetime(2026, 11, 27, 23, 0, tzinfo=UTC)}, "applied"),
    (BERLIN | {"dates": ["2026-11-27"]}, {}, "applied"),
    (BERLIN | {"dates": ["2026-11-28"]}, {}, "not_now"),
    (BERLIN | {"from_time": "13:00", "until_time": "14:00"}, {}, "applied"),
    (BERLIN | {"from_time": "12:00", "until_time": "13:00"}, {}, "not_now"),
    (BERLIN | {"from_time": "13:01"}, {}, "not_now"),
    (BERLIN | {"until_time": "13:01"}, {}, "applied"),
    (BERLIN | {"from_time": "22:00", "until_time": "14:00"}, {}, "applied"),
    (BERLIN | {"from_time": "22:00", "until_time": "06:00"}, {}, "not_now"),
    (
        BERLIN | {"from_time": "14:00", "until_time": "15:00"},
        {"now": datetime(2026, 7, 1, 12, 30, tzinfo=UTC)},
        "applied",
    ),
)


class TestCondition:
    @pytest.mark.parametrize(("condition", "known", "reason"), CASES)
    def test_is_met_or_says_why_not(self, condition: dict[str, Any], known: dict[str, Any], reason: str) -> None:
        some = promotion("p", order_off(1000), conditions=[condition])

        assert tried(cart(MUG, TEA, **known), some) == {"p": reason}

    def test_must_be_met_with_all_others(self) -> None:
        some = promotion("p", order_off(1000), conditions=[GOODS, SUBTOTAL | {"at_least": amounts(USD=9999)}])

        assert tried(cart(MUG), some) == {"p": "subtotal_too_low"}

    def test_says_how_much_is_missing(self) -> None:
        more = promotion("a", order_off(1000), conditions=[SUBTOTAL | {"at_least": amounts(USD=2500)}])
        pieces = promotion("b", order_off(1000), conditions=[GOODS | {"quantity": 5}])

        outcomes = evaluate(promotions=[more, pieces], situation=cart(MUG)).outcomes

        assert [(each.missing, each.message) for each in outcomes] == [
            (500, "It needs goods for 5.00 USD more."),
            (3, "It needs 3 more of its goods in the cart."),
        ]

    def test_looks_at_the_cart_before_any_promotion(self) -> None:
        first = promotion("a", order_off(5000), priority=9)
        second = promotion("b", order_off(1000), conditions=[SUBTOTAL | {"at_least": amounts(USD=2000)}])

        assert tried(cart(MUG), first, second) == {"a": "applied", "b": "applied"}


class TestTimeZone:
    def test_that_the_world_gave_up_stops_no_cart(self) -> None:
        friday = {"kind": "calendar", "weekdays": ["friday"], "time_zone": "Mars/Olympus"}
        stored = {"id": "p", "title": "P", "status": "active", "actions": [order_off(1000)], "conditions": [friday]}

        assert tried(cart(MUG), Promotion.model_validate(stored, context=STORED)) == {"p": "not_now"}


class TestDates:
    @pytest.mark.parametrize(
        ("starts", "ends", "reason"),
        [(0, 1, "applied"), (1, 2, "not_started"), (-1, 0, "ended"), (-2, -1, "ended"), (None, 1, "applied")],
    )
    def test_begin_at_a_moment_and_end_before_one(self, starts: int | None, ends: int, reason: str) -> None:
        times = {"starts_at": starts, "ends_at": ends}
        window = {name: NOON + timedelta(seconds=each) for name, each in times.items() if each is not None}

        assert tried(cart(MUG), promotion("p", order_off(1000), **window)) == {"p": reason}


class TestCurrency:
    @pytest.mark.parametrize(
        "terms",
        [
            {"actions": [{"kind": "amount_off_order", "off": amounts(EUR=500)}]},
            {"actions": [{"kind": "amount_off_items", "off": amounts(EUR=500), "each": "line"}]},
            {"actions": [{"kind": "fixed_price", "price": amounts(EUR=500)}]},
            {"actions": [order_off(1000, at_most=amounts(EUR=500))]},
            {"actions": [{"kind": "free_shipping", "at_most": amounts(EUR=500)}]},
            {"actions": [{"kind": "tiered", "tiers": [{"from_quantity": 1, "off": amounts(EUR=500)}]}]},
            {"actions": [order_off(1000), {"kind": "amount_off_order", "off": amounts(EUR=500)}]},
            {"limits": {"budget": amounts(EUR=500)}, "actions": [order_off(1000)]},
        ],
    )
    def test_without_an_amount_is_told(self, terms: dict[str, Any]) -> None:
        found = promotion("p", **terms)

        [outcome] = evaluate(promotions=[found], situation=cart(MUG)).outcomes
        assert (outcome.reason, outcome.message) == ("promotions.not_in_currency", "It has no amount in USD.")
        assert tried(cart(MUG, currency="EUR"), found)["p"] != "not_in_currency"
