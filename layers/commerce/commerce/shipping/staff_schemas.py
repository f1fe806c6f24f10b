"""Zones, the calendar and the preview as staff send and read them."""

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, Field, Strict, StringConstraints, model_validator

from commerce.catalog.model import Sku
from commerce.customers.model import CountryCode
from commerce.kernel.money import CurrencyCode, Money
from commerce.kernel.schema import Handle, Input, Line, OptionalLine, Output
from commerce.shipping.calendar import Calendar, DeliveryHoliday
from commerce.shipping.days import Clock
from commerce.shipping.engine import Reason
from commerce.shipping.options import ShippingOption
from commerce.shipping.schemas import ClosedDays, HandlingDays, Weekdays
from commerce.shipping.zones import PostalCodes, Zone

MOST_ZONES = 100
MOST_AREAS = 250
MOST_REGIONS = 150
MOST_POSTAL_CODES = 500
MOST_DELIVERY_HOLIDAYS = 1000
MOST_LINES = 50
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def _is_time_zone(name: str) -> str:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415 - only who sends a calendar pays for it.

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = "this is not a time zone, such as Europe/Oslo"
        raise ValueError(message) from error
    return name


def _is_soon_enough(moment: datetime) -> datetime:
    if not FIRST <= moment <= LAST:
        message = f"this must lie between {FIRST.year} and {LAST.year}"
        raise ValueError(message)
    return moment


def _once_each_holiday(days: list[DeliveryHoliday]) -> list[DeliveryHoliday]:
    if len({(day.country, day.date) for day in days}) != len(days):
        message = "a day stands twice for a country"
        raise ValueError(message)
    return days


TimeZone = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*$", max_length=60),
    AfterValidator(_is_time_zone),
]
Moment = Annotated[AwareDatetime, Strict(strict=False), AfterValidator(_is_soon_enough)]
RegionCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,3}$")]


class PutArea(Input):
    """A country, or the part of it that has one of these regions or one of these postal codes."""

    country: CountryCode
    regions: Annotated[list[RegionCode], Field(max_length=MOST_REGIONS)] = Field(
        [], description="Second parts of ISO 3166-2 codes, for example HI of US-HI."
    )
    postal_codes: Annotated[list[PostalCodes], Field(max_length=MOST_POSTAL_CODES)] = Field(
        [], description="Beginnings of postal codes, and ranges of them."
    )

    @model_validator(mode="after")
    def _exists(self) -> Self:
        for region in self.regions:
            region_name(country=self.country, region=region)
        for codes in self.postal_codes:
            if not codes.is_in_order(country=self.country):
                message = f"{codes.first} to {codes.last} is no range of postal codes: the bounds must be of one length"
                raise ValueError(message)
        return self


class PutZone(Input):
    """A part of the world. Where several cover a destination, the closest has the say."""

    id: Handle
    title: Line
    areas: Annotated[list[PutArea], Field(max_length=MOST_AREAS)] = Field(description="None: the whole world.")


class PutShippingZones(Input):
    """All zones of the shop."""

    items: Annotated[list[PutZone], Field(max_length=MOST_ZONES)]

    @model_validator(mode="after")
    def _have_one_id_each(self) -> Self:
        if len({zone.id for zone in self.items}) != len(self.items):
            message = "two zones have the same id"
            raise ValueError(message)
        return self


class StaffShippingZones(Output):
    """All zones of the shop."""

    items: tuple[Zone, ...] = Field(description="By id.")
    next_cursor: None = Field(None, description="Always null: the list is answered whole.")
    version: int = Field(description="Version of the whole list; 0 while there never was a zone.")


