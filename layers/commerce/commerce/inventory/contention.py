"""How often transactions meet at a SKU's levels: what tells a hot SKU from all others.

Counted by those whose transaction was refused because of it, after the fact, so that it costs nobody else anything.
"""

from datetime import datetime, timedelta

from pynamodb.exceptions import PynamoDBException, UpdateError

from commerce.inventory.records import CONTENTION, ContentionRecord, level_pk
from commerce.kernel import clock
from commerce.kernel.log import logger

HOT = 300
"""Conflicts of each shard within a minute, above which a SKU is sold faster than they bear: about seven a second."""


def noticed(*, sku: str, times: int) -> None:
    """Count conflicts. It is a hint: when it cannot be written, it is forgotten, and the sale is not held up."""
    row = ContentionRecord(pk=level_pk(sku), sk=CONTENTION)
    minute, conflicts = _minute(clock.now()), ContentionRecord.conflicts
    try:
        row.update([conflicts.add(times)], condition=ContentionRecord.minute == minute)
    except UpdateError as error:
        if error.cause_response_code == "ConditionalCheckFailedException":
            _begin(row, minute=minute, times=times)
    except PynamoDBException:
        logger.info("conflicts at a level were not counted", sku=sku, times=times)


def is_hot(found: ContentionRecord | None, *, shards: int, now: datetime) -> bool:
    """Tell whether there were too many conflicts for so many shards in this minute or the one before."""
    if found is None or found.conflicts <= HOT * shards:
        return False
    return found.minute in {_minute(now), _minute(now - timedelta(minutes=1))}


def forget(*, sku: str) -> None:
    """Begin to count anew, once something was done about it."""
    try:
        ContentionRecord(pk=level_pk(sku), sk=CONTENTION).update([ContentionRecord.conflicts.set(0)])
    except PynamoDBException:
        logger.info("conflicts at a level are still counted", sku=sku)


def _begin(row: ContentionRecord, *, minute: str, times: int) -> None:
    try:
        row.update([ContentionRecord.minute.set(minute), ContentionRecord.conflicts.set(times)])
    except PynamoDBException:
        logger.info("conflicts at a level were not counted", sku=row.pk, times=times)


def _minute(now: datetime) -> str:
    return clock.text(now)[:16]
