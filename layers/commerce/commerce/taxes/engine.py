"""The computation of taxes: pure, in whole minor units of one currency.

A line's price either contains the tax of some place (its basis: the country that the price was set for, else the
shop's home) or contains none. What it then costs where it goes:

- The same tax there as in the basis, or a price that was set for that country: what is shown stays, the net follows.
- Else the net stays, and the tax of the destination comes on top (businesses, exempt buyers and exports: none).

Only taxes are rounded. The net or the gross is given, the other one follows from the tax, so both always add up. A tax
that changes what is paid is rounded to the grain of what can be charged; one that a price contains, to the minor unit.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import groupby
from math import lcm
from typing import NamedTuple

from commerce.kernel.rounding import Rounding, rounded, shares
from commerce.taxes.lines import CONSUMER, STANDARD, Buyer, RatePart, Reason, Taxable, Taxed, TaxLine
from commerce.taxes.model import HIGHEST_OF_GOODS, PROPORTIONAL, TaxRate, TaxRules
from commerce.taxes.places import Place
from commerce.taxes.treatment import Treatment, treatment

NONE = Fraction()


class Applied(NamedTuple):
    """The rates that a line bears, and why."""

    rates: tuple[TaxRate, ...]
    reason: Reason
    rule: str

    @property
    def factors(self) -> tuple[Fraction, ...]:
        """Return what each rate makes of a net amount of one; a compound rate is taken of the taxes before it too."""
        found: list[Fraction] = []
        for rate in self.rates:
            found.append(rate.fraction * (1 + sum(found, NONE)) if rate.compound else rate.fraction)
        return tuple(found)

    @property
    def factor(self) -> Fraction:
        """Return the tax of a net amount of one."""
        return sum(self.factors, NONE)


UNTOLD = Applied((), "no_rate", "no_rate")
"""Where there should be a rate, and nobody entered one."""


class Piece(NamedTuple):
    """A line, or the part of the shipping that goes with one class of goods.

    :param base: the net where `is_net`, else the gross.
    """

    key: str
    of: Taxable
    base: int
    is_net: bool
    applied: Applied

    @property
    def exact(self) -> Fraction:
        """Return the tax before it is rounded."""
        factor = self.applied.factor
        return self.base * factor if self.is_net else self.base * factor / (1 + factor)


@dataclass(frozen=True)
class Sale:
    """What is the same for all lines of one computation."""

    rules: TaxRules
    destination: Place | None
    default_includes_tax: bool
    buyer: Buyer
    on: date
    rounding: Rounding
    grain: int
    _known: dict[tuple[Place, Buyer, str], Applied] = field(default_factory=dict, init=False, repr=False)

    @property
    def place(self) -> Place | None:
        """Return where the goods go, as far as one knows: the shop's home until there is an address."""
        return self.destination or self.rules.home

    @property
    def country(self) -> str | None:
        """Return the country of that place."""
        return self.place.country if self.place is not None else None

    @property
    def includes_tax(self) -> bool:
        """Tell whether prices include tax at the destination."""
        return self.rules.includes_tax(self.country, default=self.default_includes_tax)

    def applied(self, tax_class: str) -> Applied:
        """Return the rates of a class of goods at the destination."""
        if self.place is None or (self.destination is None and not self.includes_tax):
            return Applied((), "unknown_destination", "unknown_destination")
        found = self._found(self.place, self.buyer, tax_class)
        return found if self.destination is not None else replace(found, reason="unknown_destination")

    def contained(self, item: Taxable, tax_class: str) -> Applied | None:
        """Return the rates of the tax that an item's price contains; None when prices contain none where it was set.

        A consumer's: whoever sets a price does not know who buys.
        """
        set_for = self._set_for(item)
        country = set_for.country if set_for is not None else None
        if not self.rules.includes_tax(country, default=self.default_includes_tax):
            return None
        return self._found(set_for, CONSUMER, tax_class) if set_for is not None else UNTOLD

    def _set_for(self, item: Taxable) -> Place | None:
        if item.priced_for is None:
            return self.rules.home
        if self.place is not None and item.priced_for == self.place.country:
            return self.place
        return Place(item.priced_for)

    def _found(self, place: Place, buyer: Buyer, tax_class: str) -> Applied:
        key = (place, buyer, tax_class)
        if key not in self._known:
            how = treatment(self.rules, place, buyer=buyer, on=self.on)
            self._known[key] = self._of(how, tax_class)
        return self._known[key]

    def _of(self, how: Treatment, tax_class: str) -> Applied:
        if how.place is None:
            return Applied((), how.reason, how.rule)
        rates = self.rules.rates_at(how.place, tax_class=tax_class, on=self.on)
        if not rates:
            return UNTOLD
        return Applied(rates, how.reason, "+".join(rate.id for rate in rates))


