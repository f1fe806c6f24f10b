"""Rows of InventoryTable; docs/data-model/inventory.md charts them. Private to this package."""

import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from commerce.inventory.locations import Location, Locations, in_order
from commerce.inventory.model import RECEIVED, Bucket, Level, LevelKey, Move, Reason
from commerce.kernel import clock
from commerce.kernel.call import Call
from commerce.kernel.reads import Read
from commerce.kernel.records import InstantAttribute, Record, TableName, connection

SHARDS = 8
LEVEL = "level#"
CONTENTION = "levels#contention"
LEVELS = "level"
"""What both begin with, and nothing else does: one Query finds them."""

HISTORY = "history#"
MOVEMENT = "movement"
LOCATIONS = "locations"
SHOWN = "shown"


class _Unprojected(GlobalSecondaryIndex["InventoryRecord"]):
    class Meta:
        index_name = "gsi1"
        projection = KeysOnlyProjection()

    gsi1pk = UnicodeAttribute(hash_key=True)
    gsi1sk = UnicodeAttribute(range_key=True)


class InventoryRecord(Record):
    """A row of the table. gsi1 (sparse) holds the movements that the history lacks: `unprojected#shard` by time."""

    class Meta:
        table_name = TableName("inventory_table")

    gsi1pk = UnicodeAttribute(null=True)
    gsi1sk = UnicodeAttribute(null=True)
    unprojected = _Unprojected()


class LevelRecord(InventoryRecord):
    """pk: `sku#SKU` · sk: `level#location`, and `level#location#shard` for the further shards of a hot SKU.

    An absent bucket is empty. `shards`, threshold and flag stand in the first shard alone.
    """

    available = NumberAttribute(default=0)
    reserved = NumberAttribute(default=0)
    committed = NumberAttribute(default=0)
    dispatched = NumberAttribute(default=0)
    damaged = NumberAttribute(default=0)
    quality_hold = NumberAttribute(default=0)
    written_off = NumberAttribute(default=0)
    received = NumberAttribute(default=0)
    revision = NumberAttribute(default=0)
    low_stock_threshold = NumberAttribute(null=True)
    low_announced = BooleanAttribute(default=False)
    alert_sequence = NumberAttribute(default=0)
    shards = NumberAttribute(null=True)

    @property
    def key(self) -> LevelKey:
        """Return which level, or shard of it, the row holds."""
        _, location, *shard = self.sk.split("#")
        return LevelKey(self.pk.partition("#")[2], location, int(shard[0]) if shard else 0)

    @property
    def split_into(self) -> int:
        """Return over how many shards a level is spread, by its first row."""
        return int(self.shards or 1)

    def quantities(self) -> dict[str, Any]:
        """Return what is in each bucket, and what was received."""
        return {name: int(getattr(self, name)) for name in QUANTITIES}

    def level(self) -> Level:
        """Return the level that the row holds."""
        return Level(
            sku=self.key.sku,
            location=self.key.location,
            revision=int(self.revision),
            low_stock_threshold=_whole(self.low_stock_threshold),
            **self.quantities(),
        )


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


QUANTITIES: dict[str, NumberAttribute] = {
    name: getattr(LevelRecord, name) for name in (*(str(bucket) for bucket in Bucket), RECEIVED)
}


def level_pk(sku: str) -> str:
    """Return the partition of a SKU: its levels and its history."""
    return f"sku#{sku}"


def level_sk(location: str, shard: int = 0) -> str:
    """Return where a location's level, or a shard of it, stands in it."""
    return f"{LEVEL}{location}#{shard}" if shard else f"{LEVEL}{location}"


def level_row(sku: str, location: str, shard: int = 0) -> LevelRecord:
    """Return the row's keys, for writes."""
    return LevelRecord(pk=level_pk(sku), sk=level_sk(location, shard))


class ContentionRecord(InventoryRecord):
    """pk: `sku#SKU` · sk: `levels#contention`: how often transactions met at a SKU's levels, in the minute named."""

    minute = UnicodeAttribute()
    conflicts = NumberAttribute(default=0)


class MoveMap(MapAttribute[Any, Any]):
    """One move of a document."""

    sku = UnicodeAttribute()
    location = UnicodeAttribute()
    shard = NumberAttribute(null=True)
    source = UnicodeAttribute(attr_name="from", null=True)
    target = UnicodeAttribute(attr_name="to", null=True)
    quantity = NumberAttribute()

    def move(self) -> Move:
        """Return the move that is written here."""
        return Move(
            sku=self.sku,
            location=self.location,
            source=Bucket(self.source) if self.source else None,
            target=Bucket(self.target) if self.target else None,
            quantity=int(self.quantity),
            shard=int(self.shard or 0),
        )


