"""Shipping methods, and what is stored of them; `engine` prices them."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from commerce.customers.model import PostalAddress
from commerce.kernel.errors import Conflict, Invalid, NotFound
from commerce.kernel.money import Money
from commerce.kernel.schema import Output
from commerce.shipping.options import Kind, PickupPoint
from commerce.shipping.rates import Conditions, RateTable, Surcharge, Transit

MOST_METHODS = 50
MOST_BYTES = 100_000
"""All methods, zones and the calendar are kept in one item, which every cart reads."""


class ShippingMethodNotFound(NotFound):
    code = "shipping.method_not_found"
    title = "There is no such shipping method"


class TooManyMethods(Conflict):
    code = "shipping.too_many_methods"
    title = f"A shop has {MOST_METHODS} shipping methods at most; delete one first"


class RulesTooLarge(Invalid):
    code = "shipping.rules_too_large"
    title = f"Shipping methods, zones and calendar take {MOST_BYTES:,} bytes at most, all together"


class UnknownZone(Invalid):
    code = "shipping.unknown_zone"
    title = "There is no such shipping zone"


class ZoneInUse(Conflict):
    code = "shipping.zone_in_use"
    title = "A shipping method names this zone; change the method first"


class NoCalendar(Conflict):
    code = "shipping.no_calendar"
    title = "There is no shipping calendar yet; put one first"


class UnknownHolidays(Invalid):
    code = "shipping.unknown_holidays"
    title = "The public holidays there are not known"


class MethodIdTooLong(Invalid):
    code = "shipping.method_id_too_long"
    title = "The id of a shipping method has 80 characters at most"


CarrierAccount = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,60}$")]
ServiceCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,60}$")]


class CarrierRates(Output):
    """What the carriers are asked for."""

    origin: PostalAddress = Field(description="Where parcels start.")
    accounts: list[CarrierAccount] = Field(description="The carriers' accounts at the provider that are asked.")
    services: list[ServiceCode] | None = Field(None, description="Services that are offered; null: all.")
    to_points: bool = Field(default=False, description="Whether parcels go to the carriers' pickup points.")


class ShippingMethod(Output):
    """A way to send goods. What it costs: its tables, else its prices; carriers are asked first."""

    id: str
    title: str
    kind: Kind = Field("delivery", description="`carrier`: carriers are asked, and what follows holds without answer.")
    prices: tuple[Money, ...] = Field((), description="One per currency; holds where no table does.")
    free_over: tuple[Money, ...] = Field((), description="Goods that cost as much are sent for nothing.")
    countries: tuple[str, ...] | None = Field(None, description="Where it delivers to (ISO 3166-1); null: everywhere.")
    zones: list[str] | None = Field(None, description="Zones that it delivers to; null: everywhere.")
    tables: list[RateTable] = Field([], description="Prices by weight, quantity or amount, per zone.")
    packaging_grams: int = Field(0, description="Added to the weight of the goods.")
    volumetric_divisor: int | None = Field(
        None, description="Cubic centimetres that count as a kilogram, such as 5000; the larger weight counts."
    )
    conditions: Conditions | None = Field(None, description="For which carts it is there; null: for all.")
    surcharges: list[Surcharge] = Field([], description="What is added; each is computed by itself.")
    handling_days: int | None = Field(None, description="In place of the calendar's.")
    cut_off: str | None = Field(None, description="In place of the calendar's.")
    delivery_days: list[int] | None = Field(None, description="In place of the calendar's.")
    transits: list[Transit] = Field([], description="How long it takes, per zone; none: no day is promised.")
    guaranteed: bool = Field(
        default=False, description="Whether a shopper must agree again when the promised day has become a later one."
    )
    pickup: PickupPoint | None = Field(None, description="Of the kind `pickup`: where.")
    carrier: CarrierRates | None = Field(None, description="Of the kind `carrier`: what carriers are asked.")
    position: int = Field(0, description="Methods are listed by position, then id.")
    active: bool = Field(default=True, description="Whether shoppers can choose it.")

    @property
    def named_zones(self) -> Iterator[str]:
        """Return the ids of all zones that the method speaks of."""
        parts: tuple[RateTable | Surcharge | Transit, ...] = (*self.tables, *self.surcharges, *self.transits)
        excepted = self.conditions.except_zones if self.conditions else None
        for zones in (self.zones, excepted, *(part.zones for part in parts)):
            yield from zones or ()


def in_order(methods: Sequence[ShippingMethod]) -> tuple[ShippingMethod, ...]:
    """Return the methods in the order in which the shop shows them."""
    return tuple(sorted(methods, key=lambda method: (method.position, method.id)))
