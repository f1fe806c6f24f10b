"""Which promotions go together, in which order, and what the others are told."""

from typing import Any

from commerce.promotions.engine import evaluate
from commerce.promotions.known import KnownLimits
from commerce.promotions.model import Promotion
from commerce.promotions.outcomes import Evaluation
from tests.support.promotions import amounts, cart, code, item, items_off, off, order_off, parts, promotion, tried

HAT = item("HAT", 1, 10_000)
TEN = {"kind": "amount_off_order", "off": amounts(USD=1000)}


def grouped(promotion_id: str, *actions: dict[str, Any], **terms: Any) -> Promotion:
    return promotion(promotion_id, *actions, stacking="best_of_group", group="sale", **terms)


def alone(promotion_id: str, *actions: dict[str, Any], **terms: Any) -> Promotion:
    return promotion(promotion_id, *actions, stacking="exclusive", **terms)


def told(evaluation: Evaluation) -> list[str]:
    return [each.message for each in evaluation.outcomes]


class TestOrder:
    def test_goes_by_priority_then_by_id(self) -> None:
        half, ten = order_off(5000), TEN

        assert off(cart(HAT), promotion("a", half), promotion("b", ten)) == {"HAT": 6000}
        assert off(cart(HAT), promotion("b", half), promotion("a", ten)) == {"HAT": 5500}
        assert off(cart(HAT), promotion("a", half), promotion("b", ten, priority=1)) == {"HAT": 5500}

    def test_puts_lines_before_the_order_whatever_the_priority(self) -> None:
        on_lines, on_order = promotion("z", items_off(5000)), promotion("a", TEN, priority=100)

        assert off(cart(HAT), on_order, on_lines) == {"HAT": 6000}

    def test_goes_action_by_action_within_a_promotion(self) -> None:
        assert off(cart(HAT), promotion("a", order_off(5000), TEN)) == {"HAT": 6000}
        assert off(cart(HAT), promotion("a", TEN, order_off(5000))) == {"HAT": 5500}

    def test_works_on_what_is_left_and_never_below_zero(self) -> None:
        lines = [item("A", 1, 300), item("B", 1, 700)]
        free = promotion("a", {"kind": "fixed_price", "price": amounts(USD=1), "of": {"skus": ["A"]}})
        much = promotion("b", TEN)

        assert off(cart(*lines), free, much) == {"A": 300, "B": 700}

    def test_says_when_others_left_nothing(self) -> None:
        everything, more = promotion("a", order_off(10_000)), promotion("b", TEN)

        assert tried(cart(HAT), everything, more) == {"a": "applied", "b": "nothing_left"}


class TestNothingToTakeOff:
    def test_is_told(self) -> None:
        goods = promotion("a", items_off(1000, of={"skus": ["MUG"]}))
        shipping = promotion("b", {"kind": "free_shipping"})

        assert tried(cart(HAT), goods, shipping) == {"a": "nothing_to_reduce", "b": "no_shipping_to_pay"}


class TestExclusive:
    def test_applies_alone(self) -> None:
        only, other = alone("a", order_off(1000)), promotion("b", TEN, priority=9)

        evaluation = evaluate(promotions=[other, only], situation=cart(HAT))

        assert [each.promotion_id for each in evaluation.discounts] == ["a"]
        assert told(evaluation) == ["It does not go together with 'A'.", "A: 10.00 USD off."]

    def test_is_the_first_of_several(self) -> None:
        small, large = alone("a", order_off(1000), priority=1), alone("b", order_off(9000))

        assert tried(cart(HAT), large, small) == {"a": "applied", "b": "does_not_combine"}

    def test_that_would_do_nothing_stands_in_nobodys_way(self) -> None:
        only, other = alone("a", {"kind": "free_shipping"}), promotion("b", TEN)

        assert tried(cart(HAT), only, other) == {"a": "no_shipping_to_pay", "b": "applied"}
        assert tried(cart(HAT, shipping=500), only, other) == {"a": "applied", "b": "does_not_combine"}

    def test_that_only_gives_something_counts(self) -> None:
        only, other = alone("a", {"kind": "gift", "sku": "PIN"}), promotion("b", TEN)

        assert tried(cart(HAT), only, other) == {"a": "applied", "b": "does_not_combine"}


class TestBestOfGroup:
    def test_is_the_one_that_saves_most(self) -> None:
        evaluation = evaluate(
            promotions=[grouped("a", order_off(1000), priority=9), grouped("b", order_off(2000))], situation=cart(HAT)
        )

        assert told(evaluation) == ["'B' saves as much or more.", "B: 20.00 USD off."]

    def test_is_among_equals_that_of_the_higher_priority_then_of_the_first_id(self) -> None:
        same = order_off(1000)

        assert tried(cart(HAT), grouped("a", same), grouped("b", same, priority=1))["b"] == "applied"
        assert tried(cart(HAT), grouped("b", same), grouped("a", same))["a"] == "applied"

    def test_goes_together_with_other_groups_and_with_none(self) -> None:
        others = [promotion("x", TEN), promotion("y", TEN, stacking="best_of_group", group="loyalty")]

        assert tried(cart(HAT), grouped("a", TEN), grouped("b", TEN), *others) == {
            "a": "applied",
            "b": "beaten_in_group",
            "x": "applied",
            "y": "applied",
        }

    def test_counts_what_gifts_would_cost(self) -> None:
        gift, ten = grouped("a", {"kind": "gift", "sku": "PIN"}), grouped("b", TEN)

        assert tried(cart(HAT, gift_prices={"PIN": 1001}), gift, ten)["a"] == "applied"
        assert tried(cart(HAT, gift_prices={"PIN": 999}), gift, ten)["b"] == "applied"

    def test_leaves_out_those_that_do_not_apply(self) -> None:
        better = grouped("b", order_off(9000), conditions=[{"kind": "channels", "any_of": ["app"]}])

        assert tried(cart(HAT), grouped("a", TEN), better) == {"a": "applied", "b": "other_channel"}


