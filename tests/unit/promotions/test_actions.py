"""What each kind of action takes off."""

from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commerce.kernel.money import grain
from commerce.kernel.rounding import Rounding, rounded
from commerce.promotions.engine import evaluate
from commerce.promotions.outcomes import Gift
from tests.support.promotions import amounts, cart, item, items_off, off, order_off, promotion, tried

MUG = item("MUG", 2, 1000, "drinkware", "kitchen")
TEA = item("TEA", 3, 450, "food")
HAT = item("HAT", 1, 2500, "clothes", product_id="prod_hats")

ACTIONS: tuple[tuple[dict[str, Any], dict[str, int]], ...] = (
    (items_off(2000), {"MUG": 400, "TEA": 270, "HAT": 500}),
    (items_off(2000, of={"skus": ["TEA"]}), {"TEA": 270}),
    (items_off(2000, of={"categories": ["kitchen"]}), {"MUG": 400}),
    (items_off(2000, of={"products": ["prod_hats"]}), {"HAT": 500}),
    (items_off(2000, of={"skus": ["TEA"], "categories": ["clothes"]}), {"TEA": 270, "HAT": 500}),
    (items_off(2000, of={"except_skus": ["TEA"], "except_categories": ["clothes"]}), {"MUG": 400}),
    (items_off(2000, of={"skus": ["MUG"], "except_categories": ["drinkware"]}), {}),
    (items_off(2000, at_most=amounts(USD=1000)), {"MUG": 342, "TEA": 231, "HAT": 427}),
    (items_off(2000, at_most=amounts(USD=1170)), {"MUG": 400, "TEA": 270, "HAT": 500}),
    (items_off(10_000, of={"skus": ["HAT"]}), {"HAT": 2500}),
    (order_off(1000), {"MUG": 200, "TEA": 135, "HAT": 250}),
    (order_off(1000, at_most=amounts(USD=100)), {"MUG": 34, "TEA": 23, "HAT": 43}),
    ({"kind": "amount_off_order", "off": amounts(USD=500)}, {"MUG": 171, "TEA": 115, "HAT": 214}),
    ({"kind": "amount_off_order", "off": amounts(USD=99_999)}, {"MUG": 2000, "TEA": 1350, "HAT": 2500}),
    ({"kind": "amount_off_items", "off": amounts(USD=300), "each": "line"}, {"MUG": 300, "TEA": 300, "HAT": 300}),
    ({"kind": "amount_off_items", "off": amounts(USD=300), "each": "piece"}, {"MUG": 600, "TEA": 900, "HAT": 300}),
    ({"kind": "amount_off_items", "off": amounts(USD=900), "each": "piece", "of": {"skus": ["TEA"]}}, {"TEA": 1350}),
    ({"kind": "fixed_price", "price": amounts(USD=400)}, {"MUG": 1200, "TEA": 150, "HAT": 2100}),
    ({"kind": "fixed_price", "price": amounts(USD=1000)}, {"HAT": 1500}),
    ({"kind": "cheapest_free", "every": 3}, {"TEA": 900}),
    ({"kind": "cheapest_free", "every": 2}, {"TEA": 1350}),
    ({"kind": "cheapest_free", "every": 2, "times_at_most": 1}, {"TEA": 450}),
    ({"kind": "cheapest_free", "every": 3, "of": {"skus": ["MUG", "HAT"]}}, {"MUG": 1000}),
    ({"kind": "cheapest_free", "every": 7}, {}),
    ({"kind": "free_shipping"}, {"shipping": 700}),
    ({"kind": "free_shipping", "at_most": amounts(USD=500)}, {"shipping": 500}),
    ({"kind": "percent_off_shipping", "off_basis_points": 5000}, {"shipping": 350}),
    ({"kind": "percent_off_shipping", "off_basis_points": 5000, "at_most": amounts(USD=1)}, {"shipping": 1}),
)


