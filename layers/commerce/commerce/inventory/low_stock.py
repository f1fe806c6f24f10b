"""Low stock: a flag on the level that flips together with its announcement, once per crossing."""

from collections.abc import Sequence

from pynamodb.attributes import NumberAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from commerce.inventory import queries
from commerce.inventory.events import StockLow, StockRecovered
from commerce.inventory.model import Level
from commerce.inventory.records import LevelRecord
from commerce.kernel.call import Call
from commerce.kernel.errors import WriteConflict
from commerce.kernel.outbox import announce
from commerce.kernel.transactions import Write, check, commit, update

ATTEMPTS = 6


def threshold_writes(rows: Sequence[LevelRecord], *, threshold: int | None, call: Call) -> list[Write]:
    """Return the writes that set a level's threshold, and announce a crossing that comes of it.

    They hold only for the flag that the level was read with, and while its quantities are on the same side.

    :param rows: the level's: one, or one for each of its shards.
    """
    row = rows[0]
    seen = _is(LevelRecord.revision, row.revision) & _is(LevelRecord.alert_sequence, row.alert_sequence)
    if threshold is None:
        gone = (LevelRecord.low_stock_threshold.remove(), LevelRecord.low_announced.set(False))
        return [update(_keys(row), *gone, condition=seen)]
    actions = [LevelRecord.low_stock_threshold.set(threshold)]
    level = queries.whole(rows).model_copy(update={"low_stock_threshold": threshold})
    also: list[Write] = []
    if len(rows) > 1:
        first, *others = _on_the_same_side(rows, threshold)
        seen = _is(LevelRecord.alert_sequence, row.alert_sequence) & first
        also = [check(_keys(other), still) for other, still in zip(rows[1:], others, strict=True)]
    flipped = _flipped(row, level, actions, condition=seen, call=call)
    return [*(flipped or [update(_keys(row), *actions, condition=seen)]), *also]


def watch(*, rows: Sequence[LevelRecord], call: Call) -> None:
    """Announce each of these levels of one SKU that crossed its threshold.

    A crossing is announced once, however often and wherever this is called.

    :raises WriteConflict: when others kept changing a level.
    """
    for shards in queries.by_location(rows):
        _watch(shards, call=call)


def _watch(rows: Sequence[LevelRecord], *, call: Call) -> None:
    found = rows
    for _ in range(ATTEMPTS):
        writes = _crossing_writes(found, call=call) if found else []
        if not writes:
            return
        try:
            commit(writes)
        except WriteConflict:
            fresh = queries.by_location(queries.stored_rows(sku=rows[0].key.sku))
            found = next((others for others in fresh if others[0].sk == rows[0].sk), [])
        else:
            return
    raise WriteConflict


def _crossing_writes(rows: Sequence[LevelRecord], *, call: Call) -> list[Write]:
    """Return the writes that flip the flag; none when it is right."""
    row, level = rows[0], queries.whole(rows)
    crossed = LevelRecord.available > LevelRecord.low_stock_threshold
    if not row.low_announced:
        crossed = LevelRecord.available <= LevelRecord.low_stock_threshold
    same = _is(LevelRecord.alert_sequence, row.alert_sequence)
    if len(rows) == 1 or level.low_stock_threshold is None:
        return _flipped(row, level, [], condition=same & crossed, call=call)
    first, *others = _on_the_same_side(rows, level.low_stock_threshold)
    same = same & _is(LevelRecord.low_stock_threshold, level.low_stock_threshold)
    flipped = _flipped(row, level, [], condition=same & first, call=call)
    checks = [check(_keys(other), still) for other, still in zip(rows[1:], others, strict=True)]
    return [*flipped, *checks] if flipped else []


def _on_the_same_side(rows: Sequence[LevelRecord], threshold: int) -> list[Condition]:
    """Return a condition for each shard; while all hold, their sum is on the side of the threshold where it was read.

    No condition can name a sum over rows. But the sum is low as long as no part exceeds its share of the threshold,
    and it is not low as long as no part falls below its share of what is more. Sales do not disturb the first.
    """
    available = [int(row.available) for row in rows]
    spare = threshold - sum(available)
    amount = LevelRecord.available
    if spare >= 0:
        each, rest = divmod(spare, len(rows))
        most = [units + each + (place < rest) for place, units in enumerate(available)]
        return [(amount <= bound) | amount.does_not_exist() for bound in most]
    least, surplus = list(available), -spare - 1
    for others, place in enumerate(sorted(range(len(rows)), key=available.__getitem__)):
        given = min(available[place], -(-surplus // (len(rows) - others)))
        least[place] -= given
        surplus -= given
    return [(amount >= bound) if bound else (amount >= 0) | amount.does_not_exist() for bound in least]


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
