"""What must be so for a promotion to apply: a closed set. Conditions look at the cart before any promotion."""

from collections.abc import Iterator
from datetime import date, time
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, ValidationInfo, model_validator

from commerce.customers.model import CountryCode
from commerce.kernel.schema import Input, Line
from commerce.promotions.goods import (
    EVERYTHING,
    MOST_NAMED,
    STORED,
    Amounts,
    AnyList,
    GoodsSelection,
    Names,
    Once,
    Pieces,
    in_currency,
)

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _is_date(text: str) -> str:
    date.fromisoformat(text)
    return text


def _is_time(text: str) -> str:
    time.fromisoformat(text)
    return text


def _is_zone(name: str, info: ValidationInfo) -> str:
    if info.context is STORED:
        return name
    # It looks at every file of the world's time zones, which only staff who send one should wait for.
    from zoneinfo import available_timezones  # noqa: PLC0415

    if name not in available_timezones():
        message = "this is not the name of a time zone, as Europe/Berlin is one"
        raise ValueError(message)
    return name


def _is_country(code: str, info: ValidationInfo) -> str:
    return code if info.context is STORED else TypeAdapter(CountryCode).validate_python(code)


Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), AfterValidator(_is_country)]
Date = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_is_date)]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}:[0-9]{2}$"), AfterValidator(_is_time)]
TimeZone = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+/-]{1,60}$"), AfterValidator(_is_zone)]
Value = Annotated[Line, StringConstraints(max_length=100)]
Values = Annotated[tuple[Value, ...], AnyList, Field(min_length=1, max_length=MOST_NAMED), Once]


class Condition(Input):
    """One thing that must be so."""

    def amounts(self) -> Iterator[Amounts]:
        """Return the lists of amounts that must name the cart's currency."""
        yield from ()


class GoodsCondition(Condition):
    """The cart holds so many pieces of these goods, or more."""

    kind: Literal["goods"]
    of: GoodsSelection = EVERYTHING
    quantity: Pieces = 1


class SubtotalCondition(Condition):
    """These goods cost so much together, before any promotion."""

    kind: Literal["subtotal"]
    of: GoodsSelection = EVERYTHING
    at_least: Amounts = ()
    at_most: Amounts = ()

    @model_validator(mode="after")
    def _leaves_room(self) -> Self:
        if not self.at_least and not self.at_most:
            message = "name at_least, at_most or both"
            raise ValueError(message)
        for least in self.at_least:
            most = in_currency(self.at_most, least.currency)
            if most is not None and most < least.amount:
                message = f"at_most is less than at_least in {least.currency}"
                raise ValueError(message)
        return self

    def amounts(self) -> Iterator[Amounts]:
        """Return both bounds."""
        yield from (self.at_least, self.at_most)


class CustomerGroupsCondition(Condition):
    """The shopper is in one of these groups."""

    kind: Literal["customer_groups"]
    any_of: Names


class FirstOrderCondition(Condition):
    """The shopper has never ordered. It is not met until an e-mail address is known."""

    kind: Literal["first_order"]


class CountriesCondition(Condition):
    """The goods go to one of these countries. It is not met until the address is known."""

    kind: Literal["countries"]
    any_of: Annotated[tuple[Country, ...], AnyList, Field(min_length=1, max_length=250), Once]
    regions: Annotated[tuple[Value, ...], AnyList, Field(max_length=MOST_NAMED), Once] = Field(
        (), description="Regions as addresses name them, in any case; empty: all of them."
    )


class ChannelsCondition(Condition):
    """The cart was made in one of these channels."""

    kind: Literal["channels"]
    any_of: Names


class PaymentMethodsCondition(Condition):
    """The shopper pays by one of these methods. It is not met until one is chosen."""

    kind: Literal["payment_methods"]
    any_of: Names


class AttributeCondition(Condition):
    """An attribute of the cart has one of these values."""

    kind: Literal["attribute"]
    name: Value
    any_of: Values


class CalendarCondition(Condition):
    """It is one of these days, and between these times of day. What is left out rules nothing out."""

    kind: Literal["calendar"]
    weekdays: Annotated[tuple[Weekday, ...], AnyList, Field(max_length=7), Once] = ()
    dates: Annotated[tuple[Date, ...], AnyList, Field(max_length=MOST_NAMED), Once] = ()
    from_time: TimeOfDay | None = Field(None, description="HH:MM; later than until_time: over midnight.")
    until_time: TimeOfDay | None = Field(None, description="HH:MM, not included.")
    time_zone: TimeZone = Field(description="For example Europe/Berlin, or UTC.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.weekdays or self.dates or self.from_time or self.until_time):
            message = "name weekdays, dates or times"
            raise ValueError(message)
        return self


AnyCondition = Annotated[
    GoodsCondition
    | SubtotalCondition
    | CustomerGroupsCondition
    | FirstOrderCondition
    | CountriesCondition
    | ChannelsCondition
    | PaymentMethodsCondition
    | AttributeCondition
    | CalendarCondition,
    Field(discriminator="kind"),
]
