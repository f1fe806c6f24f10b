"""Measures: how much of a thing is in one piece, and what a kilogram, a litre or a metre of it costs.

Source: Directive 98/6/EC, articles 2 (b) and 3 (https://eur-lex.europa.eu/eli/dir/1998/6/2022-05-28).
"""

from fractions import Fraction
from typing import Literal, Self

from pydantic import Field, model_validator

from commerce.kernel.money import MOST_SUM, Money
from commerce.kernel.rounding import rounded
from commerce.kernel.schema import Input, Output

Unit = Literal["g", "kg", "ml", "l", "cm", "m", "m2", "piece"]

SIZES: dict[Unit, tuple[Unit, int]] = {
    "g": ("g", 1),
    "kg": ("g", 1000),
    "ml": ("ml", 1),
    "l": ("ml", 1000),
    "cm": ("cm", 1),
    "m": ("cm", 100),
    "m2": ("m2", 1),
    "piece": ("piece", 1),
}
"""Each unit in the smallest one that it can be compared with."""

USUAL: dict[Unit, Unit] = {"g": "kg", "ml": "l", "cm": "m", "m2": "m2", "piece": "piece"}
"""What a price is stated for where the merchant does not say."""


class Amount(Input):
    """So much of something."""

    quantity: int = Field(ge=1, le=10_000)
    unit: Unit


class Measure(Input):
    """How much is in one piece: 750 ml; and how much its unit price is for: 1 l."""

    quantity: int = Field(ge=1, le=10_000_000, description="Whole numbers: 750 ml, not 0.75 l.")
    unit: Unit
    reference: Amount | None = Field(
        None, description="What the unit price is for; null: 1 kg, 1 l, 1 m, 1 m2 or 1 piece."
    )

    @model_validator(mode="after")
    def _compares_alike(self) -> Self:
        if self.reference is not None and SIZES[self.reference.unit][0] != SIZES[self.unit][0]:
            message = f"{self.reference.unit} and {self.unit} do not compare"
            raise ValueError(message)
        return self

    @property
    def per(self) -> Amount:
        """Return how much the unit price is for."""
        return self.reference or Amount(quantity=1, unit=USUAL[SIZES[self.unit][0]])


class MeasuredPrice(Output):
    """What so much of something costs: the price per kilogram, or per 100 ml."""

    price: Money
    quantity: int
    unit: Unit


def measured(price: Money, measure: Measure | None) -> MeasuredPrice | None:
    """Return the unit price of a piece at this price; None for what has no measure."""
    if measure is None:
        return None
    per = measure.per
    share = Fraction(per.quantity * SIZES[per.unit][1], measure.quantity * SIZES[measure.unit][1])
    amount = rounded(price.amount * share)
    if amount > MOST_SUM:
        return None
    return MeasuredPrice(price=Money(amount=amount, currency=price.currency), quantity=per.quantity, unit=per.unit)
