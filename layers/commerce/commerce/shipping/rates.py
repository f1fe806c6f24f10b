"""What a shipping method costs, and for which goods it is there: tables, surcharges, conditions. Data, and no sums."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from commerce.kernel.money import MOST, CurrencyCode, Money
from commerce.kernel.schema import Handle, Input, Line, Slug

MOST_CURRENCIES = 20
MOST_BANDS = 100
MOST_NAMES = 100
MOST_GRAMS = 100_000_000
MOST_MILLIMETRES = 1_000_000
MOST_BASIS_POINTS = 100_000
LONGEST_TRANSIT = 90


def _once_per_currency(amounts: list[Money]) -> list[Money]:
    currencies = [amount.currency for amount in amounts]
    if len(set(currencies)) != len(currencies):
        message = "there is more than one amount in a currency"
        raise ValueError(message)
    if not all(0 <= amount.amount <= MOST for amount in amounts):
        message = f"amounts go from 0 to {MOST} minor units"
        raise ValueError(message)
    return amounts


def _once_each[T](names: list[T]) -> list[T]:
    if len(set(names)) != len(names):
        message = "a name stands twice"
        raise ValueError(message)
    return names


Amounts = Annotated[list[Money], Field(max_length=MOST_CURRENCIES), AfterValidator(_once_per_currency)]
"""One amount per currency."""

ZoneIds = Annotated[list[Handle], Field(min_length=1, max_length=MOST_NAMES), AfterValidator(_once_each)]
Shelves = Annotated[list[Slug], Field(min_length=1, max_length=MOST_NAMES), AfterValidator(_once_each)]
TaxClasses = Annotated[
    list[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]],
    Field(min_length=1, max_length=MOST_NAMES),
    AfterValidator(_once_each),
]
Grams = Annotated[int, Field(ge=0, le=MOST_GRAMS)]
Millimetres = Annotated[int, Field(ge=1, le=MOST_MILLIMETRES)]
Pieces = Annotated[int, Field(ge=0, le=1_000_000)]
Days = Annotated[int, Field(ge=0, le=LONGEST_TRANSIT)]
BasisPoints = Annotated[int, Field(ge=1, le=MOST_BASIS_POINTS, description="Hundredths of a percent: 750 is 7.5 %.")]

Measure = Literal["weight", "quantity", "amount"]


class Band(Input):
    """One row of a table: what it costs up to a bound."""

    up_to: Annotated[int, Field(ge=0, le=2**53 - 1)] | None = Field(
        None, description="Grams, pieces or minor units, this one included; null, in the last row: no bound."
    )
    prices: Annotated[Amounts, Field(min_length=1)]
    step: Annotated[int, Field(ge=1, le=2**53 - 1)] | None = Field(
        None, description="For each started step above the row before, `step_prices` are added."
    )
    step_prices: Amounts = Field([])

    @model_validator(mode="after")
    def _steps_cost_something(self) -> Self:
        if (self.step is None) != (not self.step_prices):
            message = "'step' and 'step_prices' belong together"
            raise ValueError(message)
        if self.step is not None and _currencies(self.step_prices) != _currencies(self.prices):
            message = "'step_prices' must be in the currencies of 'prices'"
            raise ValueError(message)
        return self


class RateTable(Input):
    """Prices by weight, number of pieces, or amount of the goods."""

    zones: ZoneIds | None = Field(None, description="Where it holds; null: where no other table does.")
    by: Measure
    currency: CurrencyCode | None = Field(
        None, description="For tables by amount: the currency that `up_to` counts; it holds in this currency alone."
    )
    bands: Annotated[list[Band], Field(min_length=1, max_length=MOST_BANDS)] = Field(description="By `up_to`.")
    free_over: Amounts = Field([], description="In place of the method's.")

    @model_validator(mode="after")
    def _bands_fit_together(self) -> Self:
        bounds = [band.up_to for band in self.bands]
        known = [bound for bound in bounds if bound is not None]
        if None in bounds[:-1] or any(before >= after for before, after in pairwise(known)):
            message = "the bounds of 'bands' must grow, and only the last may be left out"
            raise ValueError(message)
        currencies = set().union(*(_currencies(band.prices) for band in self.bands))
        if (self.by == "amount") != (self.currency is not None):
            message = "a table by amount names its 'currency', and no other does"
            raise ValueError(message)
        if self.currency is not None and currencies != {self.currency}:
            message = "a table by amount has prices in its own currency only"
            raise ValueError(message)
        if _currencies(self.free_over) - currencies:
            message = "'free_over' names a currency in which the table has no price"
            raise ValueError(message)
        return self


class Surcharge(Input):
    """What is added to the price: for far places, for large goods, for each piece, for fuel."""

    title: Line
    per: Literal["order", "item"] = Field("order", description="Once, or for each piece that it is about.")
    prices: Amounts = Field([], description="One per currency.")
    basis_points: BasisPoints | None = Field(None, description="In place of prices: a part of `part_of`.")
    part_of: Literal["price", "goods"] = Field("price", description="The price before surcharges, or the goods.")
    zones: ZoneIds | None = Field(None, description="For these zones; null: everywhere.")
    shelves: Shelves | None = Field(None, description="For goods in one of these categories.")
    longer_than_mm: Millimetres | None = Field(None, description="For goods whose longest side is longer.")
    girth_over_mm: Millimetres | None = Field(
        None, description="For goods whose longest side and twice the other two are longer together."
    )
    heavier_than_grams: Grams | None = Field(None, description="For goods of which one piece is heavier.")
    even_when_free: bool = Field(default=False, description="Whether it stays when the amount makes the method free.")

    @model_validator(mode="after")
    def _says_how_much(self) -> Self:
        if bool(self.prices) == (self.basis_points is not None):
            message = "a surcharge has either 'prices' or 'basis_points'"
            raise ValueError(message)
        if self.basis_points is not None and self.per == "item":
            message = "a surcharge in 'basis_points' is per order"
            raise ValueError(message)
        return self

    @property
    def is_about_goods(self) -> bool:
        """Tell whether it is for some goods only."""
        bounds = (self.shelves, self.longer_than_mm, self.girth_over_mm, self.heavier_than_grams)
        return any(bound is not None for bound in bounds)


class Conditions(Input):
    """For which carts a method is there. What a condition cannot know, such as a missing length, does not break it."""

    min_amounts: Amounts = Field([], description="Goods cost at least this, in the currencies named.")
    max_amounts: Amounts = Field([], description="Goods cost at most this, in the currencies named.")
    min_weight_grams: Grams | None = None
    max_weight_grams: Grams | None = None
    min_quantity: Pieces | None = None
    max_quantity: Pieces | None = None
    max_length_mm: Millimetres | None = Field(None, description="No piece has a longer side.")
    max_girth_mm: Millimetres | None = Field(None, description="No piece has a longer side and twice the other two.")
    only_shelves: Shelves | None = Field(None, description="All goods lie in one of these categories.")
    no_shelves: Shelves | None = Field(None, description="No goods lie in one of these categories.")
    only_tax_classes: TaxClasses | None = None
    no_tax_classes: TaxClasses | None = None
    except_zones: ZoneIds | None = Field(None, description="Not for destinations in these zones.")


class Transit(Input):
    """How long goods travel."""

    zones: ZoneIds | None = Field(None, description="Where it holds; null: where no other says.")
    min_days: Days = Field(description="Delivery days between leaving and arriving, at best.")
    max_days: Days = Field(description="The same, at worst.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min_days > self.max_days:
            message = "'min_days' is more than 'max_days'"
            raise ValueError(message)
        return self


def amount_in(currency: str, amounts: Sequence[Money]) -> int | None:
    """Return the amount in this currency, in minor units; None when there is none."""
    return next((amount.amount for amount in amounts if amount.currency == currency), None)


def _currencies(amounts: list[Money]) -> set[str]:
    return {amount.currency for amount in amounts}
