"""Zones: named parts of the world, by country, region and postal code. A destination may lie in several."""

import re
from collections.abc import Sequence
from typing import Annotated, NamedTuple

from pydantic import Field, StringConstraints

from commerce.kernel.schema import Input, Output

LONGEST_POSTAL_CODE = 12

OUTWARD_COUNTRIES = frozenset({"GB", "GG", "IM", "JE"})
"""Their codes are of several lengths: 'PO3' and 'PO30' are two districts, so areas and numbers are compared, not text.

Source: https://en.wikipedia.org/wiki/Postcodes_in_the_United_Kingdom#Formatting
"""

OUTWARD = re.compile(r"([A-Z]{1,2})(?:([0-9]{1,2})([A-Z]?))?")
INWARD = re.compile(r"[0-9][A-Z]{2}")
NOT_IN_A_CODE = re.compile(r"[^A-Z0-9]")

EVERYWHERE, COUNTRY, REGION, POSTAL_CODE = range(4)
"""How closely an area names a destination."""

PostalStart = Annotated[
    str, StringConstraints(pattern=r"^[A-Z0-9](?:[A-Z0-9 -]*[A-Z0-9])?$", max_length=LONGEST_POSTAL_CODE)
]
"""How postal codes begin, in capitals: `976`, `PO30`, `D02`. Spaces and hyphens do not count."""

type Rank = tuple[int, int]
type District = tuple[str, int | None, str]


class Destination(NamedTuple):
    """Where goods go, as far as it is known.

    :param region: what the shopper wrote: an ISO 3166-2 code, its second part, or the region's name.
    """

    country: str
    region: str | None = None
    postal_code: str | None = None
    city: str | None = None


class PostalCodes(Input):
    """All postal codes that begin with `first`, or lie between it and `last`."""

    first: PostalStart
    last: PostalStart | None = Field(None, description="Null: `first` alone.")

    def is_in_order(self, *, country: str) -> bool:
        """Tell whether `first` and `last` are bounds of a range in this country."""
        first, last = plain(self.first), plain(self.last or self.first)
        if country not in OUTWARD_COUNTRIES:
            return len(first) == len(last) and first <= last
        lower, upper = _district(first), _district(last)
        return lower is not None and upper is not None and _is_between(lower, lower, upper)

    def cover(self, *, country: str, code: str) -> bool:
        """Tell whether a postal code of this country is among them."""
        first, last, code = plain(self.first), plain(self.last or self.first), plain(code)
        if country not in OUTWARD_COUNTRIES:
            return len(code) >= len(first) and first <= code[: len(first)] <= last
        lower, upper, here = _district(first), _district(last), _district(_outward(code))
        return lower is not None and upper is not None and here is not None and _is_between(here, lower, upper)


class Area(Output):
    """A country, or the part of it that has one of these regions or one of these postal codes."""

    country: str = Field(description="ISO 3166-1 alpha-2 code.")
    regions: list[str] = Field([], description="Second parts of ISO 3166-2 codes, for example HI of US-HI.")
    region_names: list[str] = Field([], description="What these regions are called; shoppers may write the name.")
    postal_codes: list[PostalCodes] = Field([], description="Beginnings of postal codes, and ranges of them.")

    def rank(self, destination: Destination) -> Rank | None:
        """Return how closely the area names the destination; None when it lies elsewhere."""
        if self.country != destination.country:
            return None
        if not self.regions and not self.postal_codes:
            return (COUNTRY, 0)
        code = destination.postal_code or ""
        covering = [each for each in self.postal_codes if code and each.cover(country=self.country, code=code)]
        if covering:
            return (POSTAL_CODE, max(len(plain(each.first)) for each in covering))
        return (REGION, 0) if destination.region and self._has(destination.region) else None

    def _has(self, region: str) -> bool:
        written = region.strip().casefold()
        named = {name.casefold() for name in [*self.regions, *self.region_names]}
        return written in named or written.removeprefix(f"{self.country}-".casefold()) in named


class Zone(Output):
    """A part of the world that rates and surcharges can be given for."""

    id: str
    title: str
    areas: list[Area] = Field(description="None: the whole world.")

    def rank(self, destination: Destination) -> Rank | None:
        """Return how closely the zone names the destination; None when it lies elsewhere."""
        if not self.areas:
            return (EVERYWHERE, 0)
        return max((rank for area in self.areas if (rank := area.rank(destination)) is not None), default=None)


def zones_of(*, zones: Sequence[Zone], destination: Destination) -> tuple[str, ...]:
    """Return the ids of the zones that a destination lies in, the closest first.

    A longer postal code is closer than a shorter one, than a region, a country, the world. Equals are told apart by
    their ids, never by the order in which they were made.
    """
    ranked = [(rank, zone.id) for zone in zones if (rank := zone.rank(destination)) is not None]
    closest_first = sorted(ranked, key=lambda found: (-found[0][0], -found[0][1], found[1]))
    return tuple(zone_id for _, zone_id in closest_first)


def plain(code: str) -> str:
    """Return a postal code in capitals, without what people put between its parts."""
    return NOT_IN_A_CODE.sub("", code.upper())


def _outward(code: str) -> str:
    """Return the outward part of a British code; one without an inward part is taken as it is."""
    outward = code[:-3]
    return outward if OUTWARD.fullmatch(outward) and INWARD.fullmatch(code[-3:]) else code


def _district(outward: str) -> District | None:
    """Take an outward code apart: `EC1A` is area EC, number 1, letter A. An area alone has no number."""
    found = OUTWARD.fullmatch(outward)
    if found is None:
        return None
    area, number, letter = found.groups()
    return area, int(number) if number else None, letter or ""


def _is_between(here: District, lower: District, upper: District) -> bool:
    if not lower[0] == here[0] == upper[0]:
        return False
    if lower[1] is None or upper[1] is None or here[1] is None:
        return lower[1] is None and upper[1] is None
    if lower[2] or upper[2]:
        return (lower[1], lower[2]) <= (here[1], here[2]) <= (upper[1], upper[2])
    return lower[1] <= here[1] <= upper[1]
