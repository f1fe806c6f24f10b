"""How announced events leave: from the table's stream at once, from the sweeper when that failed.

Both may send an event twice (a crash between the bus and the mark, a stream that repeats a batch, two sweepers at
once). Consumers take effect once per `event_id`.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from commerce.adapters import bus
from commerce.kernel import clock, usage
from commerce.kernel.call import Call
from commerce.kernel.errors import CommerceError, Unavailable
from commerce.kernel.log import logger
from commerce.kernel.outbox import SHARDS, OutboxRecord
from commerce.kernel.reads import Read, fetch, listed
from commerce.kernel.transactions import commit, update

PATIENCE = timedelta(minutes=2)
"""How old an event is before the sweeper takes it from the stream's publisher."""

MOST_PER_SHARD = 500
"""How many events one sweep repeats per shard; the next sweep takes the rest."""


class EventsNotTaken(Unavailable):
    code = "outbox.events_not_taken"
    title = "The bus did not take some events; they will be sent again"


def publish(*, images: Sequence[Mapping[str, Any]], call: Call) -> list[int]:
    """Send the events of a stream's batch to the bus; return the positions of those that must come again.

    :param images: new items of the outbox table, in DynamoDB's JSON and the stream's order.
    """
    records = [OutboxRecord.from_raw_data(dict(image)) for image in images]
    failed = _send(records, call=call)
    return [position for position, record in enumerate(records) if record.event_id in failed]


def republish(*, call: Call) -> dict[str, int]:
    """Send again what is two minutes old and not marked as published.

    :raises EventsNotTaken: when the bus refused some, after all others were sent: the invocation fails visibly.
    """
    sent = failed = 0
    for shard in range(SHARDS):
        records = _unpublished(shard, call=call)
        refused = _send(records, call=call)
        sent += len(records) - len(refused)
        failed += len(refused)
    if failed:
        detail = f"The bus did not take {failed} events; {sent} others were sent."
        raise EventsNotTaken(detail)
    return {"published": sent}


def _unpublished(shard: int, *, call: Call) -> list[OutboxRecord]:
    """Return what the index calls unpublished and the table itself confirms (an index lags behind), oldest first."""
    overdue = clock.text(call.now - PATIENCE)
    index = OutboxRecord.unpublished
    keys = listed(index.query(f"unpublished#{shard}", OutboxRecord.gsi1sk < overdue, limit=MOST_PER_SHARD))
    reads = [Read(OutboxRecord, key.pk, key.sk) for key in keys]
    answers = fetch(reads)
    found = [record for read in reads if (record := answers.get(read)) is not None]
    waiting = [record for record in found if record.published_at is None]
    return sorted(waiting, key=lambda record: (record.occurred_at, record.pk, record.sequence))


def _send(records: Sequence[OutboxRecord], *, call: Call) -> set[str]:
    """Send events and mark those that the bus took; return the ids of the others.

    The order within an aggregate holds: an event goes out only after the bus took the one before it.
    """
    failed: set[str] = set()
    stuck: set[str] = set()
    waiting = deque(records)
    while waiting:
        parcel = _parcel(waiting)
        ready = [record for record in parcel if record.pk not in stuck]
        taken = _taken(ready, call=call)
        refused = [record for record in parcel if record.event_id not in taken]
        failed.update(record.event_id for record in refused)
        stuck.update(record.pk for record in refused)
    return failed


def _parcel(waiting: deque[OutboxRecord]) -> list[OutboxRecord]:
    """Take the next events that fit into one call: no two of one aggregate, so that each waits for the one before."""
    parcel: list[OutboxRecord] = []
    left: list[OutboxRecord] = []
    aggregates: set[str] = set()
    size = 0
    while waiting and len(parcel) < bus.MOST_ENTRIES:
        record = waiting.popleft()
        size_with = size + _entry(record).size
        if record.pk in aggregates or (parcel and size_with > bus.MOST_BYTES):
            left.append(record)
        else:
            parcel.append(record)
            size = size_with
        aggregates.add(record.pk)
    waiting.extendleft(reversed(left))
    return parcel


def _taken(records: Sequence[OutboxRecord], *, call: Call) -> set[str]:
    """Hand events to the bus and mark them; return the ids of those that are on the bus and marked."""
    if not records:
        return set()
    try:
        codes = bus.put([_entry(record) for record in records])
        arrived = [record for record, code in zip(records, codes, strict=True) if code is None]
        for record, code in zip(records, codes, strict=True):
            if code is not None:
                logger.error("the bus refused an event", event_id=record.event_id, type=record.type, code=code)
        commit(
            update(
                OutboxRecord(pk=record.pk, sk=record.sk),
                OutboxRecord.published_at.set(call.now),
                OutboxRecord.gsi1pk.remove(),
                OutboxRecord.gsi1sk.remove(),
            )
            for record in arrived
        )
        for record in arrived:
            usage.count_published(record.type)
    except CommerceError:
        logger.exception("events were not published", event_ids=[record.event_id for record in records])
        return set()
    return {record.event_id for record in arrived}


def _entry(record: OutboxRecord) -> bus.Entry:
    return bus.Entry(type=record.type, detail=record.detail(), occurred_at=record.occurred_at)
