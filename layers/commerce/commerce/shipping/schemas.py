"""Shipping methods as staff send and read them."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from commerce.customers.model import CountryCode
from commerce.kernel.money import MOST, Money
from commerce.kernel.schema import Input, Line, Output
from commerce.shipping.model import ShippingMethod

MOST_CURRENCIES = 20
MOST_COUNTRIES = 250


def _once_per_currency(amounts: list[Money]) -> list[Money]:
    currencies = [amount.currency for amount in amounts]
    if len(set(currencies)) != len(currencies):
        message = "there is more than one amount in a currency"
        raise ValueError(message)
    if not all(0 <= amount.amount <= MOST for amount in amounts):
        message = f"amounts go from 0 to {MOST} minor units"
        raise ValueError(message)
    return amounts


def _without_repeats(countries: list[str]) -> list[str]:
    if len(set(countries)) != len(countries):
        message = "a country stands twice"
        raise ValueError(message)
    return countries


Amounts = Annotated[list[Money], Field(max_length=MOST_CURRENCIES), AfterValidator(_once_per_currency)]
"""One amount per currency."""

Countries = Annotated[
    list[CountryCode], Field(min_length=1, max_length=MOST_COUNTRIES), AfterValidator(_without_repeats)
]


class PutShippingMethod(Input):
    """All of a shipping method but its id, which is in the path."""

    title: Line
    prices: Amounts = Field(min_length=1, description="One per currency; it is offered in these currencies only.")
    free_over: Amounts = Field([], description="Subtotals from which on it is free, one per currency.")
    countries: Countries | None = Field(None, description="Where it delivers to (ISO 3166-1); null: everywhere.")
    position: int = Field(0, ge=0, le=9999, description="Methods are listed by position, then id.")
    active: bool = Field(default=True, description="Whether shoppers can choose it.")

    @model_validator(mode="after")
    def _free_where_it_is_sold(self) -> Self:
        missing = {amount.currency for amount in self.free_over} - {amount.currency for amount in self.prices}
        if missing:
            message = f"free_over names {', '.join(sorted(missing))}, in which there is no price"
            raise ValueError(message)
        return self


class StaffShippingMethod(ShippingMethod):
    """A shipping method, and the version of the list that it is part of."""

    version: int = Field(description="Version of the whole list: all methods share one ETag.")


class StaffShippingMethods(Output):
    """All shipping methods of the shop."""

    items: tuple[ShippingMethod, ...] = Field(description="By position, then id.")
    next_cursor: None = Field(None, description="Always null: the list is answered whole.")
    version: int = Field(description="Version of the whole list; 0 while it never had a method.")
