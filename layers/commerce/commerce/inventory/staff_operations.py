"""What staff change of stock by hand."""

from collections.abc import Iterator, Mapping

from commerce.inventory import low_stock, queries, staff_queries
from commerce.inventory.errors import ShardTaken, StaleQuantity, UnknownLocation
from commerce.inventory.model import Bucket, Level, Move, Reason
from commerce.inventory.operations import available_is, moving, shortage
from commerce.inventory.records import level_row
from commerce.inventory.schemas import Adjustment, LowStockThreshold, Receipt, StockChange, StockSetting, StockView
from commerce.inventory.shards import available_by_shard, over_shards
from commerce.kernel.call import Call
from commerce.kernel.config import settings
from commerce.kernel.errors import Fault, WriteConflict
from commerce.kernel.ids import new_id
from commerce.kernel.transactions import Write, check, commit

ATTEMPTS = 6


"""How often a change that depends on what was read is tried against others who change the same."""


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
        stored = queries.known_levels(sku=sku)
        level = _level_at(stored, sku=sku, location=location)
        difference = new.available - level.available
        if difference == 0:
            _check_seen(level, new.expected_available)
            return _unmoved(stored, sku=sku, call=call, dry_run=dry_run)
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
                stored=stored,
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
    for _ in range(ATTEMPTS):
        stored = queries.by_location(queries.stored_rows(sku=sku))
        found = {rows[0].key.location: rows for rows in stored}
        if not found:
            queries.check_sku(sku=sku)
        _level_at({name: queries.whole(rows) for name, rows in found.items()}, sku=sku, location=location)
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
    return _changed(queries.stored_levels(sku=sku), sku=sku, movement_id=movement_id or None)


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
    stored: Mapping[str, Level] | None = None,
) -> StockChange:
    """Carry out one move of staff, or show what it would do; again when buyers of a hot SKU were faster."""
    sku = moved.sku
    for attempt in range(ATTEMPTS):
        levels = queries.known_levels(sku=sku) if stored is None or attempt else stored
        level = _level_at(levels, sku=sku, location=moved.location)
        _check_seen(level, seen)
        if short := shortage(level, moved.changes, param):
            raise short
        if dry_run:
            would_be = {**levels, moved.location: level.after(moved.changes)}
            return _changed(would_be, sku=sku, movement_id=None, dry_run=True)
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
        return _changed(queries.stored_levels(sku=sku), sku=sku, movement_id=movement_id)
    raise WriteConflict


def _unchanged(level: Level) -> Iterator[Write]:
    """Return what holds only while each shard has what was read, for those who saw their sum."""
    for shard, units in enumerate(available_by_shard(level)):
        row = level_row(level.sku, level.location, shard)
        yield check(row, available_is(units), refused=lambda _: ShardTaken())


def _unmoved(stored: Mapping[str, Level], *, sku: str, call: Call, dry_run: bool) -> StockChange:
    if call.once and not dry_run:
        commit([call.once.row(f"{sku}/")])
    return _changed(stored, sku=sku, movement_id=None, dry_run=dry_run)


def _level_at(stored: Mapping[str, Level], *, sku: str, location: str) -> Level:
    """Return the level at a location that sells, or that once did and still has a level."""
    if location in stored:
        return stored[location]
    if location not in settings().stock_locations:
        known = ", ".join(settings().stock_locations)
        detail = f"There is no stock location '{location}'. There is: {known}."
        message = f"This is not one of: {known}."
        raise UnknownLocation(detail, errors=(Fault(param="location", code=UnknownLocation.code, message=message),))
    return Level(sku=sku, location=location)


def _check_seen(level: Level, seen: int | None) -> None:
    if seen is not None and seen != level.available:
        raise StaleQuantity.of(sku=level.sku, location=level.location, expected=seen, current=level.available)


def _changed(stored: Mapping[str, Level], *, sku: str, movement_id: str | None, dry_run: bool = False) -> StockChange:
    return StockChange(
        sku=sku,
        available=queries.sellable(stored),
        levels=staff_queries.level_views(sku=sku, stored=stored),
        movement_id=movement_id,
        dry_run=dry_run,
    )
