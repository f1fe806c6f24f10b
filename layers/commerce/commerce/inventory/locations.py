"""The places where stock lies: which of them sell, through which channels, and what each keeps back.

Carts read them with each request, so they are plain records; staff's shapes are in `location_schemas`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from commerce.kernel.config import settings

type Kind = Literal["warehouse", "shop", "dropship", "virtual"]
type Strategy = Literal["priority", "nearest", "fewest_parcels", "cheapest"]

MOST_LOCATIONS = 50
MOST_SELLING = 20
"""Active locations: a cart of 50 lines reads a level of each line at each of them."""

MOST_BYTES = 100_000
"""All are kept in one item, which every cart reads."""

TRANSIT = "transit"
"""Where units are that left one location for another. It never sells, and nobody can put a location of this id."""

EVERY_CHANNEL = "*"
"""Stands for the channels that a location's buffers do not name, and for the shop's own storefront."""


class Location(NamedTuple):
    """A place where stock lies.

    :ivar priority: locations are asked in this order, the lowest first, then by id.
    :ivar active: whether it sells.
    :ivar ships: whether parcels leave from there; pick-up does not need it.
    :ivar pickup: whether shoppers fetch their goods there.
    :ivar channels: the sales channels that it serves; None: all.
    :ivar buffers: units of each SKU that are kept back, by channel or `*`.
    :ivar address: country (ISO 3166-1), region, postal_code, city, line1, line2.
    :ivar near: countries that are as good as its own, for `nearest`.
    :ivar parcel_cost: minor units of the shop's currency that a parcel costs from there, for `cheapest`.
    :ivar unit_cost: minor units that each unit costs on top.
    :ivar calendar: its own days and cut-off in place of the shop's, as shipping keeps them.
    """

    id: str
    title: str
    kind: Kind = "warehouse"
    priority: int = 0
    active: bool = True
    ships: bool = True
    pickup: bool = False
    channels: tuple[str, ...] | None = None
    buffers: Mapping[str, int] = {}
    address: Mapping[str, str | None] | None = None
    near: tuple[str, ...] = ()
    parcel_cost: int = 0
    unit_cost: int = 0
    calendar: Mapping[str, Any] | None = None

    def serves(self, channel: str | None) -> bool:
        """Tell whether it sells through a channel; None: the shop's own storefront."""
        return self.active and (self.channels is None or channel in self.channels)

    def kept_back(self, channel: str | None) -> int:
        """Return how many units of each SKU are not for sale through a channel."""
        return self.buffers.get(channel or EVERY_CHANNEL, self.buffers.get(EVERY_CHANNEL, 0))


class Locations(NamedTuple):
    """All locations of the shop, in order of their priority.

    :ivar version: 0 while staff never put one: then those of the setting sell, in its order.
    """

    all: tuple[Location, ...]
    strategy: Strategy = "priority"
    version: int = 0

    def selling(self, channel: str | None = None) -> tuple[Location, ...]:
        """Return the locations that sell through a channel; None: the shop's own storefront."""
        return tuple(location for location in self.all if location.serves(channel))

    def find(self, location_id: str) -> Location | None:
        """Return a location by its id."""
        return next((location for location in self.all if location.id == location_id), None)

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids of all locations, in order."""
        return tuple(location.id for location in self.all)

    @property
    def channels(self) -> tuple[str, ...]:
        """Return the channels that some location treats in a way of its own."""
        named = {channel for location in self.all for channel in (*(location.channels or ()), *location.buffers)}
        return tuple(sorted(named - {EVERY_CHANNEL}))


def in_order(locations: Sequence[Location]) -> tuple[Location, ...]:
    """Return locations by priority, then id."""
    return tuple(sorted(locations, key=lambda location: (location.priority, location.id)))


def usual_locations() -> Locations:
    """Return the locations of a shop whose staff never put one: what the setting says."""
    named = settings().stock_locations
    return Locations(tuple(Location(id=name, title=name, priority=place) for place, name in enumerate(named)))
