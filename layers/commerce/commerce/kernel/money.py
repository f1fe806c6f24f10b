"""Money: a whole number of minor units and its currency. Never a float."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints

from commerce.kernel.errors import Invalid
from commerce.kernel.schema import Input

MOST = 99_999_999
"""The largest amount that Stripe charges (eight digits); https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts"""


MOST_SUM = 2**53 - 1
"""The largest sum: what every JSON reader keeps exact. A cart of 50 lines of 999 pieces at `MOST` stays far below."""

THREE_DECIMALS = 3
GRAIN_OF_THREE_DECIMALS = 10
GRAINS: Mapping[str, int] = {"MGA": 100}


class CurrencyMismatch(Invalid):
    code = "money.currency_mismatch"
    title = "These amounts are in different currencies"


def known_currency(code: str) -> str:
    """Return an ISO 4217 code as it is.

    :raises ValueError: when it is none.
    """
    if code not in _exponents():
        message = "this is not an ISO 4217 currency code"
        raise ValueError(message)
    return code


CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), AfterValidator(known_currency)]
"""An ISO 4217 code in capitals."""


def exponent(currency: str) -> int:
    """Return how many decimal places the currency has: JPY 0, USD 2, KWD 3."""
    return _exponents()[currency]


def grain(currency: str) -> int:
    """Return the least step between two amounts that can be charged, in minor units.

    Stripe charges amounts with three decimal places only if the last digit is 0
    (https://docs.stripe.com/currencies#three-decimal). The ariary has two decimal places in ISO 4217 and none at Stripe
    (https://docs.stripe.com/currencies#zero-decimal). Króna and Uganda shilling have none in either.
    """
    return GRAIN_OF_THREE_DECIMALS if exponent(currency) == THREE_DECIMALS else GRAINS.get(currency, 1)


@lru_cache(maxsize=1)
def _exponents() -> dict[str, int]:
    # Importing the library reads its table of the world (8 ms of CPU), which a function without money should not pay.
    from iso4217 import Currency  # noqa: PLC0415

    return {currency.code: currency.exponent or 0 for currency in Currency}


class Money(Input):
    """An amount in the minor units of its currency: 1999 and USD are 19.99 dollars."""

    amount: Annotated[int, Field(ge=-MOST_SUM, le=MOST_SUM, description="Whole minor units.")]
    currency: CurrencyCode

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Return nothing, in this currency."""
        return cls(amount=0, currency=currency)

    def __add__(self, other: Self) -> Self:
        return self._with(self.amount + self._amount_of(other))

    def __sub__(self, other: Self) -> Self:
        return self._with(self.amount - self._amount_of(other))

    def times(self, quantity: int) -> Self:
        """Return the price of so many."""
        return self._with(self.amount * quantity)

    def _with(self, amount: int) -> Self:
        return type(self)(amount=amount, currency=self.currency)

    def _amount_of(self, other: Self) -> int:
        if other.currency != self.currency:
            detail = f"{other.currency} cannot be counted together with {self.currency}."
            raise CurrencyMismatch(detail)
        return other.amount

    def __str__(self) -> str:
        places = exponent(self.currency)
        whole, rest = divmod(abs(self.amount), 10**places)
        sign = "-" if self.amount < 0 else ""
        decimals = f".{rest:0{places}d}" if places else ""
        return f"{sign}{whole:,}{decimals} {self.currency}"
