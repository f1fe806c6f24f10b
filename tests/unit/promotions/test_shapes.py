"""What a promotion can be, and what is refused."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from commerce.promotions.model import Promotion
from commerce.promotions.schemas import NewCodes, PutPromotion
from commerce.promotions.stored import promotion_document, promotion_of
from tests.support.promotions import amounts, items_off, order_off, promotion

WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"title": ""}, "title"),
    ({"status": "on"}, "status"),
    ({"trigger": "coupon"}, "trigger"),
    ({"priority": 1001}, "priority"),
    ({"priority": 1.0}, "priority"),
    ({"stacking": "best_of_group"}, ""),
    ({"stacking": "stacks", "group": "sale"}, ""),
    ({"starts_at": "2026-11-27"}, "starts_at"),
    ({"starts_at": "2026-11-27T00:00:00"}, "starts_at"),
    ({"starts_at": 1795737600}, "starts_at"),
    ({"starts_at": "2026-11-28T00:00:00Z", "ends_at": "2026-11-28T01:00:00+01:00"}, ""),
    ({"actions": []}, "actions"),
    ({"actions": [order_off(1)] * 6}, "actions"),
    ({"actions": [{"kind": "half_price"}]}, "actions.0"),
    ({"actions": [{"off_basis_points": 1}]}, "actions.0"),
    ({"actions": [order_off(0)]}, "actions.0.percent_off_order.off_basis_points"),
    ({"actions": [order_off(10_001)]}, "actions.0.percent_off_order.off_basis_points"),
    ({"actions": [order_off(1, of={})]}, "actions.0.percent_off_order.of"),
    ({"actions": [items_off(1, of={"skus": ["A", "A"]})]}, "actions.0.percent_off_items.of.skus"),
    ({"actions": [items_off(1, of={"skus": "A"})]}, "actions.0.percent_off_items.of.skus"),
    ({"actions": [items_off(1, of={"categories": ["Not a slug"]})]}, "actions.0.percent_off_items.of.categories.0"),
    ({"actions": [items_off(1, at_most=amounts(USD=0))]}, "actions.0.percent_off_items.at_most"),
    ({"actions": [items_off(1, at_most=amounts(USD=1) * 2)]}, "actions.0.percent_off_items.at_most"),
    ({"actions": [{"kind": "amount_off_order", "off": []}]}, "actions.0.amount_off_order.off"),
    ({"actions": [{"kind": "cheapest_free", "every": 1}]}, "actions.0.cheapest_free.every"),
    ({"actions": [{"kind": "gift", "sku": "PIN", "quantity": 100}]}, "actions.0.gift.quantity"),
    ({"actions": [{"kind": "tiered", "tiers": []}]}, "actions.0.tiered.tiers"),
    ({"actions": [{"kind": "tiered", "tiers": [{"from_quantity": 1}]}]}, "actions.0.tiered.tiers.0"),
    ({"actions": [{"kind": "tiered", "tiers": [{"off_basis_points": 1}]}]}, "actions.0.tiered.tiers.0"),
    (
        {"actions": [{"kind": "tiered", "tiers": [{"from_quantity": 2, "off_basis_points": 1}] * 2}]},
        "actions.0.tiered",
    ),
    (
        {
            "actions": [
                {
                    "kind": "tiered",
                    "tiers": [
                        {"from_subtotal": amounts(USD=1), "off_basis_points": 1},
                        {"from_subtotal": amounts(EUR=2), "off_basis_points": 2},
                    ],
                }
            ]
        },
        "actions.0.tiered",
    ),
    (
        {
            "actions": [
                {
                    "kind": "tiered",
                    "tiers": [
                        {"from_subtotal": amounts(USD=1), "off_basis_points": 1},
                        {"from_quantity": 2, "off_basis_points": 2},
                    ],
                }
            ]
        },
        "actions.0.tiered",
    ),
    ({"conditions": [{"kind": "subtotal"}]}, "conditions.0.subtotal"),
    (
        {"conditions": [{"kind": "subtotal", "at_least": amounts(USD=2), "at_most": amounts(USD=1)}]},
        "conditions.0.subtotal",
    ),
    ({"conditions": [{"kind": "countries", "any_of": ["XX"]}]}, "conditions.0.countries.any_of.0"),
    ({"conditions": [{"kind": "calendar", "time_zone": "UTC"}]}, "conditions.0.calendar"),
    (
        {"conditions": [{"kind": "calendar", "time_zone": "Mars/Base", "weekdays": ["monday"]}]},
        "conditions.0.calendar.time_zone",
    ),
    (
        {"conditions": [{"kind": "calendar", "time_zone": "UTC", "dates": ["2026-02-30"]}]},
        "conditions.0.calendar.dates.0",
    ),
    (
        {"conditions": [{"kind": "calendar", "time_zone": "UTC", "from_time": "25:00"}]},
        "conditions.0.calendar.from_time",
    ),
    ({"conditions": [{"kind": "goods"}] * 11}, "conditions"),
    ({"limits": {"uses": 0}}, "limits.uses"),
    ({"limits": {"uses_per_customer": 0}}, "limits.uses_per_customer"),
    ({"limits": {"per_day": 1}}, "limits.per_day"),
    ({"version": 1}, "version"),
)


def put(**terms: Any) -> PutPromotion:
    return PutPromotion.model_validate({"title": "Sale", "actions": [order_off(1000)], **terms})


class TestPromotion:
    @pytest.mark.parametrize(("terms", "place"), WRONG)
    def test_is_refused_where_it_makes_no_sense(self, terms: dict[str, Any], place: str) -> None:
        with pytest.raises(ValidationError) as refused:
            put(**terms)

        assert ".".join(map(str, refused.value.errors()[0]["loc"])) == place

    def test_is_a_stacking_automatic_draft_unless_said_otherwise(self) -> None:
        assert put().model_dump(mode="json") == {
            "title": "Sale",
            "status": "draft",
            "trigger": "automatic",
            "priority": 0,
            "stacking": "stacks",
            "group": None,
            "starts_at": None,
            "ends_at": None,
            "conditions": [],
            "actions": [{"kind": "percent_off_order", "off_basis_points": 1000, "at_most": []}],
            "limits": {"uses": None, "uses_per_customer": None, "budget": []},
        }

    def test_is_stored_as_it_is_without_what_it_leaves_open(self) -> None:
        full = promotion(
            "p",
            {"kind": "tiered", "tiers": [{"from_subtotal": amounts(USD=1), "off": amounts(USD=1)}]},
            {"kind": "buy_x_get_y", "buy_quantity": 2, "get_quantity": 1, "get": {"skus": ["TEA"]}},
            starts_at="2026-11-27T00:00:00+01:00",
            conditions=[
                {"kind": "countries", "any_of": ["IS"]},
                {"kind": "calendar", "weekdays": ["friday"], "time_zone": "Europe/Berlin"},
            ],
            limits={"uses": 5, "budget": amounts(USD=1)},
        )

        document = json.loads(json.dumps(promotion_document(full)))

        assert promotion_of(document) == full
        assert document["starts_at"] == "2026-11-26T23:00:00.000Z"
        assert document["limits"] == {"uses": 5, "budget": amounts(USD=1)}
        assert document["actions"][1] == {
            "kind": "buy_x_get_y",
            "buy_quantity": 2,
            "get_quantity": 1,
            "get": {"skus": ["TEA"]},
        }

    def test_is_read_again_without_the_tables_of_the_world(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stored = promotion_document(promotion("p", order_off(1), conditions=[{"kind": "countries", "any_of": ["IS"]}]))
        monkeypatch.setattr("commerce.promotions.conditions.TypeAdapter", None)

        assert promotion_of(stored).conditions

    def test_is_sold_where_all_its_amounts_are(self) -> None:
        some = promotion("p", order_off(1, at_most=amounts(USD=1, EUR=1)), limits={"budget": amounts(EUR=1)})

        assert (some.sold_in("EUR"), some.sold_in("USD"), some.sold_in("JPY")) == (True, False, False)
        assert isinstance(some, Promotion)


class TestNewCodes:
    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"code": "SUMMER", "batch": "mail", "quantity": 1},
            {"code": "SUMMER", "quantity": 1},
            {"code": "SUMMER", "prefix": "S"},
            {"batch": "mail"},
            {"batch": "mail", "quantity": 10_001},
            {"batch": "mail", "quantity": 0},
            {"batch": "mail", "quantity": 1, "prefix": "low"},
            {"code": "SUMMER", "uses_at_most": 0},
            {"code": "--"},
            {"code": "X" * 41},
            {"code": "SÜMMER"},
        ],
    )
    def test_are_one_code_or_one_batch(self, body: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            NewCodes.model_validate(body)