def taxed(
    *,
    items: Sequence[Taxable],
    rules: TaxRules,
    destination: Place | None,
    prices_include_tax: bool,
    buyer: Buyer = CONSUMER,
    on: date,
    rounding: Rounding = Rounding.HALF_UP,
    grain: int = 1,
) -> Taxed:
    """Compute the taxes of a sale. The order of the items changes nothing.

    :param destination: None until there is an address: prices that include tax then show the home's, others none.
    :param prices_include_tax: the shop's rule, where no country has one of its own.
    :param grain: the least step between two amounts that can be charged: where all prices are multiples of it, so is
        what all lines come to.
    :raises ValueError: for a negative amount, or two items of one kind with the same key.
    """
    _check(items)
    sale = Sale(rules, destination, prices_include_tax, buyer, on, rounding, grain)
    pieces = [piece for item in items for piece in _pieces(item, items, sale)]
    taxes = _taxes(pieces, sale)
    lines = {(item.is_shipping, item.key): _line(item, pieces, taxes, sale) for item in sorted(items, key=_name)}
    return Taxed(
        lines={key: line for (is_shipping, key), line in lines.items() if not is_shipping},
        shipping={key: line for (is_shipping, key), line in lines.items() if is_shipping},
        prices_include_tax=sale.includes_tax,
    )


def net_of_home(
    item: Taxable, *, rules: TaxRules, prices_include_tax: bool, on: date, rounding: Rounding, grain: int = 1
) -> int:
    """Return an item's price without the tax of where it was set for, for whoever else computes that of elsewhere."""
    sale = Sale(rules, None, prices_include_tax, CONSUMER, on, rounding, grain)
    contained = sale.contained(item, _class_of(item, rules))
    return item.amount if contained is None else item.amount - _tax_in(item.amount, contained, sale)


def _check(items: Sequence[Taxable]) -> None:
    if any(item.amount < 0 for item in items):
        message = "only amounts of zero or more are taxed"
        raise ValueError(message)
    if len({_name(item) for item in items}) != len(items):
        message = "two items have the same key"
        raise ValueError(message)


def _name(item: Taxable) -> tuple[bool, str]:
    return item.is_shipping, item.key


# ---- what is taxed -----------------------------------------------------------------------------------------


def _pieces(item: Taxable, items: Sequence[Taxable], sale: Sale) -> Iterator[Piece]:
    for tax_class, amount in _classes(item, items, sale).items():
        applied = sale.applied(tax_class)
        net = _net(item, tax_class, amount, applied, sale)
        base = amount if net is None else net
        key = f"{'shipping' if item.is_shipping else 'goods'}:{item.key}:{tax_class}"
        yield Piece(key, item, base=base, is_net=net is not None, applied=applied)


def _classes(item: Taxable, items: Sequence[Taxable], sale: Sale) -> Mapping[str, int]:
    """Return the classes of an item with the part of its amount that falls to each."""
    if not item.is_shipping:
        return {item.tax_class: item.amount}
    goods: dict[str, int] = {}
    for other in items:
        if not other.is_shipping:
            goods[other.tax_class] = goods.get(other.tax_class, 0) + other.amount
    match sale.rules.shipping:
        case rule if rule == PROPORTIONAL and goods:
            return shares(item.amount, goods)
        case rule if rule == HIGHEST_OF_GOODS and goods:
            return {max(sorted(goods), key=lambda each: sale.applied(each).factor): item.amount}
    return {_class_of(item, sale.rules): item.amount}


def _class_of(item: Taxable, rules: TaxRules) -> str:
    if not item.is_shipping:
        return item.tax_class
    return STANDARD if rules.shipping in {PROPORTIONAL, HIGHEST_OF_GOODS} else rules.shipping


