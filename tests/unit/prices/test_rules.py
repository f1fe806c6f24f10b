"""Price rules: what each fact makes of a price, and the bounds that always hold."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.prices.rules import Bound, Facts, Outcome, PriceRule, applied, least
from tests.unit.prices.builders import rule


def outcome(one: PriceRule, *, price: int = 1000, **facts: Any) -> Outcome:
    return applied(one, sku="TEE", price=price, facts=Facts(**facts))


class TestFacts:
    def test_are_stock_age_and_demand(self) -> None:
        stock = rule("a", (0, 1000), (5, -1000))
        age = rule("a", (90, -3000), fact="age_days")
        demand = rule("a", (50, 500), fact="demand", days=7)

        assert [outcome(stock, stock=left).amount for left in (0, 4, 5, 99)] == [1100, 1100, 900, 900]
        assert outcome(age, age_days=90).amount == 700
        assert outcome(demand, sold={7: 50, 30: 10}).amount == 1050

    def test_may_be_missing(self) -> None:
        lost = [
            outcome(rule("a", (0, 1000))),
            outcome(rule("a", (0, 1000), fact="age_days")),
            outcome(rule("a", (0, 1000), fact="demand", days=7), sold={30: 5}),
        ]

        assert [one.lost for one in lost] == ["fact_unknown"] * 3
        assert lost[2].message == "Nobody knows the number sold in 7 days."

    def test_may_lie_below_every_band(self) -> None:
        assert outcome(rule("a", (5, 1000)), stock=4).lost == "no_band"

    @pytest.mark.parametrize(
        ("scope", "amount"),
        [
            ({"skus": ("TEE",)}, 1100),
            ({"skus": ("MUG",)}, None),
            ({"categories": ("tees", "hats")}, 1100),
            ({"categories": ("hats",)}, None),
            ({"categories": ("tees",), "skus": ("MUG",)}, None),
        ],
    )
    def test_are_of_the_articles_in_the_scope(self, scope: dict[str, Any], amount: int | None) -> None:
        assert outcome(rule("a", (0, 1000), **scope), stock=1, shelves=("tees",)).amount == amount


class TestBounds:
    def test_hold_the_price(self) -> None:
        assert outcome(rule("a", (0, -5000), floor=Bound(basis_points=8000)), stock=1).amount == 800
        assert outcome(rule("a", (0, -5000), floor=Bound(amount=850)), stock=1).amount == 850
        assert outcome(rule("a", (0, 5000), ceiling=Bound(basis_points=12_000)), stock=1).amount == 1200
        assert outcome(rule("a", (0, 5000), ceiling=Bound(amount=1111)), stock=1).amount == 1111

    def test_go_before_the_step(self) -> None:
        stepped = rule("a", (0, -5000), floor=Bound(amount=853), step=50)
        between = rule("a", (0, -5000), floor=Bound(amount=853), ceiling=Bound(amount=899), step=50)

        assert outcome(stepped, stock=1).amount == 900
        assert outcome(between, stock=1).amount == 853

    def test_never_turn_a_change_round(self) -> None:
        assert outcome(rule("a", (0, -5000), floor=Bound(amount=1200)), stock=1).lost == "bounds_undo_it"
        assert outcome(rule("a", (0, 5000), ceiling=Bound(amount=900)), stock=1).lost == "bounds_undo_it"

    def test_that_cross_make_no_price(self) -> None:
        crossed = rule("a", (0, -100), floor=Bound(amount=900), ceiling=Bound(amount=800))

        assert outcome(crossed, stock=1).lost == "bounds_cross"

    def test_keep_the_margin_over_the_cost(self) -> None:
        guarded = rule("a", (0, -5000), least_margin_basis_points=2500)

        assert outcome(guarded, stock=1, costs={"USD": 600}).amount == 800
        assert outcome(guarded, stock=1, costs={"USD": 601}).amount == 802
        assert outcome(guarded, stock=1, costs={"USD": 800}).lost == "bounds_undo_it"
        assert outcome(guarded, stock=1, costs={"EUR": 1}).lost == "cost_unknown"

    @pytest.mark.parametrize("bands", [((0, 0),), ((0, 1),)])
    def test_leave_what_does_not_change(self, bands: tuple[tuple[int, int], ...]) -> None:
        assert outcome(rule("a", *bands), price=10, stock=1).amount is None
        assert outcome(rule("a", (0, -5000)), price=0, stock=1).lost == "changes_nothing"


class TestProperties:
    @given(
        price=st.integers(0, 10**7),
        change=st.integers(-9999, 100_000),
        floor=st.one_of(
            st.builds(Bound, amount=st.integers(0, 10**7)), st.builds(Bound, basis_points=st.integers(0, 10_000))
        ),
        ceiling=st.one_of(
            st.builds(Bound, amount=st.integers(0, 10**7)), st.builds(Bound, basis_points=st.integers(10_000, 50_000))
        ),
        step=st.integers(1, 500),
        cost=st.integers(0, 10**6),
        margin=st.one_of(st.none(), st.integers(0, 9_999)),
        currency=st.sampled_from(["USD", "JPY", "KWD", "ISK"]),
    )
    def test_bounds_and_margin_always_hold(
        self,
        price: int,
        change: int,
        floor: Bound,
        ceiling: Bound,
        step: int,
        cost: int,
        margin: int | None,
        currency: str,
    ) -> None:
        one = rule(
            "a",
            (0, change),
            floor=floor,
            ceiling=ceiling,
            step=step,
            least_margin_basis_points=margin,
            currency=currency,
        )

        amount = outcome(one, price=price, stock=1, costs={currency: cost}).amount

        if amount is None:
            return
        assert (amount > price) == (change > 0)
        assert amount * 10_000 >= (floor.basis_points or 0) * price
        assert amount >= (floor.amount or 0)
        if ceiling.basis_points is not None:
            assert amount * 10_000 <= ceiling.basis_points * price
        if ceiling.amount is not None:
            assert amount <= ceiling.amount
        if margin is not None:
            assert (amount - cost) * 10_000 >= margin * amount
        assert least(one, price=price, cost=cost) == min(price, amount)