class PutShippingCalendar(Input):
    """How the shop and its carriers work. Without a calendar no day is promised."""

    time_zone: TimeZone = Field(description="IANA name; the shop's days begin at midnight there.")
    cut_off: Clock | None = Field(None, description="Orders from this time on count as the next day's; null: midnight.")
    handling_days: HandlingDays = Field(0, description="Working days until goods leave; 0: on the day of the order.")
    working_days: Weekdays = Field([1, 2, 3, 4, 5], description="Days on which goods leave; Monday is 1.")
    delivery_days: Weekdays = Field([1, 2, 3, 4, 5], description="Days on which goods travel and arrive.")
    closed_days: ClosedDays = Field([], description="Days on which nothing leaves.")
    delivery_holidays: Annotated[
        list[DeliveryHoliday], Field(max_length=MOST_DELIVERY_HOLIDAYS), AfterValidator(_once_each_holiday)
    ] = Field([], description="Days on which nothing is delivered, by country.")


class StaffShippingCalendar(Calendar):
    """The calendar of the shop."""

    version: int = Field(description="0 while there is none; then no day is promised.")


class AddPublicHolidays(Input):
    """Which public holidays the calendar is to know."""

    country: CountryCode
    region: RegionCode | None = Field(None, description="Second part of an ISO 3166-2 code, for regional holidays.")
    years: Annotated[list[Annotated[int, Field(ge=2020, le=2100)]], Field(min_length=1, max_length=5)]
    closes_shop: bool = Field(default=False, description="Whether nothing leaves the shop on these days.")
    stops_delivery: bool = Field(default=True, description="Whether nothing is delivered in the country on these days.")


class PreviewLine(Input):
    """A quantity of a SKU."""

    sku: Sku
    quantity: Annotated[int, Field(ge=1, le=999)]


class PreviewDestination(Input):
    """Where the goods would go."""

    country: CountryCode
    region: OptionalLine | None = Field(None, description="As a shopper would write it: HI, US-HI or Hawaii.")
    postal_code: OptionalLine | None = None
    city: OptionalLine | None = None


class ShippingPreviewRequest(Input):
    """A basket to look at."""

    lines: Annotated[list[PreviewLine], Field(min_length=1, max_length=MOST_LINES)]
    destination: PreviewDestination | None = Field(None, description="Null: nobody knows yet.")
    currency: CurrencyCode | None = Field(None, description="Left out: the shop's.")
    amount: Annotated[int, Field(ge=0, le=2**53 - 1)] | None = Field(
        None, description="What the goods cost after discounts, in minor units; left out: the catalog's prices."
    )
    at: Moment | None = Field(None, description="When the order would come; left out: now.")
    ask_carriers: bool = Field(default=True, description="Whether carriers are asked; their answers cannot be ordered.")

    @model_validator(mode="after")
    def _names_each_sku_once(self) -> Self:
        if len({line.sku for line in self.lines}) != len(self.lines):
            message = "a SKU stands twice"
            raise ValueError(message)
        return self


class RefusedMethod(Output):
    """A method that is not there, and why."""

    id: str
    title: str
    reason: Reason


class PreviewParcel(Output):
    """What would be sent."""

    quantity: int
    weight_grams: int = Field(description="Of the goods, without packaging.")
    volume_mm3: int
    amount: Money


class ShippingPreview(Output):
    """What a shopper with this basket would be offered, and what not."""

    parcel: PreviewParcel
    zones: tuple[str, ...] = Field(description="Zones that the destination lies in, the closest first.")
    items: tuple[ShippingOption, ...]
    refused: tuple[RefusedMethod, ...]
    carriers: Literal["not_asked", "answered", "no_answer"]


def region_name(*, country: str, region: str) -> str:
    """Return the name of a region.

    :raises ValueError: when ISO 3166-2 knows none.
    """
    # Its database takes 50 ms of CPU to load, which only callers who send regions should pay.
    import pycountry  # noqa: PLC0415

    found = pycountry.subdivisions.get(code=f"{country}-{region}")  # type: ignore[no-untyped-call]
    if found is None:
        message = f"{country}-{region} is not an ISO 3166-2 code"
        raise ValueError(message)
    name: str = found.name
    return name
