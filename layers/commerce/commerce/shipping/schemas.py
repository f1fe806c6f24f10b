"""Shipping methods as staff send and read them."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from commerce.customers.model import Address, CountryCode
from commerce.kernel.schema import Handle, Input, Line, OptionalLine, Output
from commerce.shipping.days import Clock, Day, Weekday
from commerce.shipping.model import CarrierAccount, ServiceCode, ShippingMethod
from commerce.shipping.options import Kind, OpeningHours
from commerce.shipping.rates import (
    LONGEST_TRANSIT,
    MOST_GRAMS,
    Amounts,
    Conditions,
    RateTable,
    Surcharge,
    Transit,
    ZoneIds,
)

MOST_COUNTRIES = 250
MOST_TABLES = 60
MOST_SURCHARGES = 30
MOST_TRANSITS = 60
MOST_CLOSED_DAYS = 400


def _without_repeats(countries: list[str]) -> list[str]:
    if len(set(countries)) != len(countries):
        message = "a country stands twice"
        raise ValueError(message)
    return countries


def _once_each_day(days: list[Day]) -> list[Day]:
    if len({day.date for day in days}) != len(days):
        message = "a day stands twice"
        raise ValueError(message)
    return days


def _sorted_weekdays(days: list[int]) -> list[int]:
    return sorted(set(days))


Countries = Annotated[
    list[CountryCode], Field(min_length=1, max_length=MOST_COUNTRIES), AfterValidator(_without_repeats)
]
Weekdays = Annotated[list[Weekday], Field(min_length=1, max_length=7), AfterValidator(_sorted_weekdays)]
ClosedDays = Annotated[list[Day], Field(max_length=MOST_CLOSED_DAYS), AfterValidator(_once_each_day)]
HandlingDays = Annotated[int, Field(ge=0, le=LONGEST_TRANSIT)]


class PutPickupPoint(Input):
    """A place of the shop's own where shoppers fetch their goods."""

    address: Address
    opening_hours: Annotated[list[OpeningHours], Field(max_length=28)] = Field(
        [], description="None: it is open on the calendar's delivery days."
    )
    closed_days: ClosedDays = Field([], description="Days on which it is closed all the same.")
    instructions: OptionalLine = Field("", description="What shoppers should bring or know.")
    location: Handle | None = Field(
        None,
        description="The stock location that goods are fetched from, which must offer pick-up; null: any may send it.",
    )

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if any(hours.opens >= hours.closes for hours in self.opening_hours):
            message = "'opens' must be before 'closes'"
            raise ValueError(message)
        return self


class PutCarrierRates(Input):
    """What the carriers are asked for."""

    origin: Address = Field(description="Where parcels start.")
    accounts: Annotated[list[CarrierAccount], Field(min_length=1, max_length=10)] = Field(
        description="The carriers' accounts at the provider that are asked, such as se-123456."
    )
    services: Annotated[list[ServiceCode], Field(min_length=1, max_length=50)] | None = Field(
        None, description="Services that are offered; null: all."
    )
    to_points: bool = Field(default=False, description="Whether parcels go to the carriers' pickup points.")


class PutShippingMethod(Input):
    """All of a shipping method but its id, which is in the path."""

    title: Line
    kind: Kind = "delivery"
    prices: Annotated[Amounts, Field(min_length=1)] | None = Field(
        None,
        description="One per currency; they hold where no table does. Left out: it has tables, or carriers' rates.",
    )
    free_over: Amounts = Field([], description="Goods that cost as much are sent for nothing, one per currency.")
    countries: Countries | None = Field(None, description="Where it delivers to (ISO 3166-1); null: everywhere.")
    zones: ZoneIds | None = Field(None, description="Zones that it delivers to; null: everywhere.")
    tables: Annotated[list[RateTable], Field(max_length=MOST_TABLES)] = Field(
        [], description="Prices by weight, quantity or amount. The closest zone's table holds."
    )
    packaging_grams: int = Field(0, ge=0, le=MOST_GRAMS, description="Added to the weight of the goods.")
    volumetric_divisor: int | None = Field(
        None, ge=1, le=100_000, description="Cubic centimetres that count as a kilogram; the larger weight counts."
    )
    conditions: Conditions | None = Field(None, description="For which carts it is there; null: for all.")
    surcharges: Annotated[list[Surcharge], Field(max_length=MOST_SURCHARGES)] = Field(
        [], description="What is added; each is computed by itself."
    )
    handling_days: HandlingDays | None = Field(None, description="In place of the calendar's.")
    cut_off: Clock | None = Field(None, description="In place of the calendar's.")
    delivery_days: Weekdays | None = Field(None, description="In place of the calendar's.")
    transits: Annotated[list[Transit], Field(max_length=MOST_TRANSITS)] = Field(
        [], description="How long it takes, per zone; none: no day is promised."
    )
    guaranteed: bool = Field(
        default=False, description="Whether a shopper must agree again when the promised day has become a later one."
    )
    pickup: PutPickupPoint | None = Field(None, description="Of the kind `pickup`: where.")
    carrier: PutCarrierRates | None = Field(None, description="Of the kind `carrier`: what carriers are asked.")
    position: int = Field(0, ge=0, le=9999, description="Methods are listed by position, then id.")
    active: bool = Field(default=True, description="Whether shoppers can choose it.")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for message in (*self._wrong_kind(), *self._wrong_rates()):
            raise ValueError(message)
        return self

    def _wrong_kind(self) -> Iterator[str]:
        if (self.kind == "pickup") != (self.pickup is not None):
            yield "'pickup' says where, for the kind pickup and no other"
        if (self.kind == "carrier") != (self.carrier is not None):
            yield "'carrier' says what carriers are asked, for the kind carrier and no other"
        if self.kind != "carrier" and not self.prices and not self.tables:
            yield "there are neither 'prices' nor 'tables'"

    def _wrong_rates(self) -> Iterator[str]:
        sold = {amount.currency for amount in self.prices or []}
        sold |= {amount.currency for table in self.tables for band in table.bands for amount in band.prices}
        missing = {amount.currency for amount in self.free_over} - sold
        if missing and self.kind != "carrier":
            yield f"free_over names {', '.join(sorted(missing))}, in which there is no price"
        in_each = Counter(
            (zone, currency)
            for table in self.tables
            for zone in table.zones or [""]
            for currency in _held_by(table, sold)
        )
        twice = [zone or "the rest" for (zone, _), count in in_each.items() if count > 1]
        if twice:
            yield f"there are two tables for {twice[0]} in one currency"
        if _names_twice(self.transits):
            yield "there are two transits for one zone"


class StaffShippingMethod(ShippingMethod):
    """A shipping method, and the version of the list that it is part of."""

    version: int = Field(description="Version of the whole list: all methods share one ETag.")


class StaffShippingMethods(Output):
    """All shipping methods of the shop."""

    items: tuple[ShippingMethod, ...] = Field(description="By position, then id.")
    next_cursor: None = Field(None, description="Always null: the list is answered whole.")
    version: int = Field(description="Version of the whole list; 0 while it never had a method.")


def _held_by(table: RateTable, currencies: set[str]) -> set[str]:
    return {table.currency} if table.currency else currencies


def _names_twice(transits: list[Transit]) -> bool:
    named = Counter(zone for transit in transits for zone in transit.zones or [""])
    return any(count > 1 for count in named.values())