def _net(item: Taxable, tax_class: str, amount: int, applied: Applied, sale: Sale) -> int | None:
    """Return the net that stays; None when what is shown, the gross, stays."""
    contained = sale.contained(item, tax_class)
    if contained is None:
        return amount
    is_final = item.priced_for is not None and item.priced_for == sale.country
    without_tax = applied.reason in {"reverse_charge", "exempt"}
    if UNTOLD in {applied, contained} or applied.factor == contained.factor:
        return None
    if not without_tax and (is_final or not sale.rules.keeps_net):
        return None
    return amount - _tax_in(amount, contained, sale)


def _tax_in(gross: int, applied: Applied, sale: Sale) -> int:
    """Return the tax that is taken out of a price. It may be more than a price of less than one grain."""
    return min(gross, rounded(gross * applied.factor / (1 + applied.factor), sale.rounding, grain=sale.grain))


# ---- what it bears -----------------------------------------------------------------------------------------


def _taxes(pieces: Sequence[Piece], sale: Sale) -> Mapping[str, int]:
    """Return the tax of each piece, rounded one by one, or once for all that bear the same rates."""
    if sale.rules.rounds_at(sale.country) == "line":
        return {piece.key: rounded(piece.exact, sale.rounding, grain=_grain(piece, sale)) for piece in pieces}
    taxes: dict[str, int] = {}
    for _, alike in groupby(sorted(pieces, key=_kind), key=_kind):
        group = list(alike)
        grain = _grain(group[0], sale)
        total = rounded(sum((piece.exact for piece in group), NONE), sale.rounding, grain=grain)
        taxes |= shares(total, {piece.key: piece.base for piece in group}, grain=grain)
    return taxes


def _grain(piece: Piece, sale: Sale) -> int:
    """Return how finely a tax is computed. One that is contained in what is paid changes nothing that is charged."""
    return sale.grain if piece.is_net else 1


def _kind(piece: Piece) -> tuple[bool, str, str]:
    return piece.is_net, piece.applied.rule, piece.applied.reason


def _line(item: Taxable, pieces: Sequence[Piece], taxes: Mapping[str, int], sale: Sale) -> TaxLine:
    own = sorted((piece for piece in pieces if piece.of is item), key=lambda piece: piece.key)
    tax = sum(taxes[piece.key] for piece in own)
    net = sum(_net_of(piece, taxes) for piece in own)
    reasons = dict.fromkeys(piece.applied.reason for piece in own)
    countries = dict.fromkeys(rate.country for piece in own for rate in piece.applied.rates)
    return TaxLine(
        key=item.key,
        amount=item.amount,
        charged=net + tax if sale.includes_tax else net,
        net=net,
        tax=tax,
        gross=net + tax,
        parts=_parts(own, taxes),
        country=next(iter(countries), ""),
        rule="+".join(dict.fromkeys(piece.applied.rule for piece in own)),
        reason=next(iter(reasons)) if len(reasons) == 1 else "rate",
    )


def _parts(pieces: Sequence[Piece], taxes: Mapping[str, int]) -> tuple[RatePart, ...]:
    sums: dict[tuple[str, str], int] = {}
    bases: dict[tuple[str, str], int] = {}
    for piece in pieces:
        factors = piece.applied.factors
        common = lcm(*(factor.denominator for factor in factors))
        weights = {f"{place:02}": int(factor * common) for place, factor in enumerate(factors)}
        for rate, tax in zip(piece.applied.rates, shares(taxes[piece.key], weights).values(), strict=True):
            sums[rate.name, rate.rate] = sums.get((rate.name, rate.rate), 0) + tax
        for name in {(rate.name, rate.rate) for rate in piece.applied.rates}:
            bases[name] = bases.get(name, 0) + _net_of(piece, taxes)
    whole = sum(_net_of(piece, taxes) for piece in pieces)
    return tuple(
        RatePart(*name, tax, net=None if len(pieces) == 1 or bases[name] == whole else bases[name])
        for name, tax in sums.items()
    )


def _net_of(piece: Piece, taxes: Mapping[str, int]) -> int:
    return piece.base if piece.is_net else piece.base - taxes[piece.key]
