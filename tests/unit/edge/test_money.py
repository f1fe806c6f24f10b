"""Money, in currencies with no, two and three decimal places."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from commerce.kernel.money import MOST_SUM, CurrencyMismatch, Money, exponent

amounts = st.integers(min_value=-(10**12), max_value=10**12)
currencies = st.sampled_from(["USD", "EUR", "JPY", "KWD", "BHD", "KRW"])


def money(amount: int, currency: str = "USD") -> Money:
    return Money(amount=amount, currency=currency)


class TestText:
    @pytest.mark.parametrize(
        ("amount", "currency", "text"),
        [
            (1999, "USD", "19.99 USD"),
            (1999, "JPY", "1,999 JPY"),
            (1999, "KWD", "1.999 KWD"),
            (5, "USD", "0.05 USD"),
            (5, "KWD", "0.005 KWD"),
            (0, "JPY", "0 JPY"),
            (0, "USD", "0.00 USD"),
            (-1999, "USD", "-19.99 USD"),
            (-5, "KWD", "-0.005 KWD"),
            (123_456_789, "USD", "1,234,567.89 USD"),
        ],
    )
    def test_places_the_decimals_of_the_currency(self, amount: int, currency: str, text: str) -> None:
        assert str(money(amount, currency)) == text

    @given(amount=amounts, currency=currencies)
    def test_loses_nothing(self, amount: int, currency: str) -> None:
        number, code = str(money(amount, currency)).split()

        assert code == currency
        assert int(number.replace(",", "").replace(".", "")) == amount

    @pytest.mark.parametrize(("currency", "places"), [("JPY", 0), ("USD", 2), ("KWD", 3)])
    def test_knows_the_exponent(self, currency: str, places: int) -> None:
        assert exponent(currency) == places


class TestSums:
    @given(one=amounts, other=amounts, currency=currencies)
    def test_adds_and_takes_away_exactly(self, one: int, other: int, currency: str) -> None:
        total = money(one, currency) + money(other, currency)

        assert total.amount == one + other
        assert total - money(other, currency) == money(one, currency)

    @given(price=st.integers(min_value=0, max_value=10**8), quantity=st.integers(min_value=0, max_value=9999))
    def test_multiplies_as_it_adds(self, price: int, quantity: int) -> None:
        assert money(price).times(quantity).amount == price * quantity

    def test_starts_from_zero(self) -> None:
        assert Money.zero("KWD") + money(7, "KWD") == money(7, "KWD")

    def test_refuses_to_mix_currencies(self) -> None:
        with pytest.raises(CurrencyMismatch, match="EUR cannot be counted together with USD"):
            money(1) + money(1, "EUR")
        with pytest.raises(CurrencyMismatch):
            money(1) - money(1, "JPY")


class TestInput:
    @pytest.mark.parametrize(
        "amount", [1.0, 19.99, "1999", True, None, float("nan"), MOST_SUM + 1, -MOST_SUM - 1, 10**40]
    )
    def test_takes_whole_numbers_alone(self, amount: object) -> None:
        with pytest.raises(ValidationError):
            Money.model_validate({"amount": amount, "currency": "USD"})

    @pytest.mark.parametrize("currency", ["usd", "US", "USDX", "", "ZZZ", "U$D", 840, None, "USD\n", " USD"])
    def test_takes_iso_codes_alone(self, currency: object) -> None:
        with pytest.raises(ValidationError):
            Money.model_validate({"amount": 1, "currency": currency})

    def test_takes_no_more_than_amount_and_currency(self) -> None:
        with pytest.raises(ValidationError):
            Money.model_validate({"amount": 1, "currency": "USD", "decimals": 2})

    def test_does_not_change(self) -> None:
        with pytest.raises(ValidationError):
            money(1).amount = 2  # type: ignore[misc]
