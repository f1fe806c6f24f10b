"""What Stripe would refuse to charge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.kernel.money import MOST, Money, exponent
from commerce.pricing.charges import MINIMUMS, uncharged


class TestUncharged:
    @pytest.mark.parametrize(
        ("amount", "currency", "reason"),
        [
            (0, "USD", None),
            (1, "USD", "too_small"),
            (49, "USD", "too_small"),
            (50, "USD", None),
            (29, "GBP", "too_small"),
            (30, "GBP", None),
            (49, "JPY", "too_small"),
            (50, "JPY", None),
            (1, "ZAR", None),
            (MOST, "USD", None),
            (MOST + 1, "USD", "too_large"),
            (5, "KWD", "not_a_step"),
            (5125, "KWD", "not_a_step"),
            (5120, "KWD", None),
            (0, "KWD", None),
            (150, "MGA", "not_a_step"),
            (100, "MGA", None),
        ],
    )
    def test_knows_the_bounds(self, amount: int, currency: str, reason: str | None):
        refusal = uncharged(Money(amount=amount, currency=currency))

        assert (refusal.reason if refusal else None) == reason

    def test_names_the_bound(self):
        refusal = uncharged(Money(amount=7, currency="HUF"))

        assert refusal is not None
        assert refusal.message == "0.07 HUF is too little to be charged; the least is 175.00 HUF."

    @given(st.sampled_from([*MINIMUMS, "KWD", "ZAR", "ISK"]), st.integers(0, MOST * 2))
    def test_lets_pass_what_keeps_every_rule(self, currency: str, amount: int):
        refusal = uncharged(Money(amount=amount, currency=currency))

        is_fine = MINIMUMS.get(currency, 1) <= amount <= MOST and not (exponent(currency) == 3 and amount % 10)
        assert (refusal is None) == (amount == 0 or is_fine)

    def test_names_currencies_that_there_are(self):
        assert all(Money(amount=least, currency=currency) for currency, least in MINIMUMS.items())
