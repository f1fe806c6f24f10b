"""Price rules: the catalog's price goes up and down with stock, age or demand, within bounds."""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from math import lcm
from types import MappingProxyType
from typing import Literal, NamedTuple

from pydantic import Field

from commerce.kernel.money import MOST, Money, grain
from commerce.kernel.rounding import Rounding, ended, rounded
from commerce.kernel.schema import Instant, Output
from commerce.prices.model import WHOLE

FactName = Literal["stock", "age_days", "demand"]
Lost = Literal[
    "wrong_scope", "fact_unknown", "no_band", "changes_nothing", "cost_unknown", "bounds_cross", "bounds_undo_it"
]


class Facts(NamedTuple):
    """What rules look at.

    :ivar stock: pieces that can be sold now; None while nobody knows, as everywhere here.
    :ivar age_days: whole days since the product came into the catalog.
    :ivar sold: pieces sold in the last so many days, by the number of days: what a provider of such facts knows.
    :ivar costs: what a piece costs the shop, by currency.
    :ivar shelves: slugs of the categories that list the product.
    """

    stock: int | None = None
    age_days: int | None = None
    sold: Mapping[int, int] = MappingProxyType({})
    costs: Mapping[str, int] = MappingProxyType({})
    shelves: Collection[str] = ()


class Bound(Output):
    """A floor or a ceiling: a share of the catalog's price, or an amount."""

    basis_points: int | None = Field(None, description="Of the catalog's price: 8000 is 80 %.")
    amount: int | None = Field(None, description="Minor units of the rule's currency.")


class RuleBand(Output):
    """What happens to the price from a value of the fact on, up to the next band."""

    at_least: int
    change_basis_points: int


class PriceRule(Output):
    """A rule for the prices of one currency.

    :ivar days: over how many days demand is counted.
    :ivar since: from when on it has been what it is.
    """

    id: str
    title: str
    currency: str
    fact: FactName
    days: int | None = None
    bands: tuple[RuleBand, ...]
    floor: Bound
    ceiling: Bound
    step: int = 1
    least_margin_basis_points: int | None = None
    categories: tuple[str, ...] | None = None
    skus: tuple[str, ...] | None = None
    priority: int = 0
    active: bool = True
    since: Instant

    def concerns(self, *, sku: str, currency: str, shelves: Collection[str]) -> bool:
        """Tell whether the rule is about this SKU in this currency."""
        shelved = self.categories is None or any(slug in shelves for slug in self.categories)
        return self.active and self.currency == currency and shelved and (self.skus is None or sku in self.skus)

    def value(self, facts: Facts) -> int | None:
        """Return what the rule looks at."""
        match self.fact:
            case "stock":
                return facts.stock
            case "age_days":
                return facts.age_days
            case "demand":
                return facts.sold.get(self.days or 0)

    def band(self, value: int) -> RuleBand | None:
        """Return the band that a value lies in; None below the first one."""
        fitting = [band for band in self.bands if band.at_least <= value]
        return fitting[-1] if fitting else None

    def prices_as(self, other: "PriceRule") -> bool:
        """Tell whether another version of the rule does the same."""
        texts = {"title": "", "since": self.since}
        return self.model_copy(update=texts) == other.model_copy(update=texts)


class PastRule(Output):
    """A rule as it was until it was changed or taken out."""

    was: PriceRule
    until: Instant


class Outcome(NamedTuple):
    """What came of a rule: an amount, or why there is none."""

    amount: int | None
    message: str
    lost: Lost | None = None


def in_order(rules: Sequence[PriceRule]) -> tuple[PriceRule, ...]:
    """Return rules as they are tried: by priority, then id."""
    return tuple(sorted(rules, key=lambda rule: (-rule.priority, rule.id)))


def applied(rule: PriceRule, *, sku: str, price: int, facts: Facts) -> Outcome:
    """Return what a rule makes of the catalog's price."""
    if not rule.concerns(sku=sku, currency=rule.currency, shelves=facts.shelves):
        return Outcome(None, "It is for other articles.", "wrong_scope")
    value = rule.value(facts)
    if value is None:
        return Outcome(None, f"Nobody knows the {_named(rule)}.", "fact_unknown")
    band = rule.band(value)
    if band is None:
        return Outcome(None, f"The {_named(rule)} is {value}, below its first band.", "no_band")
    return _changed(rule, band, price=price, cost=facts.costs.get(rule.currency), seen=f"the {_named(rule)} is {value}")


def least(rule: PriceRule, *, price: int, cost: int | None) -> int:
    """Return the lowest that a rule could make of a price, whatever it looks at; the price, when it lowers nothing."""
    outcomes = [_changed(rule, band, price=price, cost=cost, seen="").amount for band in rule.bands]
    return min([price, *(amount for amount in outcomes if amount is not None)])


def _changed(rule: PriceRule, band: RuleBand, *, price: int, cost: int | None, seen: str) -> Outcome:
    if not band.change_basis_points or not price:
        return Outcome(None, f"It changes nothing while {seen}.", "changes_nothing")
    if rule.least_margin_basis_points is not None and cost is None:
        return Outcome(None, f"The cost is not known in {rule.currency}, so its margin cannot be kept.", "cost_unknown")
    step = lcm(rule.step, grain(rule.currency))
    lowest, highest = _bounds(rule, price=price, cost=cost)
    if lowest > highest:
        return Outcome(None, "Its floor or its margin is above its ceiling.", "bounds_cross")
    wanted = ended(Fraction(price * (WHOLE + band.change_basis_points), WHOLE), step=step)
    amount = _within(wanted, lowest, highest, step)
    if amount == price or (amount < price) != (band.change_basis_points < 0):
        return Outcome(None, "Its floor, ceiling or margin leaves nothing of the change.", "bounds_undo_it")
    message = f"{_money(amount, rule)} instead of {_money(price, rule)}, by the rule '{rule.title}': {seen}"
    bounded = "" if amount == wanted else ", and its bounds hold"
    return Outcome(amount, f"{message}{bounded}.")


def _bounds(rule: PriceRule, *, price: int, cost: int | None) -> tuple[int, int]:
    """Return the lowest and the highest price that the rule may make, its margin counted with the floor."""
    floor = rule.floor.amount if rule.floor.amount is not None else _share(price, rule.floor, Rounding.UP)
    ceiling = rule.ceiling.amount if rule.ceiling.amount is not None else _share(price, rule.ceiling, Rounding.DOWN)
    if rule.least_margin_basis_points is not None and cost is not None:
        guard = Fraction(cost * WHOLE, WHOLE - rule.least_margin_basis_points)
        floor = max(floor, rounded(guard, Rounding.UP))
    return floor, min(ceiling, MOST)


def _share(price: int, bound: Bound, mode: Rounding) -> int:
    return rounded(Fraction(price * (bound.basis_points or 0), WHOLE), mode)


def _within(amount: int, lowest: int, highest: int, step: int) -> int:
    """Return the amount within its bounds, in whole steps if there is one between them."""
    up, down = -(-lowest // step) * step, highest // step * step
    if up > down:
        return min(max(amount, lowest), highest)
    return min(max(amount, up), down)


def _named(rule: PriceRule) -> str:
    match rule.fact:
        case "stock":
            return "stock"
        case "age_days":
            return "age in days"
        case "demand":
            return f"number sold in {rule.days} days"


def _money(amount: int, rule: PriceRule) -> str:
    return str(Money(amount=amount, currency=rule.currency))
