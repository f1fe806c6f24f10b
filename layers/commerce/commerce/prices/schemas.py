"""Price lists, price rules and exchange rates as staff send and read them."""

from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from commerce.customers.model import CountryCode
from commerce.kernel.money import MOST, CurrencyCode, Money
from commerce.kernel.schema import Handle, Input, Instant, Line, Output
from commerce.prices.model import (
    MOST_BANDS,
    MOST_RULES,
    MOST_TIERS,
    WHOLE,
    ListKind,
    PriceList,
    PriceRounding,
)
from commerce.prices.rules import FactName, PriceRule

MOST_COUNTRIES = 250
MOST_OF_A_KIND = 50
MOST_SKUS = 200
MOST_PIECES = 999
FIRST_YEAR, LAST_YEAR = 2000, 2200


def _without_repeats(names: list[str]) -> list[str]:
    if len(set(names)) != len(names):
        message = "one of these stands twice"
        raise ValueError(message)
    return names


def _is_positive_decimal(text: str) -> str:
    if not text.strip("0."):
        message = "a rate is more than zero"
        raise ValueError(message)
    return text


def _is_text(value: Any) -> Any:
    if value is not None and not isinstance(value, str | datetime):
        message = "a moment is written as text"
        raise ValueError(message)
    return value


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        message = f"a moment needs its offset from UTC, and lies between {FIRST_YEAR} and {LAST_YEAR}"
        raise ValueError(message)
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)


def _fits(rounding: PriceRounding) -> PriceRounding:
    if rounding.ending >= rounding.step:
        message = "the ending must be below the step"
        raise ValueError(message)
    return rounding


Moment = Annotated[Instant, BeforeValidator(_is_text), AfterValidator(_in_utc)]
"""A moment as RFC 3339 text with its offset from UTC; kept to the millisecond."""

Rounding = Annotated[PriceRounding, AfterValidator(_fits)]
Countries = Annotated[
    list[CountryCode], Field(min_length=1, max_length=MOST_COUNTRIES), AfterValidator(_without_repeats)
]
Region = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$")]
"""An ISO 3166-2 code: `US-CA`."""

Regions = Annotated[list[Region], Field(min_length=1, max_length=MOST_COUNTRIES), AfterValidator(_without_repeats)]
Names = Annotated[list[Handle], Field(min_length=1, max_length=MOST_OF_A_KIND), AfterValidator(_without_repeats)]
Skus = Annotated[list[Handle], Field(min_length=1, max_length=MOST_SKUS), AfterValidator(_without_repeats)]
Priority = Annotated[int, Field(ge=0, le=9999, description="Of several that fit, the highest is taken; then by id.")]
MinorUnits = Annotated[int, Field(ge=0, le=MOST)]
RateText = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{1,9}(?:\.[0-9]{1,9})?$", max_length=19),
    AfterValidator(_is_positive_decimal),
]
"""A decimal number as text, more than zero: `1.0835`."""


class PutAdjustment(Input):
    """A percentage off the catalog's price, for every SKU that has no price of its own in the list."""

    off_basis_points: int = Field(ge=1, le=WHOLE, description="1250 is 12.5 %.")
    rounding: Rounding | None = Field(None, description="The ending of the price; null: none in particular.")


class PutPriceList(Input):
    """All of a price list but its id, which is in the path."""

    title: Line
    kind: ListKind = Field(
        description="`sale`: shown as reduced from the catalog's price, and passed over where it is not below that. "
        "`override`: takes the place of the catalog's price."
    )
    currency: CurrencyCode
    countries: Countries | None = Field(None, description="Where the goods go (ISO 3166-1); null: anywhere.")
    regions: Regions | None = Field(None, description="Where the goods go (ISO 3166-2); null: anywhere.")
    channels: Names | None = Field(None, description="Sales channels; null: all.")
    customer_groups: Names | None = Field(None, description="Groups and segments of customers; null: everybody.")
    priority: Priority = 0
    starts_at: Moment | None = None
    ends_at: Moment | None = Field(None, description="It is in force up to this moment.")
    adjustment: PutAdjustment | None = Field(None, description="Null: only SKUs with a price in the list are in it.")
    active: bool = True

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.starts_at is not None and self.ends_at is not None and self.ends_at <= self.starts_at:
            message = "ends_at must be after starts_at"
            raise ValueError(message)
        return self


class ShownAdjustment(Output):
    """A percentage off the catalog's price."""

    off_basis_points: int
    rounding: PriceRounding | None


class ShownPriceList(Output):
    """A price list."""

    id: str
    title: str
    kind: ListKind
    currency: str
    countries: tuple[str, ...] | None
    regions: tuple[str, ...] | None
    channels: tuple[str, ...] | None
    customer_groups: tuple[str, ...] | None
    priority: int
    starts_at: Instant | None
    ends_at: Instant | None
    adjustment: ShownAdjustment | None
    active: bool
    since: Instant = Field(description="From when on its prices have been what they are.")


class StaffPriceList(ShownPriceList):
    """A price list, and the version of all lists and rules."""

    version: int = Field(description="Version of all price lists and rules together: they share one ETag.")


class StaffPriceLists(Output):
    """All price lists of the shop."""

    items: tuple[ShownPriceList, ...] = Field(description="In the order in which they are chosen.")
    next_cursor: None = Field(None, description="Always null: the lists are answered whole.")
    version: int = Field(description="Version of all price lists and rules together; 0 while there never was one.")


