"""Locations as staff send and read them."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field

from commerce.customers.model import Address, CountryCode
from commerce.inventory.locations import Kind, Location, Strategy
from commerce.kernel.schema import Handle, Input, Line, Output
from commerce.shipping.calendar import Calendar
from commerce.shipping.staff_schemas import PutShippingCalendar

MOST_CHANNELS = 20
MOST_NEAR = 50
MOST_PRIORITY = 1_000_000
MOST_KEPT_BACK = 1_000_000
MOST_COST = 100_000_000


def _once_each(names: list[str]) -> list[str]:
    if len(set(names)) != len(names):
        message = "a name stands twice"
        raise ValueError(message)
    return names


ChannelOrAny = Annotated[str, Field(pattern=r"^(?:\*|[A-Za-z0-9._-]{1,80})$")]
Channels = Annotated[list[Handle], Field(min_length=1, max_length=MOST_CHANNELS), AfterValidator(_once_each)]
Countries = Annotated[list[CountryCode], Field(max_length=MOST_NEAR), AfterValidator(_once_each)]
Cost = Annotated[int, Field(ge=0, le=MOST_COST)]


class PutLocation(Input):
    """A place where stock lies."""

    title: Line
    kind: Kind = Field("warehouse", description="Warehouse, shop, a supplier that sends by itself, or no real place.")
    priority: Annotated[int, Field(ge=0, le=MOST_PRIORITY)] = Field(
        0, description="Locations are asked in this order, the lowest first, then by id."
    )
    active: bool = Field(default=True, description="Whether it sells. What lies there stays there.")
    ships: bool = Field(default=True, description="Whether parcels leave from there.")
    pickup: bool = Field(default=False, description="Whether shoppers may fetch their goods there.")
    channels: Channels | None = Field(None, description="The sales channels that it serves; null: all.")
    buffers: Annotated[
        dict[ChannelOrAny, Annotated[int, Field(ge=0, le=MOST_KEPT_BACK)]], Field(max_length=MOST_CHANNELS)
    ] = Field({}, description="Units of each SKU that are not offered, by channel; `*`: in all others.")
    address: Address | None = None
    near: Countries = Field([], description="Countries that count as near to it as its own, for the rule `nearest`.")
    parcel_cost: Cost = Field(
        0, description="What a parcel from there costs, in minor units of the shop's currency; for `cheapest`."
    )
    unit_cost: Cost = Field(0, description="What each unit costs on top.")
    calendar: PutShippingCalendar | None = Field(
        None, description="Days and hours on which goods leave there; null: those of the shop's shipping calendar."
    )


class PutAllocationRule(Input):
    """How the locations are chosen that an order's units come from."""

    strategy: Strategy = Field(
        description="`priority`: in order of priority. `nearest`: to the address. `fewest_parcels`: from as few places "
        "as can be. `cheapest`: what parcels and units cost together. Priority decides where the rule does not."
    )


class StaffLocation(Output):
    """A location as staff read it."""

    id: str
    title: str
    kind: Kind
    priority: int
    active: bool
    ships: bool
    pickup: bool
    channels: tuple[str, ...] | None
    buffers: dict[str, int]
    address: dict[str, str | None] | None
    near: tuple[str, ...]
    parcel_cost: int
    unit_cost: int
    calendar: Calendar | None

    @classmethod
    def of(cls, location: Location) -> Self:
        """Return a location as staff read it."""
        fields = location._asdict()
        calendar = Calendar.model_validate(location.calendar) if location.calendar is not None else None
        return cls(**fields | {"calendar": calendar, "buffers": dict(location.buffers)})


class StaffLocations(Output):
    """All locations of the shop, and the rule by which they are chosen."""

    items: tuple[StaffLocation, ...] = Field(description="In order of priority.")
    next_cursor: None = Field(None, description="Always null: the list is answered whole.")
    strategy: Strategy
    version: int = Field(
        description="Of the whole list; 0 while staff never changed it and the locations are those of the deployment."
    )
