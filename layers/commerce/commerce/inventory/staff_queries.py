"""Staff's questions about stock."""

from collections.abc import Mapping

from commerce.adapters.ssm import signing_keys
from commerce.inventory.locations import Locations
from commerce.inventory.model import Bucket, Level, Reason
from commerce.inventory.queries import known_levels, sellable, stored_locations
from commerce.inventory.records import HISTORY, HistoryRecord, level_pk
from commerce.inventory.schemas import LevelView, MovementView, StockView
from commerce.kernel.call import Call
from commerce.kernel.paging import Page, cut, opened, sealed
from commerce.kernel.reads import listed


def stock(*, sku: str) -> StockView:
    """Return the stock of a SKU at every location, zeros included.

    :raises UnknownSku: when no product has this SKU.
    """
    return stock_of(sku=sku, stored=known_levels(sku=sku), book=stored_locations())


def stock_of(*, sku: str, stored: Mapping[str, Level], book: Locations) -> StockView:
    """Return these levels as staff see them."""
    return StockView(
        sku=sku, available=sellable(stored, book=book), levels=level_views(sku=sku, stored=stored, book=book)
    )


def level_views(*, sku: str, stored: Mapping[str, Level], book: Locations) -> list[LevelView]:
    """Return levels as staff see them: locations that sell in order of priority, then the others by name."""
    selling = [location.id for location in book.all if location.active]
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
        shard=int(row.shard or 0),
        source=Bucket(row.source) if row.source else None,
        target=Bucket(row.target) if row.target else None,
        quantity=int(row.quantity),
        reason=Reason(row.reason),
        reference=row.reference,
        actor=row.actor,
        occurred_at=row.occurred_at,
    )