class PutTier(Input):
    """What one piece costs from a quantity on."""

    min_quantity: int = Field(ge=1, le=MOST_PIECES)
    amount: Money


class PutListPrice(Input):
    """The prices of a SKU in a list."""

    tiers: Annotated[list[PutTier], Field(max_length=MOST_TIERS)] = Field(
        description="By quantity; they need not fall. Empty: the SKU has no price of its own in the list."
    )
    compare_at: Money | None = Field(None, description="The price that it is shown as reduced from.")

    @model_validator(mode="after")
    def _each_quantity_once(self) -> Self:
        quantities = [tier.min_quantity for tier in self.tiers]
        if len(set(quantities)) != len(quantities):
            message = "a quantity stands twice"
            raise ValueError(message)
        amounts = [tier.amount for tier in self.tiers] + ([self.compare_at] if self.compare_at else [])
        if any(not 0 <= amount.amount <= MOST for amount in amounts):
            message = f"amounts go from 0 to {MOST} minor units"
            raise ValueError(message)
        return self


class PutBound(Input):
    """A floor or a ceiling: one of the two."""

    basis_points: int | None = Field(None, ge=0, le=10 * WHOLE, description="Of the catalog's price: 8000 is 80 %.")
    amount: MinorUnits | None = Field(None, description="Minor units of the rule's currency.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.basis_points is None) == (self.amount is None):
            message = "give basis_points or amount"
            raise ValueError(message)
        return self


class PutBand(Input):
    """What happens to the price from a value of the fact on, up to the next band."""

    at_least: int = Field(ge=0, le=1_000_000)
    change_basis_points: int = Field(ge=-WHOLE + 1, le=10 * WHOLE, description="-500 takes 5 % off.")


class PutPriceRule(Input):
    """A rule for the catalog's prices in one currency."""

    id: Handle
    title: Line
    currency: CurrencyCode
    fact: FactName = Field(description="What it looks at: pieces that can be sold, age of the product, pieces sold.")
    days: int | None = Field(None, ge=1, le=90, description="For `demand`: sold in how many days.")
    bands: Annotated[list[PutBand], Field(min_length=1, max_length=MOST_BANDS)]
    floor: PutBound
    ceiling: PutBound
    step: int = Field(1, ge=1, le=1_000_000, description="Prices that it makes are multiples of so many minor units.")
    least_margin_basis_points: int | None = Field(
        None, ge=0, lt=WHOLE, description="Its prices leave at least this share of them over the variant's cost."
    )
    categories: Names | None = Field(None, description="Slugs; null: all products.")
    skus: Skus | None = None
    priority: Priority = 0
    active: bool = True

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.fact == "demand") != (self.days is not None):
            message = "days belong to the fact demand, which needs them"
            raise ValueError(message)
        values = [band.at_least for band in self.bands]
        if len(set(values)) != len(values):
            message = "two bands begin at the same value"
            raise ValueError(message)
        return self


class PutPriceRules(Input):
    """All price rules of the shop."""

    items: Annotated[list[PutPriceRule], Field(max_length=MOST_RULES)]

    @model_validator(mode="after")
    def _each_id_once(self) -> Self:
        _without_repeats([rule.id for rule in self.items])
        return self


class StaffPriceRules(Output):
    """All price rules of the shop."""

    items: tuple[PriceRule, ...] = Field(description="In the order in which they are tried.")
    next_cursor: None = Field(None, description="Always null: the rules are answered whole.")
    version: int = Field(description="Version of all price lists and rules together; 0 while there never was one.")


class PutExchangeRate(Input):
    """The rate that staff wants for a currency, and the ending of its converted prices."""

    rate: RateText | None = Field(
        None, description="Units of it for one unit of the shop's currency; null: the rate that is fetched."
    )
    rounding: Rounding | None = Field(
        None, description="The ending of converted prices: step 100 and ending 99 for .99; null: none in particular."
    )


class ShownExchangeRate(Output):
    """What one unit of the shop's currency is in another one."""

    currency: str
    rate: str | None = Field(description="A decimal number; null when nobody said it.")
    source: str | None = Field(description="`ecb`, or `manual` for a rate that staff wrote.")
    at: Instant | None
    stale: bool = Field(description="Whether it is too old to convert with.")
    rounding: PriceRounding | None


class StaffExchangeRate(ShownExchangeRate):
    """A rate, and the version of all of them."""

    version: int = Field(description="Version of all rates together.")


class StaffExchangeRates(Output):
    """All exchange rates of the shop."""

    items: tuple[ShownExchangeRate, ...]
    next_cursor: None = Field(None, description="Always null: the rates are answered whole.")
    base: str = Field(description="The shop's currency: rates are for one unit of it.")
    source: str | None = Field(description="Whose rates are stored; null while none were fetched.")
    fetched_at: Instant | None
    converts: bool = Field(description="Whether the shop sells at converted prices.")
    version: int


def shown_list(price_list: PriceList) -> ShownPriceList:
    """Return a price list as staff reads it."""
    own = price_list.model_dump(exclude={"key", "adjustment"})
    adjustment = price_list.adjustment
    shown = ShownAdjustment(**dict(adjustment)) if adjustment is not None else None
    return ShownPriceList(**own, adjustment=shown)
