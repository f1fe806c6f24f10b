"""Questions about stock."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from commerce.catalog import variants as catalog
from commerce.inventory.errors import UnknownSku
from commerce.inventory.locations import Location, Locations, usual_locations
from commerce.inventory.model import Level
from commerce.inventory.records import (
    LEVEL,
    LOCATIONS,
    LevelRecord,
    LocationsRecord,
    level_pk,
    level_sk,
    locations_read,
)
from commerce.kernel.reads import Answers, Read, fetch, get, listed


def shop_reads() -> list[Read[Any]]:
    """Return the reads that `locations` needs: one."""
    return [locations_read()]


def locations(*, answers: Answers) -> Locations:
    """Return the locations of the shop."""
    return _book(answers.get(locations_read()))


def stored_locations() -> Locations:
    """Return the locations of the shop as they are stored now: one read."""
    return _book(get(LocationsRecord, LOCATIONS, LOCATIONS))


def _book(record: LocationsRecord | None) -> Locations:
    return record.book() if record is not None else usual_locations()


def level_reads(*, skus: Iterable[str], places: Sequence[Location]) -> list[Read[Any]]:
    """Return the reads of these SKUs' levels at these locations."""
    return [_read(sku, place.id) for sku in skus for place in places]


def levels(
    *, answers: Answers, skus: Iterable[str], places: Sequence[Location], channel: str | None
) -> dict[str, list[Level]]:
    """Return the levels that `level_reads` found, less what is kept back from the channel; what is not there is zero.

    A buffer keeps units from being offered; who orders the last of them at the same moment may still get them.
    """
    return {sku: [_offered(_found(answers, sku, place.id), place, channel) for place in places] for sku in skus}


def stored_levels(*, sku: str) -> dict[str, Level]:
    """Return the levels of a SKU as they are stored now, by location, also of locations that no longer sell."""
    return {level.location: level for level in (row.level() for row in stored_rows(sku=sku))}


def stored_rows(*, sku: str) -> list[LevelRecord]:
    """Return the rows behind `stored_levels`; for this package."""
    return listed(LevelRecord.query(level_pk(sku), LevelRecord.sk.startswith(LEVEL), consistent_read=True))


def sellable(levels_by_location: Mapping[str, Level], *, book: Locations, channel: str | None = None) -> int:
    """Return how many units the locations that sell through a channel offer together."""
    return sum(
        _offered(levels_by_location[place.id], place, channel).available
        for place in book.selling(channel)
        if place.id in levels_by_location
    )


def known_levels(*, sku: str) -> dict[str, Level]:
    """Return the stored levels of a SKU that exists: one Query, and one more call when it never had stock.

    :raises UnknownSku: when it has no level and no product has it.
    """
    stored = stored_levels(sku=sku)
    if not stored:
        check_sku(sku=sku)
    return stored


def check_sku(*, sku: str) -> None:
    """Ask the catalog whether some product has this SKU.

    :raises UnknownSku: when none has.
    """
    if sku not in catalog.variants(answers=fetch(catalog.variant_reads(skus=[sku])), skus=[sku]):
        raise UnknownSku


def _read(sku: str, location: str) -> Read[LevelRecord]:
    return Read(LevelRecord, level_pk(sku), level_sk(location))


def _offered(level: Level, place: Location, channel: str | None) -> Level:
    kept = min(place.kept_back(channel), level.available)
    return level.model_copy(update={"available": level.available - kept}) if kept else level


def _found(answers: Answers, sku: str, location: str) -> Level:
    row = answers.get(_read(sku, location))
    return row.level() if row is not None else Level(sku=sku, location=location)
