"""Rounding and sharing out: nothing is lost, and no order matters."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.kernel.rounding import Rounding, rounded, shares

WEIGHTS = st.dictionaries(st.text("abcdef", min_size=1, max_size=4), st.integers(0, 10**9), min_size=1, max_size=100)


class TestRounded:
    @pytest.mark.parametrize(
        ("value", "half_up", "half_even", "up", "down"),
        [("0", 0, 0, 0, 0), ("1/2", 1, 0, 1, 0), ("3/2", 2, 2, 2, 1), ("5/4", 1, 1, 2, 1), ("7/4", 2, 2, 2, 1)],
    )
    def test_goes_to_the_neighbour_that_the_mode_says(
        self, value: str, half_up: int, half_even: int, up: int, down: int
    ) -> None:
        modes = (Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.UP, Rounding.DOWN)

        assert [rounded(Fraction(value), mode) for mode in modes] == [half_up, half_even, up, down]

    def test_refuses_what_is_negative(self) -> None:
        with pytest.raises(ValueError, match="zero or more"):
            rounded(Fraction(-1, 2))


class TestShares:
    @given(amount=st.integers(-(10**12), 10**12), weights=WEIGHTS)
    def test_sum_up_to_the_amount_and_are_fair(self, amount: int, weights: dict[str, int]) -> None:
        shared = shares(amount, weights)

        total = sum(weights.values())
        assert sum(shared.values()) == amount
        for key, share in shared.items():
            exact = Fraction(amount * weights[key], total) if total else Fraction(amount, len(weights))
            assert abs(share - exact) < 1

    @given(amount=st.integers(0, 10**6), weights=WEIGHTS, seed=st.randoms())
    def test_do_not_depend_on_an_order(self, amount: int, weights: dict[str, int], seed: object) -> None:
        keys = list(weights)
        seed.shuffle(keys)  # type: ignore[attr-defined]

        assert shares(amount, {key: weights[key] for key in keys}) == shares(amount, weights)

    def test_give_the_odd_ones_to_the_first_of_equal_remainders(self) -> None:
        assert shares(100, {"c": 1, "a": 1, "b": 1}) == {"a": 34, "b": 33, "c": 33}

    def test_need_somebody_to_share_among(self) -> None:
        assert shares(0, {}) == {}
        with pytest.raises(ValueError, match="nobody"):
            shares(1, {})
        with pytest.raises(ValueError, match="zero or more"):
            shares(1, {"a": -1})
