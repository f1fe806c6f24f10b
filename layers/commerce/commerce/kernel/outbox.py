"""Events leave through an item written in the transaction of the change, and a stream carries them to the bus."""

import json
import zlib
from typing import Any, ClassVar

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from commerce.kernel import clock
from commerce.kernel.call import Call
from commerce.kernel.ids import new_id
from commerce.kernel.records import InstantAttribute, OptionalInstantAttribute, Record, TableName
from commerce.kernel.schema import Output
from commerce.kernel.transactions import Write, create

SHARDS = 8


class Event(Output):
    """Something that happened, in the past tense. Fields are the event's data; unknown ones are ignored by readers.

    Subclasses set `type` (`orders.placed`) and raise `version` when a field changes its meaning.
    """

    type: ClassVar[str]
    version: ClassVar[int] = 1


class _Unpublished(GlobalSecondaryIndex["OutboxRecord"]):
    class Meta:
        index_name = "gsi1"
        projection = KeysOnlyProjection()

    gsi1pk = UnicodeAttribute(hash_key=True)
    gsi1sk = UnicodeAttribute(range_key=True)


class OutboxRecord(Record):
    """pk: aggregate (`order#ord_…`) · sk: ten-digit sequence number within the aggregate.

    gsi1 (sparse) holds what is not published yet: `unpublished#shard` by time.
    """

    class Meta:
        table_name = TableName("outbox_table")

    changed_later = frozenset({"published_at", "gsi1pk", "gsi1sk"})

    event_id = UnicodeAttribute()
    type = UnicodeAttribute()
    version = NumberAttribute()
    sequence = NumberAttribute()
    occurred_at = InstantAttribute()
    actor = UnicodeAttribute()
    data = JSONAttribute()
    published_at = OptionalInstantAttribute()
    gsi1pk = UnicodeAttribute(null=True)
    gsi1sk = UnicodeAttribute(null=True)
    unpublished = _Unpublished()

    def detail(self) -> str:
        """Return the envelope as it goes over the bus (JSON)."""
        envelope: dict[str, Any] = {
            "event_id": self.event_id,
            "type": self.type,
            "version": int(self.version),
            "aggregate": self.pk,
            "sequence": int(self.sequence),
            "occurred_at": clock.text(self.occurred_at),
            "actor": self.actor,
            "data": self.data,
        }
        return json.dumps(envelope, separators=(",", ":"))


def announce(event: Event, *, aggregate: str, sequence: int, call: Call) -> Write:
    """Return the write that announces an event together with the change it tells of.

    :param aggregate: what the event is about (`order#ord_…`); one aggregate's events carry consecutive numbers.
    :param sequence: the aggregate's version after the change, so that no two changes announce the same number.
    """
    shard = zlib.crc32(aggregate.encode()) % SHARDS
    record = OutboxRecord(
        pk=aggregate,
        sk=f"{sequence:010d}",
        event_id=new_id("evt"),
        type=event.type,
        version=event.version,
        sequence=sequence,
        occurred_at=call.now,
        actor=str(call.actor),
        data=event.model_dump(mode="json"),
        gsi1pk=f"unpublished#{shard}",
        gsi1sk=clock.text(call.now),
    )
    return create(record)
