"""The model's every state is right, and every rule of it is needed."""

import pytest

from tests.faults.inventory.model.stock import State, explored, without

CALM = State(staff=0)
"""No staff: enough to show what each rule is for."""


class TestEveryState:
    def test_is_right_whatever_the_order_of_steps(self):
        states, wrong = explored(State())

        assert wrong is None
        assert states == 138_348, "three carts, staff, and two workers who even out shards; say so when the model grows"

    @pytest.mark.parametrize(
        ("rule", "mistake"),
        [
            ("takes_under_condition", "is negative"),
            ("remembers_shards", "is negative"),
            ("evens_under_condition", "is negative"),
            ("evens_old_shards", "nobody will move them"),
            ("empties_old_shards", "nobody will move them"),
        ],
    )
    def test_would_not_be_without_each_rule(self, rule: str, mistake: str):
        _, wrong = explored(CALM, without(rule))

        assert wrong is not None
        assert mistake in wrong

    def test_would_not_be_if_nobody_looked_after_an_evening_out(self):
        _, wrong = explored(State(), without("tells_of_evenings"))

        assert wrong is not None
        assert "nobody will move them" in wrong