class TestAction:
    @pytest.mark.parametrize(("action", "expected"), ACTIONS, ids=lambda each: str(each) if "kind" in each else "")
    def test_takes_off(self, action: dict[str, Any], expected: dict[str, int]) -> None:
        assert off(cart(MUG, TEA, HAT, shipping=700), promotion("p", action)) == expected

    def test_rounds_as_the_shop_says(self) -> None:
        modes = (Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.UP, Rounding.DOWN)

        found = [off(cart(item("A", 1, 50), rounding=mode), promotion("p", order_off(1250))) for mode in modes]
        exact = [off(cart(item("A", 1, 20), rounding=mode), promotion("p", order_off(1250))) for mode in modes]

        assert found == [{"A": 6}, {"A": 6}, {"A": 7}, {"A": 6}]
        assert exact == [{"A": 3}, {"A": 2}, {"A": 3}, {"A": 2}]

    def test_rounds_items_line_by_line_and_an_order_once(self) -> None:
        lines = cart(*(item(sku, 1, 5) for sku in "ABC"))

        assert off(lines, promotion("p", items_off(1000))) == {"A": 1, "B": 1, "C": 1}
        assert off(lines, promotion("p", order_off(1000))) == {"A": 1, "B": 1}

    @pytest.mark.parametrize(("currency", "price"), [("USD", 1999), ("JPY", 1999), ("KWD", 19_990), ("ISK", 199_900)])
    def test_counts_minor_units_of_any_currency(self, currency: str, price: int) -> None:
        found = off(cart(item("A", 1, price), currency=currency), promotion("p", order_off(1500)))

        exactly = Fraction(price * 1500, 10_000)
        assert found == {"A": rounded(exactly, grain=grain(currency))}

    def test_takes_nothing_off_what_costs_nothing(self) -> None:
        free = cart(item("A", 3, 0))

        for action, _ in ACTIONS:
            assert off(free, promotion("p", action)) == {}


class TestBuyXGetY:
    @staticmethod
    def bought(*items: Any, **action: Any) -> dict[str, int]:
        shape = {"kind": "buy_x_get_y", "buy_quantity": 2, "get_quantity": 1, **action}
        return off(cart(*items), promotion("p", shape))

    def test_gives_the_cheapest_for_every_full_group(self) -> None:
        assert self.bought(item("A", 2, 900), item("B", 4, 500)) == {"B": 1000}

    @pytest.mark.parametrize(("pieces", "free"), [(1, 0), (2, 0), (3, 1), (5, 1), (6, 2), (9, 3)])
    def test_of_one_article_frees_one_in_three(self, pieces: int, free: int) -> None:
        assert self.bought(item("A", pieces, 100)) == ({"A": 100 * free} if free else {})

    def test_gives_others_than_what_is_bought(self) -> None:
        goods = {"buy": {"skus": ["MUG"]}, "get": {"categories": ["food"]}}

        assert self.bought(item("MUG", 4, 1000), item("TEA", 5, 450, "food"), **goods) == {"TEA": 900}
        assert self.bought(item("MUG", 1, 1000), item("TEA", 5, 450, "food"), **goods) == {}

    def test_gives_a_part_of_what_it_could(self) -> None:
        goods = {"buy": {"skus": ["MUG"]}, "get": {"skus": ["TEA"]}, "get_quantity": 3}

        assert self.bought(item("MUG", 2, 1000), item("TEA", 2, 450), **goods) == {"TEA": 900}

    def test_takes_a_percentage(self) -> None:
        assert self.bought(item("A", 3, 333), off_basis_points=5000) == {"A": 167}

    def test_stops_after_so_many_times(self) -> None:
        assert self.bought(item("A", 9, 100), times_at_most=2) == {"A": 200}

    def test_counts_no_piece_twice(self) -> None:
        goods = {"buy": {"categories": ["drinkware"]}, "get": {"skus": ["MUG"]}}
        cup, mug = item("CUP", 1, 2000, "drinkware"), item("MUG", 2, 1000, "drinkware")

        assert self.bought(cup, mug, **goods) == {"MUG": 1000}
        assert self.bought(mug, **goods) == {}

    def test_spares_what_has_to_be_bought_and_gives_the_next_cheapest(self) -> None:
        goods = {"buy": {"skus": ["CUP"]}, "get": {"skus": ["CUP", "HAT"]}}

        assert self.bought(item("CUP", 2, 100), item("HAT", 1, 900), **goods) == {"HAT": 900}

    def test_serves_large_orders(self) -> None:
        lines = [item(f"S{number:02}", 999, 100 + number) for number in range(50)]

        assert sum(self.bought(*lines).values()) == sum(999 * (100 + number) for number in range(16)) + 666 * 116

    def test_takes_a_piece_for_its_part_of_what_is_left(self) -> None:
        first = promotion("a", items_off(5000), priority=2)
        second = promotion("b", {"kind": "buy_x_get_y", "buy_quantity": 1, "get_quantity": 1})

        assert off(cart(item("A", 2, 1000)), first, second) == {"A": 1000 + 500}


