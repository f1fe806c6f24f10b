"""What staff change of stock by hand."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from commerce.inventory import low_stock, queries, staff_queries
from commerce.inventory.errors import NotByHand, ShardTaken, StaleQuantity, UnknownLocation
from commerce.inventory.locations import TRANSIT, Locations
from commerce.inventory.model import Bucket, Level, Move, Reason
from commerce.inventory.operations import available_is, moving, shortage
from commerce.inventory.records import level_row
from commerce.inventory.schemas import Adjustment, LowStockThreshold, Receipt, StockChange, StockSetting, StockView
from commerce.inventory.shards import available_by_shard, over_shards
from commerce.kernel.call import Call
from commerce.kernel.errors import Fault, WriteConflict
from commerce.kernel.ids import new_id
from commerce.kernel.transactions import Write, check, commit

ATTEMPTS = 6
"""How often a change that depends on what was read is tried against others who change the same."""


class _Known(NamedTuple):
    """The stock of a SKU, by location, and the locations that there are."""

    stored: Mapping[str, Level]
    book: Locations

    def level_at(self, sku: str, location: str) -> Level:
        """Return the level at a location that there is, or that there was and that still has a level."""
        if location == TRANSIT:
            raise NotByHand
        if location not in self.stored:
            check_location(location, book=self.book)
        return self.stored.get(location) or Level(sku=sku, location=location)


def _known(sku: str) -> _Known:
    return _Known(queries.known_levels(sku=sku), queries.stored_locations())


def _known_again(sku: str, book: Locations) -> _Known:
    return _Known(queries.stored_levels(sku=sku), book)


def adjust(*, sku: str, new: Adjustment, call: Call, dry_run: bool) -> StockChange:
    """Correct what is available by a difference.

    :raises UnknownSku: when no product has this SKU.
    :raises UnknownLocation: when there is no such location.
    :raises StaleQuantity: when the caller saw another quantity than there is.
    :raises InsufficientStock: when fewer units are available than are to go.
    """
    found = new.delta > 0
    moved = Move(
        sku=sku,
        location=new.location,
        source=None if found else Bucket.AVAILABLE,
        target=Bucket.AVAILABLE if found else None,
        quantity=abs(new.delta),
    )
    return _by_hand(
        moved,
        reason=Reason.ADJUST,
        reference=new.reason,
        seen=new.expected_available,
        param="delta",
        call=call,
        dry_run=dry_run,
    )


def receive(*, sku: str, new: Receipt, call: Call, dry_run: bool) -> StockChange:
    """Take in units that arrived, and make them available.

    :raises UnknownSku: when no product has this SKU.
    :raises UnknownLocation: when there is no such location.
    :raises StaleQuantity: when the caller saw another quantity than there is.
    """
    moved = Move(sku=sku, location=new.location, source=None, target=Bucket.AVAILABLE, quantity=new.quantity)
    return _by_hand(
        moved,
        reason=Reason.RECEIVE,
        reference=new.reference or "",
        seen=new.expected_available,
        param="quantity",
        call=call,
        dry_run=dry_run,
    )


def set_available(*, sku: str, location: str, new: StockSetting, call: Call, dry_run: bool) -> StockChange:
    """Make this many units available, by a move of the difference. What is reserved or sold is not touched.

    :raises UnknownSku: when no product has this SKU.
    :raises UnknownLocation: when there is no such location.
    :raises StaleQuantity: when the caller saw another quantity than there is.
    :raises WriteConflict: when the caller does not care what there was, and it kept changing.
    """
    for _ in range(ATTEMPTS):
        known = _known(sku)
        level = known.level_at(sku, location)
        difference = new.available - level.available
        if difference == 0:
            _check_seen(level, new.expected_available)
            return _unmoved(known, sku=sku, call=call, dry_run=dry_run)
        moved = Move(
            sku=sku,
            location=location,
            source=None if difference > 0 else Bucket.AVAILABLE,
            target=Bucket.AVAILABLE if difference > 0 else None,
            quantity=abs(difference),
        )
        try:
            return _by_hand(
                moved,
                reason=Reason.SET,
                reference=new.reason,
                seen=level.available if new.expected_available is None else new.expected_available,
                param="available",
                call=call,
                dry_run=dry_run,
                known=known,
            )
        except StaleQuantity:
            if new.expected_available is not None:
                raise
    raise WriteConflict


def set_low_stock_threshold(*, sku: str, location: str, new: LowStockThreshold, call: Call) -> StockView:
    """Say when stock is low. When it is low already, that is announced at once.

    :raises UnknownSku: when no product has this SKU.
    :raises UnknownLocation: when there is no such location.
    :raises WriteConflict: when the stock kept changing.
    """
    book = queries.stored_locations()
    for _ in range(ATTEMPTS):
        stored = queries.by_location(queries.stored_rows(sku=sku))
        found = {rows[0].key.location: rows for rows in stored}
        if not found:
            queries.check_sku(sku=sku)
        stored_by_location = {name: queries.whole(rows) for name, rows in found.items()}
        _Known(stored_by_location, book).level_at(sku, location)
        rows = found.get(location) or [level_row(sku, location)]
        once = call.once.row(f"{sku}/") if call.once else None
        try:
            commit([once, *low_stock.threshold_writes(rows, threshold=new.threshold, call=call)])
        except WriteConflict:
            continue
        return staff_queries.stock(sku=sku)
    raise WriteConflict


def stock_change_again(*, resource: str, call: Call) -> StockChange:  # noqa: ARG001 - the edge's signature.
    """Answer a repeated change: the stock as it is now, and the movement that the first call made."""
    sku, _, movement_id = resource.partition("/")
    return _changed(_known_again(sku, queries.stored_locations()), sku=sku, movement_id=movement_id or None)


def low_stock_threshold_again(*, resource: str, call: Call) -> StockView:  # noqa: ARG001 - the edge's signature.
    """Answer a repeated setting of a threshold."""
    return staff_queries.stock(sku=resource.partition("/")[0])


def _by_hand(
    moved: Move,
    *,
    reason: Reason,
    reference: str,
    seen: int | None,
    param: str,
    call: Call,
    dry_run: bool,
    known: _Known | None = None,
) -> StockChange:
    """Carry out one move of staff, or show what it would do; again when buyers of a hot SKU were faster."""
    sku = moved.sku
    for attempt in range(ATTEMPTS):
        found = _known(sku) if known is None or attempt else known
        level = found.level_at(sku, moved.location)
        _check_seen(level, seen)
        if short := shortage(level, moved.changes, param):
            raise short
        if dry_run:
            would_be = {**found.stored, moved.location: level.after(moved.changes)}
            return _changed(found._replace(stored=would_be), sku=sku, movement_id=None, dry_run=True)
        movement_id = new_id("mov")
        unchanged = _unchanged(level) if level.parts and seen is not None else ()
        writes = moving(
            movement_id,
            over_shards(moved, level),
            reason=reason,
            reference=reference,
            call=call,
            seen=None if level.parts else seen,
            param=param,
        )
        try:
            commit([call.once.row(f"{sku}/{movement_id}") if call.once else None, *unchanged, *writes])
        except ShardTaken:
            continue
        return _changed(_known_again(sku, found.book), sku=sku, movement_id=movement_id)
    raise WriteConflict


def _unchanged(level: Level) -> Iterator[Write]:
    """Return what holds only while each shard has what was read, for those who saw their sum."""
    for shard, units in enumerate(available_by_shard(level)):
        row = level_row(level.sku, level.location, shard)
        yield check(row, available_is(units), refused=lambda _: ShardTaken())


def _unmoved(known: _Known, *, sku: str, call: Call, dry_run: bool) -> StockChange:
    if call.once and not dry_run:
        commit([call.once.row(f"{sku}/")])
    return _changed(known, sku=sku, movement_id=None, dry_run=dry_run)


def check_location(location: str, *, book: Locations, param: str = "location") -> None:
    """Check that there is such a location.

    :param param: what the caller sent that names it.
    :raises UnknownLocation: when there is none.
    """
    if book.find(location) is None:
        known = ", ".join(book.ids)
        detail = f"There is no stock location '{location}'. There is: {known}."
        message = f"This is not one of: {known}."
        raise UnknownLocation(detail, errors=(Fault(param=param, code=UnknownLocation.code, message=message),))


def _check_seen(level: Level, seen: int | None) -> None:
    if seen is not None and seen != level.available:
        raise StaleQuantity.of(sku=level.sku, location=level.location, expected=seen, current=level.available)


def _changed(known: _Known, *, sku: str, movement_id: str | None, dry_run: bool = False) -> StockChange:
    shown = staff_queries.stock_of(sku=sku, stored=known.stored, book=known.book)
    return StockChange(**dict(shown), movement_id=movement_id, dry_run=dry_run)
