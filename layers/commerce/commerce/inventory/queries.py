"""Questions about stock."""

from collections.abc import Iterable, Mapping
from typing import Any

from commerce.catalog import variants as catalog
from commerce.inventory.errors import UnknownSku
from commerce.inventory.model import Level
from commerce.inventory.records import LEVEL, LevelRecord, level_pk, level_sk
from commerce.kernel.config import settings
from commerce.kernel.reads import Answers, Read, fetch, listed


def level_reads(*, skus: Iterable[str]) -> list[Read[Any]]:
    """Return the reads of these SKUs' levels at every location that sells."""
    return [_read(sku, location) for sku in skus for location in settings().stock_locations]


def levels(*, answers: Answers, skus: Iterable[str]) -> dict[str, list[Level]]:
    """Return the levels that `level_reads` found, in order of the locations' priority; what is not there is zero."""
    return {sku: [_found(answers, sku, location) for location in settings().stock_locations] for sku in skus}


def stored_levels(*, sku: str) -> dict[str, Level]:
    """Return the levels of a SKU as they are stored now, by location, also of locations that no longer sell."""
    return {level.location: level for level in (row.level() for row in stored_rows(sku=sku))}


def stored_rows(*, sku: str) -> list[LevelRecord]:
    """Return the rows behind `stored_levels`; for this package."""
    return listed(LevelRecord.query(level_pk(sku), LevelRecord.sk.startswith(LEVEL), consistent_read=True))


def sellable(levels_by_location: Mapping[str, Level]) -> int:
    """Return how many units the locations that sell have available together."""
    return sum(
        levels_by_location[location].available
        for location in settings().stock_locations
        if location in levels_by_location
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


def _found(answers: Answers, sku: str, location: str) -> Level:
    row = answers.get(_read(sku, location))
    return row.level() if row is not None else Level(sku=sku, location=location)
