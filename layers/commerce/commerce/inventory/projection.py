"""What follows from a movement: the SKU's history, its availability in the catalog, and the watch over low stock.

All of it may run twice, late, out of order and in two places at once.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from commerce.catalog import operations as catalog
from commerce.inventory import low_stock, queries
from commerce.inventory.model import Bucket
from commerce.inventory.records import MOVEMENT, SHARDS, InventoryRecord, MoveMap, MovementRecord, unprojected
from commerce.kernel import clock
from commerce.kernel.call import Call
from commerce.kernel.errors import WriteConflict
from commerce.kernel.log import logger
from commerce.kernel.reads import get, listed
from commerce.kernel.transactions import BUDGET, commit, put, update

LATE = timedelta(minutes=2)
"""How old a movement must be before its projection counts as lost by the stream."""

PER_SHARD = 25
"""How many lost movements of a shard one run takes up; the next run takes the rest."""


def project_movements(*, images: Sequence[dict[str, Any]], call: Call) -> list[int]:
    """Project the movement documents that a stream brings; return the positions of those that failed."""
    told: set[str] = set()
    failed = []
    for position, image in enumerate(images):
        try:
            _project(MovementRecord.from_raw_data(image), told=told, call=call)
        except Exception:  # noqa: BLE001 - it comes again; its neighbours need not wait for it.
            logger.exception("movement cannot be projected", movement=image.get("pk"))
            failed.append(position)
    return failed


def reproject_movements(*, call: Call) -> dict[str, int]:
    """Project the movements that the stream lost, and count them. One that fails does not stop the others."""
    before = clock.text(call.now - LATE)
    rows = [
        row
        for shard in range(SHARDS)
        for row in listed(
            InventoryRecord.unprojected.query(unprojected(shard), InventoryRecord.gsi1sk < before, limit=PER_SHARD)
        )
    ]
    told: set[str] = set()
    projected = [_is_projected(row.pk, told=told, call=call) for row in rows]
    return {"projected": sum(projected), "failed": len(rows) - sum(projected)}


def _is_projected(pk: str, *, told: set[str], call: Call) -> bool:
    try:
        document = get(MovementRecord, pk, MOVEMENT)
        if document is not None:
            _project(document, told=told, call=call)
    except Exception:  # noqa: BLE001 - one poisoned document must not keep the others from their history.
        logger.exception("movement cannot be projected", movement=pk)
        return False
    return True


def _project(document: MovementRecord, *, told: set[str], call: Call) -> None:
    """Project one movement.

    `told` are the SKUs that were looked at since these movements were made: what was told then holds all of them.
    """
    rows = document.history()
    for start in range(0, len(rows), BUDGET):
        commit(put(row) for row in rows[start : start + BUDGET])
    for sku in sorted({line.sku for line in document.moves if _changes_availability(line)} - told):
        tell(sku, call=call)
        told.add(sku)
    _unmark(document)


def _changes_availability(line: MoveMap) -> bool:
    """Tell whether shoppers see the move. A payment commits what is reserved, and a parcel takes what is committed."""
    return Bucket.AVAILABLE in {line.source, line.target}


def tell(sku: str, *, call: Call) -> None:
    """Tell the catalog and the merchant how the stock of a SKU stands now."""
    rows, contention = queries.watched_rows(sku=sku)
    stored = {shards[0].key.location: queries.whole(shards) for shards in queries.by_location(rows)}
    # Read after the levels: whoever still sees the old locations has read levels before these were put, and is followed
    # by the round that shows the new ones.
    book = queries.stored_locations()
    # Levels are never deleted, so that the sum of revisions orders the states of all of them together.
    revision = sum(level.revision for level in stored.values()) + book.version
    available = queries.sellable(stored, book=book)
    channels = {name: queries.sellable(stored, book=book, channel=name) for name in book.channels}
    catalog.record_availability(
        sku=sku,
        available=available,
        channels={name: number for name, number in channels.items() if number != available},
        revision=revision,
        now=call.now,
    )
    low_stock.watch(rows=rows, call=call)
    if contention is not None or any(row.key.shard or row.split_into > 1 for row in rows):
        from commerce.inventory import sharding  # noqa: PLC0415 - hardly anything sells that fast.

        sharding.tend(sku=sku, rows=rows, contention=contention, call=call)


def _unmark(document: MovementRecord) -> None:
    keys = MovementRecord(pk=document.pk, sk=document.sk)
    mark = MovementRecord.gsi1pk
    try:
        commit([update(keys, mark.remove(), MovementRecord.gsi1sk.remove(), condition=mark.exists())])
    except WriteConflict:
        logger.info("movement was projected already", movement_id=document.id)
