"""Rounding and sharing out: nothing is lost, and no order matters."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.kernel.rounding import Rounding, Towards, ended, rounded, shares

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


class TestEnded:
    @pytest.mark.parametrize(
        ("value", "nearest", "up", "down"),
        [("1049", 1099, 1099, 999), ("1048", 999, 1099, 999), ("1099", 1099, 1099, 1099), ("2099/2", 1099, 1099, 999)],
    )
    def test_takes_the_neighbour_with_the_ending(self, value: str, nearest: int, up: int, down: int) -> None:
        found = [ended(Fraction(value), step=100, ending=99, towards=towards) for towards in Towards]

        assert found == [nearest, up, down]

    @given(
        value=st.fractions(0, 10**9),
        step=st.integers(1, 1000),
        ending=st.integers(0, 999),
        towards=st.sampled_from(Towards),
    )
    def test_is_near_and_ends_as_asked(self, value: Fraction, step: int, ending: int, towards: Towards) -> None:
        ending %= step

        found = ended(value, step=step, ending=ending, towards=towards)

        if value == 0:
            assert found == 0
            return
        assert found > 0
        assert found % step == ending
        assert abs(found - value) < step or found == (ending or step)
        if found > step:
            assert {Towards.UP: found >= value, Towards.DOWN: found <= value}.get(towards, True)
            assert towards is not Towards.NEAREST or abs(found - value) <= Fraction(step, 2)

    def test_refuses_what_has_no_such_neighbour(self) -> None:
        for value, step, ending in ((-1, 10, 0), (1, 10, 10), (1, 0, 0)):
            with pytest.raises(ValueError, match="below its step"):
                ended(Fraction(value), step=step, ending=ending)


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


class TestGrain:
    @given(st.fractions(0, 10**9), st.sampled_from(Rounding), st.sampled_from([1, 10, 100]))
    def test_every_amount_is_a_multiple_of_what_can_be_charged(
        self, value: Fraction, mode: Rounding, grain: int
    ) -> None:
        found = rounded(value, mode, grain=grain)

        assert found % grain == 0
        assert found == rounded(value / grain, mode) * grain
        assert abs(found - value) < grain

    @given(st.integers(-(10**9), 10**9), WEIGHTS, st.sampled_from([1, 10, 100]))
    def test_every_share_is_one_and_nothing_is_lost(self, grains: int, weights: dict[str, int], grain: int) -> None:
        found = shares(grains * grain, weights, grain=grain)

        assert sum(found.values()) == grains * grain
        assert all(share % grain == 0 for share in found.values())

    def test_an_amount_that_is_none_is_not_shared(self) -> None:
        with pytest.raises(ValueError, match="no multiple"):
            shares(15, {"a": 1}, grain=10)

    @pytest.mark.parametrize(
        ("step", "ending", "result"), [(1, 0, 1230), (100, 99, 1190), (25, 0, 1250), (1000, 995, 990), (5, 3, 1230)]
    )
    def test_an_ending_that_cannot_be_charged_gives_way(self, step: int, ending: int, result: int) -> None:
        assert ended(Fraction(1234), step=step, ending=ending, grain=10) == result
