"""The rules by which locations are chosen: each ranks them, or picks the set that serves an order best.

A rule of your own is a function from `Request` to `Choice`, with its name in `STRATEGIES` and in `locations.Strategy`.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple, Protocol

from commerce.inventory.allocation import Destination
from commerce.inventory.locations import Location, Strategy
from commerce.inventory.model import Allocation

MOST_COMPARED = 10
"""Locations whose sets are all compared: 1,023 sets. Of more, those that have most of what is wanted are compared."""


class Request(NamedTuple):
    """What is wanted, and what there is.

    :ivar stock: units by SKU and location; together there is enough of each SKU.
    :ivar places: in order of priority.
    """

    wanted: Mapping[str, int]
    stock: Mapping[str, Mapping[str, int]]
    places: tuple[Location, ...]
    destination: Destination | None

    def at(self, sku: str, place: Location) -> int:
        """Return how many units of a SKU a place has."""
        return self.stock[sku].get(place.id, 0)

    def covers(self, places: Iterable[Location]) -> bool:
        """Tell whether these places have everything together."""
        chosen = tuple(places)
        return all(sum(self.at(sku, place) for place in chosen) >= quantity for sku, quantity in self.wanted.items())


class Choice(NamedTuple):
    """The places to take from, the best first.

    :ivar because: a sentence for each place that was looked at.
    :ivar splits: whether a line is split over the first places although a later one has all of it.
    """

    places: tuple[Location, ...]
    because: tuple[str, ...]
    splits: bool = False


class Rule(Protocol):
    """A way to choose locations."""

    def __call__(self, request: Request, /) -> Choice:
        """Return places that have enough of everything together, the best first."""


def by_priority(request: Request) -> Choice:
    """Take from places in the order that the merchant gave them."""
    return Choice(request.places, tuple(f"{place.id}: priority {place.priority}" for place in request.places))


def by_nearness(request: Request) -> Choice:
    """Take from the places nearest to the address first: those of its region, of its country, of countries near by.

    An address has no coordinates, and to ask somebody for them would take a call in the middle of a checkout. Among
    equals, the more leading letters two postal codes share, the nearer: post offices number them by area.
    """
    if request.destination is None:
        return by_priority(request)
    ranks = {place.id: _nearness(place, request.destination) for place in request.places}
    ordered = sorted(request.places, key=lambda place: ranks[place.id].rank)  # Stable: priority decides the rest.
    return Choice(tuple(ordered), tuple(f"{place.id}: {ranks[place.id].words}" for place in ordered))


def by_fewest_parcels(request: Request) -> Choice:
    """Take from as few places as can be; of several such sets the one of the best priorities."""
    for chosen in _sets(request):
        if request.covers(chosen):
            return _of_set(request, chosen, f"{len(chosen)} of {len(request.places)} places have everything")
    return by_priority(request)


def by_cost(request: Request) -> Choice:
    """Take from the set of places whose parcels and units cost least together; then fewest, then by priority."""
    found = [
        (_cost(request, chosen), number, chosen)
        for number, chosen in enumerate(_sets(request))
        if request.covers(chosen)
    ]
    if not found:
        return by_priority(request)
    cost, _, chosen = min(found, key=lambda each: each[:2])
    by_unit = tuple(sorted(chosen, key=lambda place: place.unit_cost))
    words = f"parcels and units cost {cost} together, the least of {len(found)} ways"
    return _of_set(request, by_unit, words)._replace(splits=True)


STRATEGIES: Mapping[Strategy, Rule] = {
    "priority": by_priority,
    "nearest": by_nearness,
    "fewest_parcels": by_fewest_parcels,
    "cheapest": by_cost,
}


def taken(request: Request, choice: Choice) -> tuple[Allocation, ...]:
    """Return what comes from where: a line whole from the first place that has all of it, else split in their order."""
    return tuple(part for sku, quantity in request.wanted.items() for part in _line(request, sku, quantity, choice))


def _line(request: Request, sku: str, quantity: int, choice: Choice) -> Iterable[Allocation]:
    whole = [place for place in choice.places if request.at(sku, place) >= quantity and not choice.splits]
    rest = quantity
    for place in whole[:1] or choice.places:
        units = min(rest, request.at(sku, place))
        if units > 0:
            rest -= units
            yield Allocation(sku=sku, location=place.id, quantity=units)


class _Nearness(NamedTuple):
    rank: tuple[int, int]
    words: str


def _nearness(place: Location, destination: Destination) -> _Nearness:
    address = place.address
    if address is None:
        return _Nearness((4, 0), "no address is known of it")
    if address.get("country") != destination.country:
        if destination.country in place.near:
            return _Nearness((2, 0), f"{destination.country} is near to it")
        return _Nearness((3, 0), "in another country")
    shared = _shared(address.get("postal_code"), destination.postal_code)
    alike = f"; postal codes begin alike with {shared}" if shared else ""
    region = address.get("region")
    if region and destination.region and region.casefold() == destination.region.casefold():
        return _Nearness((0, -len(shared)), f"in the same region, {region}{alike}")
    return _Nearness((1, -len(shared)), f"in the same country, {destination.country}{alike}")


def _shared(one: str | None, other: str | None) -> str:
    """Return the letters with which two postal codes begin alike."""
    count = 0
    first, second = ("".join((code or "").split()).upper() for code in (one, other))
    for left, right in zip(first, second, strict=False):
        if left != right:
            break
        count += 1
    return first[:count]


def _sets(request: Request) -> Iterable[Sequence[Location]]:
    """Yield sets of places that have something of what is wanted: the smallest first, then those of best priority."""
    useful = [place for place in request.places if any(request.at(sku, place) for sku in request.wanted)]
    if len(useful) > MOST_COMPARED:
        best = sorted(useful, key=lambda place: -_usefulness(request, place))[:MOST_COMPARED]
        useful = [place for place in useful if place in best]
    for size in range(1, len(useful) + 1):
        yield from combinations(useful, size)


def _usefulness(request: Request, place: Location) -> int:
    return sum(min(quantity, request.at(sku, place)) for sku, quantity in request.wanted.items())


def _cost(request: Request, chosen: Sequence[Location]) -> int:
    """Return what it costs to take everything from these places: the cheapest units of each SKU."""
    cost = sum(place.parcel_cost for place in chosen)
    by_unit = sorted(chosen, key=lambda place: place.unit_cost)
    for sku, quantity in request.wanted.items():
        rest = quantity
        for place in by_unit:
            units = min(rest, request.at(sku, place))
            rest -= units
            cost += units * place.unit_cost
    return cost


def _of_set(request: Request, chosen: Sequence[Location], words: str) -> Choice:
    names = ", ".join(place.id for place in chosen)
    passed = tuple(f"{place.id}: not needed" for place in request.places if place not in chosen)
    return Choice(tuple(chosen), (f"{names}: {words}", *passed))
