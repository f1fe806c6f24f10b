"""Exchange: an amount of one currency in another, with the rate, its source, its time and the ending that it got."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from commerce.kernel.money import exponent, grain
from commerce.kernel.rounding import Rounding, ended, rounded
from commerce.prices.model import PriceRounding

PLACES = 12
"""Decimal places of a rate between two currencies: rounded before it is used, so that what is stored counts."""

MANUAL = "manual"


class Quoted(NamedTuple):
    """So many units of a currency for one unit of the base."""

    rate: Fraction
    base: str


class Rates(NamedTuple):
    """The rates of a source, and those that staff wrote, which go before them.

    :ivar base: the currency that the source's rates are for one unit of.
    :ivar at: the moment that the source names.
    """

    source: str = ""
    base: str = ""
    at: datetime | None = None
    fetched: Mapping[str, Fraction] = MappingProxyType({})
    manual: Mapping[str, tuple[Quoted, datetime]] = MappingProxyType({})


class Rate(NamedTuple):
    """A rate between two currencies, and where it comes from."""

    rate: Fraction
    source: str
    at: datetime

    def is_older_than(self, age: timedelta, *, now: datetime) -> bool:
        """Tell whether a source has not renewed the rate for so long. What staff wrote does not age."""
        return self.source != MANUAL and now - self.at > age


class Converted(NamedTuple):
    """An amount that came from another currency: all that an order stores to compute it again.

    :ivar rate_text: units of the new currency for one unit of the old, as a decimal number.
    :ivar rule: the ending that the amount got; None: none in particular.
    :ivar of: the source of the price that was converted.
    """

    amount: int
    rate_text: str
    source: str
    at: datetime
    rule: PriceRounding | None
    from_amount: int
    from_currency: str
    of: str = ""


class Exchange(NamedTuple):
    """How a shop converts its prices.

    :ivar home: the shop's currency, which prices are converted from.
    :ivar endings: by currency.
    :ivar oldest: how old the rates of a source may be.
    """

    home: str
    rates: Rates
    endings: Mapping[str, PriceRounding]
    oldest: timedelta

    def converted(self, amount: int, currency: str, *, now: datetime) -> Converted | None:
        """Return an amount of the shop's currency in another one; None without a rate that is young enough."""
        rate = rate_between(self.rates, self.home, currency)
        if rate is None or rate.is_older_than(self.oldest, now=now):
            return None
        return converted(amount, source=self.home, target=currency, rate=rate, rule=self.endings.get(currency))


def rate_between(rates: Rates, source: str, target: str) -> Rate | None:
    """Return how many units of `target` one unit of `source` is; None when nobody said so."""
    own, other = rates.manual.get(target), rates.manual.get(source)
    if own is not None and own[0].base == source:
        return Rate(_decimal(own[0].rate), MANUAL, own[1])
    if other is not None and other[0].base == target:
        return Rate(_decimal(1 / other[0].rate), MANUAL, other[1])
    fetched = {rates.base: Fraction(1), **rates.fetched}
    if rates.at is None or source not in fetched or target not in fetched:
        return None
    rate = _decimal(fetched[target] / fetched[source])
    return Rate(rate, rates.source, rates.at) if rate else None


def converted(amount: int, *, source: str, target: str, rate: Rate, rule: PriceRounding | None) -> Converted:
    """Return an amount in another currency, with the ending of the rule, as far as it can be charged."""
    exact = amount * rate.rate * Fraction(10) ** (exponent(target) - exponent(source))
    wanted = rule or PriceRounding(step=1)
    result = ended(exact, step=wanted.step, ending=wanted.ending, towards=wanted.towards, grain=grain(target))
    return Converted(
        amount=result,
        rate_text=decimal_text(rate.rate),
        source=rate.source,
        at=rate.at,
        rule=rule,
        from_amount=amount,
        from_currency=source,
    )


def decimal_text(rate: Fraction) -> str:
    """Write a rate as a decimal number; all of it, as it has no more than twelve places."""
    whole, rest = divmod(rounded(rate * 10**PLACES, Rounding.HALF_EVEN), 10**PLACES)
    return f"{whole}.{rest:0{PLACES}d}".rstrip("0").rstrip(".")


def _decimal(rate: Fraction) -> Fraction:
    return Fraction(rounded(rate * 10**PLACES, Rounding.HALF_EVEN), 10**PLACES)
