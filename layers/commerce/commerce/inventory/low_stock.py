"""Low stock: a flag on the level that flips together with its announcement, once per crossing."""

from collections.abc import Sequence

from pynamodb.attributes import NumberAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from commerce.inventory.events import StockLow, StockRecovered
from commerce.inventory.model import Level
from commerce.inventory.queries import stored_rows
from commerce.inventory.records import LevelRecord
from commerce.kernel.call import Call
from commerce.kernel.errors import WriteConflict
from commerce.kernel.outbox import announce
from commerce.kernel.transactions import Write, commit, update

ATTEMPTS = 6


def threshold_writes(row: LevelRecord, *, threshold: int | None, call: Call) -> list[Write]:
    """Return the writes that set a level's threshold, and announce a crossing that comes of it.

    They hold only for the quantities and the flag that `row` was read with.
    """
    seen = _is(LevelRecord.revision, row.revision) & _is(LevelRecord.alert_sequence, row.alert_sequence)
    if threshold is None:
        gone = (LevelRecord.low_stock_threshold.remove(), LevelRecord.low_announced.set(False))
        return [update(_keys(row), *gone, condition=seen)]
    actions = [LevelRecord.low_stock_threshold.set(threshold)]
    level = row.level().model_copy(update={"low_stock_threshold": threshold})
    return _flipped(row, level, actions, condition=seen, call=call) or [update(_keys(row), *actions, condition=seen)]


def watch(*, rows: Sequence[LevelRecord], call: Call) -> None:
    """Announce each of these levels of one SKU that crossed its threshold.

    A crossing is announced once, however often and wherever this is called.

    :raises WriteConflict: when others kept changing a level.
    """
    for row in rows:
        _watch(row, call=call)


def _watch(row: LevelRecord, *, call: Call) -> None:
    found: LevelRecord | None = row
    for _ in range(ATTEMPTS):
        writes = _crossing_writes(found, call=call) if found is not None else []
        if not writes:
            return
        try:
            commit(writes)
        except WriteConflict:
            fresh = stored_rows(sku=row.level().sku)
            found = next((other for other in fresh if other.sk == row.sk), None)
        else:
            return
    raise WriteConflict


def _crossing_writes(row: LevelRecord, *, call: Call) -> list[Write]:
    """Return the writes that flip the flag; none when it is right."""
    crossed = LevelRecord.available > LevelRecord.low_stock_threshold
    if not row.low_announced:
        crossed = LevelRecord.available <= LevelRecord.low_stock_threshold
    same = _is(LevelRecord.alert_sequence, row.alert_sequence)
    return _flipped(row, row.level(), [], condition=same & crossed, call=call)


def _flipped(
    row: LevelRecord, level: Level, actions: Sequence[Action], *, condition: Condition, call: Call
) -> list[Write]:
    threshold = level.low_stock_threshold
    if threshold is None or (low := level.available <= threshold) == row.low_announced:
        return []
    sequence = int(row.alert_sequence) + 1
    event = (StockLow if low else StockRecovered)(
        sku=level.sku, location=level.location, available=level.available, threshold=threshold
    )
    flip = [LevelRecord.low_announced.set(low), LevelRecord.alert_sequence.set(sequence)]
    return [
        update(_keys(row), *actions, *flip, condition=condition),
        announce(event, aggregate=f"stock#{level.sku}#{level.location}", sequence=sequence, call=call),
    ]


def _keys(row: LevelRecord) -> LevelRecord:
    return LevelRecord(pk=row.pk, sk=row.sk)


def _is(attribute: NumberAttribute, value: float) -> Condition:
    """Return the condition that a counter is as it was read; one that was never written reads as 0."""
    same = attribute == int(value)
    return same if value else same | attribute.does_not_exist()
