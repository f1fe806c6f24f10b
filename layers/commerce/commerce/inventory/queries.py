"""Questions about stock."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from commerce.adapters.ssm import signing_keys
from commerce.catalog import queries as catalog
from commerce.inventory.errors import UnknownSku
from commerce.inventory.model import Bucket, Level, Reason
from commerce.inventory.records import HISTORY, LEVEL, HistoryRecord, LevelRecord, level_pk, level_sk
from commerce.inventory.schemas import LevelView, MovementView, StockView
from commerce.kernel.call import Call
from commerce.kernel.config import settings
from commerce.kernel.paging import Page, cut, opened, sealed
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


def stock(*, sku: str) -> StockView:
    """Return the stock of a SKU at every location, zeros included.

    :raises UnknownSku: when no product has this SKU.
    """
    stored = known_levels(sku=sku)
    return StockView(sku=sku, available=sellable(stored), levels=level_views(sku=sku, stored=stored))


def level_views(*, sku: str, stored: Mapping[str, Level]) -> list[LevelView]:
    """Return levels as staff see them: locations that sell in order of priority, then the others by name."""
    selling: Sequence[str] = settings().stock_locations
    others = sorted(stored.keys() - set(selling))
    return [LevelView.of(stored.get(location) or Level(sku=sku, location=location)) for location in (*selling, *others)]


def movements(*, sku: str, limit: int, cursor: str | None, call: Call) -> Page[MovementView]:
    """Return the history of a SKU, newest first.

    :raises UnknownSku: when no product has this SKU.
    """
    scope, keys = f"movements {call.actor} {sku}", signing_keys()
    position = opened(cursor, scope=scope, keys=keys) if cursor else None
    condition = HistoryRecord.sk.between(HISTORY, position) if position else HistoryRecord.sk.startswith(HISTORY)
    # `between` includes the last row of the page before, so one more is asked for and passed over.
    extra = 2 if position else 1
    query = HistoryRecord.query(level_pk(sku), condition, scan_index_forward=False, limit=limit + extra)
    rows = listed(query)[extra - 1 :]
    if not rows and position is None:
        known_levels(sku=sku)
    return cut(rows, limit=limit, shown=_view, cursor=lambda row: sealed(row.sk, scope=scope, keys=keys))


def _view(row: HistoryRecord) -> MovementView:
    return MovementView(
        movement_id=row.movement_id,
        location=row.location,
        source=Bucket(row.source) if row.source else None,
        target=Bucket(row.target) if row.target else None,
        quantity=int(row.quantity),
        reason=Reason(row.reason),
        reference=row.reference,
        actor=row.actor,
        occurred_at=row.occurred_at,
    )


def _read(sku: str, location: str) -> Read[LevelRecord]:
    return Read(LevelRecord, level_pk(sku), level_sk(location))


def _found(answers: Answers, sku: str, location: str) -> Level:
    row = answers.get(_read(sku, location))
    return row.level() if row is not None else Level(sku=sku, location=location)