def best_by_trying(kinds: list[tuple[str, int]], buy_quantity: int, get_quantity: int) -> tuple[int, int]:
    """Return how many pieces can be gotten, and what the cheapest choice of so many costs, by trying everything.

    :param kinds: for each piece whether it can be bought (b), gotten (g) or either (e), and what it costs.
    """
    found = [(0, 0)]
    for roles in product("bg-", repeat=len(kinds)):
        if all(role in {"-", kind} or kind == "e" for role, (kind, _) in zip(roles, kinds, strict=True)):
            gotten = [price for role, (_, price) in zip(roles, kinds, strict=True) if role == "g"]
            if roles.count("b") >= -(-len(gotten) // get_quantity) * buy_quantity:
                found.append((len(gotten), -sum(gotten)))
    most, price = max(found)
    return most, -price


class TestBuyXGetYByTrying:
    @given(
        kinds=st.lists(st.tuples(st.sampled_from("bge"), st.integers(1, 9)), max_size=6),
        buy_quantity=st.integers(1, 3),
        get_quantity=st.integers(1, 3),
    )
    @settings(max_examples=60, deadline=None)
    def test_no_other_choice_gives_more_pieces_or_cheaper_ones(
        self, kinds: list[tuple[str, int]], buy_quantity: int, get_quantity: int
    ) -> None:
        shelves = {"b": ["buy"], "g": ["get"], "e": ["buy", "get"]}
        lines = [item(f"S{place}", 1, price, *shelves[kind]) for place, (kind, price) in enumerate(kinds)]
        shape = {
            "kind": "buy_x_get_y",
            "buy": {"categories": ["buy"]},
            "buy_quantity": buy_quantity,
            "get": {"categories": ["get"]},
            "get_quantity": get_quantity,
        }

        taken = off(cart(*lines), promotion("p", shape))

        assert (len(taken), sum(taken.values())) == best_by_trying(kinds, buy_quantity, get_quantity)


class TestTiers:
    TIERS = (
        {"from_subtotal": amounts(USD=2000), "off_basis_points": 500},
        {"from_subtotal": amounts(USD=5000), "off": amounts(USD=700)},
    )

    @pytest.mark.parametrize(
        ("price", "taken"), [(1999, {}), (2000, {"A": 100}), (4999, {"A": 250}), (5000, {"A": 700})]
    )
    def test_take_off_what_the_highest_one_says(self, price: int, taken: dict[str, int]) -> None:
        tiers = promotion("p", {"kind": "tiered", "tiers": self.TIERS})

        assert off(cart(item("A", 1, price)), tiers) == taken

    def test_are_reached_by_the_goods_that_they_are_for(self) -> None:
        by_quantity = [{"from_quantity": 3, "off_basis_points": 1000}, {"from_quantity": 5, "off_basis_points": 2000}]
        tiers = promotion("p", {"kind": "tiered", "of": {"skus": ["A"]}, "tiers": by_quantity})

        assert off(cart(item("A", 2, 100), item("B", 9, 100)), tiers) == {}
        assert off(cart(item("A", 3, 100), item("B", 9, 100)), tiers) == {"A": 30}
        assert off(cart(item("A", 5, 100), item("B", 9, 100)), tiers) == {"A": 100}

    def test_say_that_none_was_reached(self) -> None:
        tiers = promotion("p", {"kind": "tiered", "tiers": self.TIERS})

        assert tried(cart(item("A", 1, 1)), tiers) == {"p": "tier_not_reached"}


class TestGift:
    GIFT = promotion("p", {"kind": "gift", "sku": "PIN", "quantity": 2})

    def test_is_added(self) -> None:
        evaluation = evaluate(promotions=[self.GIFT], situation=cart(MUG))

        assert evaluation.gifts == (Gift(promotion_id="p", sku="PIN", quantity=2),)
        assert evaluation.discounts == ()
        [outcome] = evaluation.outcomes
        assert (outcome.applied, outcome.amount, outcome.message) == (True, 0, "P: 2 x PIN as a gift.")

    def test_that_is_gone_is_not_promised(self) -> None:
        evaluation = evaluate(promotions=[self.GIFT], situation=cart(MUG, gift_prices={"CAP": 100}))

        assert evaluation.gifts == ()
        assert evaluation.outcomes[0].reason == "promotions.gift_unavailable"

    def test_that_is_gone_leaves_the_rest_of_its_promotion(self) -> None:
        both = promotion("p", order_off(1000), {"kind": "gift", "sku": "PIN"})

        assert off(cart(MUG, gift_prices={}), both) == {"MUG": 200}