class MovementRecord(InventoryRecord):
    """pk: `movement#id` · sk: `movement`: everything that one transaction moved. Only its gsi1 mark ever changes."""

    changed_later = frozenset({"gsi1pk", "gsi1sk"})

    kind = UnicodeAttribute(default=MOVEMENT)
    moves = ListAttribute(of=MoveMap)
    reason = UnicodeAttribute()
    reference = UnicodeAttribute()
    actor = UnicodeAttribute()
    occurred_at = InstantAttribute()

    @property
    def id(self) -> str:
        """Return the movement's id."""
        return self.pk.partition("#")[2]

    def history(self) -> list["HistoryRecord"]:
        """Return the rows that tell each SKU's history of this movement."""
        return [
            HistoryRecord(
                pk=level_pk(line.sku),
                sk=f"{HISTORY}{clock.text(self.occurred_at)}#{self.id}#{place:03d}",
                movement_id=self.id,
                location=line.location,
                shard=line.shard,
                source=line.source,
                target=line.target,
                quantity=line.quantity,
                reason=self.reason,
                reference=self.reference,
                actor=self.actor,
                occurred_at=self.occurred_at,
            )
            for place, line in enumerate(self.moves)
        ]


def movement_row(
    movement_id: str, *, moves: Sequence[Move], reason: Reason, reference: str, call: Call
) -> MovementRecord:
    """Return a movement document that waits to be projected."""
    return MovementRecord(
        pk=f"movement#{movement_id}",
        sk=MOVEMENT,
        moves=[
            MoveMap(  # type: ignore[no-untyped-call] # pynamodb leaves its maps untyped.
                sku=move.sku,
                location=move.location,
                shard=move.shard or None,
                source=move.source,
                target=move.target,
                quantity=move.quantity,
            )
            for move in moves
        ],
        reason=str(reason),
        reference=reference,
        actor=str(call.actor),
        occurred_at=call.now,
        gsi1pk=unprojected(zlib.crc32(movement_id.encode()) % SHARDS),
        gsi1sk=clock.text(call.now),
    )


def unprojected(shard: int) -> str:
    """Return the partition of gsi1 that holds a shard of the movements without history."""
    return f"unprojected#{shard}"


class HistoryRecord(InventoryRecord):
    """pk: `sku#SKU` · sk: `history#time#movement id#place`: one move, as a SKU's history tells it."""

    movement_id = UnicodeAttribute()
    location = UnicodeAttribute()
    shard = NumberAttribute(null=True)
    source = UnicodeAttribute(attr_name="from", null=True)
    target = UnicodeAttribute(attr_name="to", null=True)
    quantity = NumberAttribute()
    reason = UnicodeAttribute()
    reference = UnicodeAttribute()
    actor = UnicodeAttribute()
    occurred_at = InstantAttribute()


class LocationsRecord(InventoryRecord):
    """pk and sk: `locations`. A change puts the whole item; what has its default is left out of each location."""

    locations = JSONAttribute()
    strategy = UnicodeAttribute()
    version = NumberAttribute()
    revision = UnicodeAttribute()
    updated_at = InstantAttribute()
    updated_by = UnicodeAttribute()

    def book(self) -> Locations:
        """Return the locations that are stored here."""
        found = [Location(**{name: _frozen(value) for name, value in each.items()}) for each in self.locations]
        return Locations(in_order(found), self.strategy, int(self.version))  # type: ignore[arg-type] # as it was put.


class ShownRecord(InventoryRecord):
    """pk: `locations` · sk: `shown`: how far the catalog shows what the locations of a version have for sale."""

    version = NumberAttribute(default=0)
    cursor = UnicodeAttribute(null=True)
    finished = BooleanAttribute(default=False)


def locations_read() -> Read[LocationsRecord]:
    """Return the read of all locations."""
    return Read(LocationsRecord, LOCATIONS, LOCATIONS)


def stored_location(location: Location) -> dict[str, Any]:
    """Return a location as it is stored."""
    default = Location(id="", title="")
    return {
        name: value
        for name, value in location._asdict().items()
        if name in {"id", "title"} or value != getattr(default, name)
    }


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class StoredRecord(InventoryRecord):
    """Any row, read as what it is."""

    @classmethod
    def from_raw_data(cls, data: dict[str, Any]) -> Any:
        """Return the record that the row's sort key tells of; None where the row is about no SKU."""
        record = _record_class(data["sk"]["S"])
        return record.from_raw_data(data) if record is not None else None


def whole_table() -> Iterator[LevelRecord | MovementRecord | HistoryRecord | ContentionRecord]:
    """Read all rows that are about SKUs: for commands, never for requests."""
    start: dict[str, Any] = {}
    while True:
        page = connection().dispatch(
            "Scan", {"TableName": InventoryRecord.Meta.table_name, "ConsistentRead": True, **start}
        )
        for raw in page["Items"]:
            record = StoredRecord.from_raw_data(raw)
            if record is not None:
                yield record
        if "LastEvaluatedKey" not in page:
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def _record_class(sk: str) -> type[LevelRecord | MovementRecord | HistoryRecord | ContentionRecord] | None:
    if sk == MOVEMENT:
        return MovementRecord
    if sk == CONTENTION:
        return ContentionRecord
    if sk.startswith(LEVEL):
        return LevelRecord
    return HistoryRecord if sk.startswith(HISTORY) else None
