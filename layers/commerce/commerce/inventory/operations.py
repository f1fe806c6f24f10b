"""Changes of stock: the one way units move."""

from collections.abc import Mapping, Sequence
from functools import partial, reduce
from operator import and_

from pynamodb.expressions.condition import Condition

from commerce.inventory.errors import InsufficientStock, ShardTaken, Shortage, StaleQuantity
from commerce.inventory.model import Bucket, Level, LevelKey, Move, Reason, net_changes, summed
from commerce.inventory.records import QUANTITIES, LevelRecord, level_row, movement_row
from commerce.kernel.call import Call
from commerce.kernel.errors import CommerceError, WriteConflict
from commerce.kernel.ids import new_id
from commerce.kernel.records import Record
from commerce.kernel.transactions import Refusal, Write, create, update


def move(*, moves: Sequence[Move], reason: Reason, reference: str, call: Call) -> list[Write]:
    """Return the writes that move stock: one per SKU and location, and one movement document.

    Moves of the same level are summed before their conditions are tested. Put all moves of a transaction into one
    call. Repeating the commit with the same writes is safe: the document has a random id.

    When a bucket holds too little, the commit raises InsufficientStock with an entry for each line; where the level is
    split and another shard may have more, ShardTaken: read the levels again and choose anew.
    """
    return moving(new_id("mov"), moves, reason=reason, reference=reference, call=call)


def moving(
    movement_id: str,
    moves: Sequence[Move],
    *,
    reason: Reason,
    reference: str,
    call: Call,
    seen: int | None = None,
    param: str = "",
) -> list[Write]:
    """Return the writes of `move` under a given id; for this package.

    :param seen: what must be available at each level before.
    :param param: what the caller sent that asks for units.
    """
    if not moves:
        return []
    document = movement_row(movement_id, moves=summed(moves), reason=reason, reference=reference, call=call)
    levels = [_level_write(key, changes, seen, param) for key, changes in net_changes(moves).items()]
    return [create(document), *levels]


def _level_write(key: LevelKey, changes: Mapping[str, int], seen: int | None, param: str) -> Write:
    conditions: list[Condition] = [QUANTITIES[name] >= -quantity for name, quantity in changes.items() if quantity < 0]
    if seen is not None:
        conditions.append(available_is(seen))
    return update(
        level_row(*key),
        *(QUANTITIES[name].add(quantity) for name, quantity in changes.items()),
        LevelRecord.revision.add(1),
        condition=reduce(and_, conditions) if conditions else None,
        refused=_refusal(key, changes, seen, param),
        contended=partial(_contended, key.sku),
    )


def _contended(sku: str, times: int) -> None:
    from commerce.inventory import contention  # noqa: PLC0415 - hardly anything sells that fast.

    contention.noticed(sku=sku, times=times)


def available_is(quantity: int) -> Condition:
    """Return the condition that so much is available; for this package."""
    same = LevelRecord.available == quantity
    return same if quantity else same | LevelRecord.available.does_not_exist()


def _refusal(key: LevelKey, changes: Mapping[str, int], seen: int | None, param: str) -> Refusal:
    def refused(old: Record | None) -> CommerceError:
        level = old.level() if isinstance(old, LevelRecord) else Level(sku=key.sku, location=key.location)
        if seen is not None and level.available != seen:
            return StaleQuantity.of(sku=key.sku, location=key.location, expected=seen, current=level.available)
        short = shortage(level, changes, param)
        is_split = key.shard or (isinstance(old, LevelRecord) and old.split_into > 1)
        return ShardTaken() if short and is_split else short or WriteConflict()

    return refused


def shortage(level: Level, changes: Mapping[str, int], param: str = "") -> InsufficientStock | None:
    """Return the refusal of changes that a level cannot take; None when it can."""
    short = [bucket for bucket in Bucket if level.in_bucket(bucket) + changes.get(bucket, 0) < 0]
    if not short:
        return None
    return InsufficientStock.of(
        *(
            Shortage(sku=level.sku, wanted=-changes[bucket], left=level.in_bucket(bucket), bucket=bucket, param=param)
            for bucket in short
        )
    )
