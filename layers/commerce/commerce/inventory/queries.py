"""Questions about stock."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from commerce.catalog import variants as catalog
from commerce.inventory.errors import UnknownSku
from commerce.inventory.locations import Location, Locations, usual_locations
from commerce.inventory.model import Level
from commerce.inventory.records import (
    LEVEL,
    LEVELS,
    LOCATIONS,
    QUANTITIES,
    ContentionRecord,
    LevelRecord,
    LocationsRecord,
    StoredRecord,
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


def shard_reads(*, answers: Answers, skus: Iterable[str], places: Sequence[Location]) -> list[Read[Any]]:
    """Return the reads of the further shards of hot SKUs among these; none for a cart without one."""
    return [
        _read(sku, place.id, shard)
        for sku in skus
        for place in places
        if (row := answers.get(_read(sku, place.id))) is not None
        for shard in range(1, row.split_into)
    ]


def levels(
    *,
    answers: Answers,
    skus: Iterable[str],
    places: Sequence[Location],
    channel: str | None,
    shards: Answers | None = None,
) -> dict[str, list[Level]]:
    """Return the levels that `level_reads` found, less what is kept back from the channel; what is not there is zero.

    A buffer keeps units from being offered; who orders the last of them at the same moment may still get them.

    :param shards: what `shard_reads` found, where there was something to read.
    """
    return {sku: [_offered(_found(answers, shards, sku, place.id), place, channel) for place in places] for sku in skus}


def stored_levels(*, sku: str) -> dict[str, Level]:
    """Return the levels of a SKU as they are stored now, by location, also of locations that no longer sell.

    A level that is split over shards is their sum.
    """
    return {rows[0].key.location: whole(rows) for rows in by_location(stored_rows(sku=sku))}


def stored_rows(*, sku: str) -> list[LevelRecord]:
    """Return the rows behind `stored_levels`; for this package."""
    return listed(LevelRecord.query(level_pk(sku), LevelRecord.sk.startswith(LEVEL), consistent_read=True))


def watched_rows(*, sku: str) -> tuple[list[LevelRecord], ContentionRecord | None]:
    """Return the rows behind `stored_levels`, and how often transactions met at them: one Query; for this package."""
    both = StoredRecord.sk.startswith(LEVELS)
    found: list[Any] = listed(StoredRecord.query(level_pk(sku), both, consistent_read=True))
    rows = [row for row in found if isinstance(row, LevelRecord)]
    return rows, next((row for row in found if isinstance(row, ContentionRecord)), None)


def by_location(rows: Iterable[LevelRecord]) -> Iterator[list[LevelRecord]]:
    """Return the rows of each location's level, the first shard first; for this package."""
    found: dict[str, dict[int, LevelRecord]] = {}
    for row in rows:
        found.setdefault(row.key.location, {})[row.key.shard] = row
    for location, shards in found.items():
        # The first row is missing until something moves there: then it counts as zero, like all that is missing.
        first = next(iter(shards.values()))
        shards.setdefault(0, LevelRecord(pk=first.pk, sk=level_sk(location)))
        yield [shards[shard] for shard in sorted(shards)]


def whole(rows: Sequence[LevelRecord]) -> Level:
    """Return the level of one location, whose rows these are, the first shard first; for this package."""
    first = rows[0]
    level = first.level()
    if len(rows) == 1 and first.split_into == 1:
        return level
    held = {row.key.shard: row.quantities() for row in rows}
    nothing = dict.fromkeys(QUANTITIES, 0)
    parts = tuple(held.get(shard, nothing) for shard in range(max(first.split_into, *(shard + 1 for shard in held))))
    sums: dict[str, Any] = {name: sum(part[name] for part in parts) for name in QUANTITIES}
    revision = sum(int(row.revision) for row in rows)
    return level.model_copy(update={**sums, "revision": revision, "shards": first.split_into, "parts": parts})


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


def _read(sku: str, location: str, shard: int = 0) -> Read[LevelRecord]:
    return Read(LevelRecord, level_pk(sku), level_sk(location, shard))


def _offered(level: Level, place: Location, channel: str | None) -> Level:
    kept = min(place.kept_back(channel), level.available)
    return level.model_copy(update={"available": level.available - kept}) if kept else level


def _found(answers: Answers, shards: Answers | None, sku: str, location: str) -> Level:
    row = answers.get(_read(sku, location))
    if row is None:
        return Level(sku=sku, location=location)
    if shards is None or row.split_into == 1:
        return row.level()
    others = (shards.get(_read(sku, location, shard)) for shard in range(1, row.split_into))
    return whole([row, *(other for other in others if other is not None)])