class TestBudget:
    def test_that_is_too_small_keeps_a_promotion_out_as_if_it_were_not_there(self) -> None:
        limited = alone("a", order_off(5000), limits={"budget": amounts(USD=9999)})
        other = promotion("b", TEN)

        enough = cart(HAT, limits={"a": parts(USD=(2500, 2500))})
        too_little = cart(HAT, limits={"a": parts(USD=(2500, 2499))})

        assert tried(enough, limited, other) == {"a": "applied", "b": "does_not_combine"}
        assert tried(too_little, limited, other) == {"a": "budget_used_up", "b": "applied"}
        assert off(too_little, limited, other) == {"HAT": 1000}

    def test_is_measured_by_what_is_taken_off_beside_the_others(self) -> None:
        limited = promotion("b", order_off(5000), limits={"budget": amounts(USD=9999)})
        before = promotion("a", order_off(5000))

        assert off(cart(HAT, limits={"b": parts(USD=(2500,))}), before, limited) == {"HAT": 7500}

    def test_gives_the_place_of_the_best_to_the_next_best(self) -> None:
        best = grouped("a", order_off(5000), limits={"budget": amounts(USD=9999)})

        assert tried(cart(HAT, limits={"a": parts(USD=(4999,))}), best, grouped("b", TEN)) == {
            "a": "budget_used_up",
            "b": "applied",
        }


class TestCodes:
    SUMMER = promotion("summer", TEN, trigger="code")

    def test_are_needed_for_promotions_by_code_which_are_not_even_told_of_without(self) -> None:
        assert tried(cart(HAT), self.SUMMER) == {}
        assert tried(cart(HAT, codes=(code("SUN", "summer"),)), self.SUMMER) == {"summer": "applied"}

    def test_each_have_an_outcome(self) -> None:
        known = (
            code("SUN", "summer"),
            code("SEA", "summer"),
            code("NOPE"),
            code("OLD", "summer", ends_at=cart().now),
            code("ONCE", "summer", uses_at_most=1, uses_left=0),
            code("GONE", "winter"),
        )

        outcomes = evaluate(promotions=[self.SUMMER], situation=cart(HAT, codes=known)).outcomes

        assert {each.code: each.reason for each in outcomes} == {
            "SEA": "promotions.applied",
            "GONE": "promotions.not_active",
            "NOPE": "promotions.code_unknown",
            "OLD": "promotions.code_ended",
            "ONCE": "promotions.code_used",
            "SUN": "promotions.already_applied",
        }
        assert [each.code for each in outcomes if each.applied] == ["SEA"]

    def test_are_told_why_their_promotion_does_not_apply(self) -> None:
        only = alone("only", TEN)

        outcomes = evaluate(
            promotions=[self.SUMMER, only], situation=cart(HAT, codes=(code("SUN", "summer"),))
        ).outcomes

        assert [(each.promotion_id, each.code, each.reason) for each in outcomes] == [
            ("only", None, "promotions.applied"),
            ("summer", "SUN", "promotions.does_not_combine"),
        ]


class TestLimits:
    def test_that_are_reached_are_told(self) -> None:
        def limited(**limits: Any) -> Promotion:
            return promotion("p", TEN, limits=limits)

        def told_with(some: Promotion, **known: Any) -> str:
            return tried(cart(HAT, **known), some)["p"]

        assert told_with(limited(uses=5), limits={"p": parts(0, 0)}) == "used_up"
        assert told_with(limited(uses=5), limits={"p": parts(0, 1)}) == "applied"
        assert told_with(limited(budget=amounts(USD=5000)), limits={"p": parts(USD=(0, 0))}) == "budget_used_up"
        assert told_with(limited(budget=amounts(USD=5000)), limits={"p": parts(USD=(999, 1))}) == "applied"

    def test_of_customers_stand_in_the_way_when_they_are_known_to_be_reached(self) -> None:
        twice = promotion("p", TEN, limits={"uses_per_customer": 2})

        assert tried(cart(HAT), twice) == {"p": "applied"}
        assert tried(cart(HAT, limits={"p": KnownLimits(customer_uses=1)}), twice) == {"p": "applied"}
        assert tried(cart(HAT, limits={"p": KnownLimits(customer_uses=2)}), twice) == {"p": "used_by_customer"}

    def test_are_claimed_by_what_applies_and_by_nothing_else(self) -> None:
        applies = promotion("a", TEN, limits={"uses": 5, "uses_per_customer": 1})
        spends = promotion("b", TEN, limits={"budget": amounts(USD=5000)})
        refused = promotion("c", TEN, limits={"uses": 5}, conditions=[{"kind": "channels", "any_of": ["app"]}])
        by_code = promotion("d", TEN, trigger="code")
        known = cart(
            HAT,
            limits={"a": parts(2, 3), "b": parts(USD=(5000,)), "c": parts(5)},
            codes=(code("ONE", "d", uses_at_most=1, uses_left=1),),
        )

        claims = evaluate(promotions=[applies, spends, refused, by_code, promotion("e", TEN)], situation=known).claims

        seen = [(it.promotion_id, it.code, it.uses, it.amount, it.customer_most, it.code_uses_at_most) for it in claims]
        assert seen == [
            ("a", None, True, None, 1, None),
            ("b", None, False, 1000, None, None),
            ("d", "ONE", False, None, None, 1),
        ]
