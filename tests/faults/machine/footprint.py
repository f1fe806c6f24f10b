"""What a call touches: two calls that touch nothing in common give the same in either order."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.faults.machine.engine import Key, Raw
from tests.faults.machine.picture import PREFIX
from tests.faults.machine.wire import CHANGES, Outgoing, keys_written

Place = tuple[str, ...]
"""An item (table, partition key, sort key), a partition, a partition of an index, a table, or a service."""

NOBODY_WATCHES = frozenset({f"{PREFIX}{name}" for name in ("outbox", "notifications", "catalog", "idempotency")})
"""Tables that no promise about every committed state is about."""

HISTORY = f"{PREFIX}outbox"
"""Its partitions are read to show an order's timeline in an answer to staff; nothing is ever decided by it."""

EQUALS = re.compile(r"(?<![<>])= ?(:\w+)")


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a call reads and changes, and whether the checkers look at once at what it changed."""

    reads: frozenset[Place]
    writes: frozenset[Place]
    is_watched: bool

    def commutes_with(self, other: "Footprint") -> bool:
        """Tell whether the order of two calls makes no difference: neither to them, nor to what the checkers see."""
        if self.is_watched and other.is_watched:
            return False
        return self.writes.isdisjoint(other.reads | other.writes) and other.writes.isdisjoint(self.reads)


def footprint(call: Outgoing, items: Mapping[Key, Raw]) -> Footprint:
    """Return what a call touches.

    :param items: what is stored now; the old item tells which index an update takes it out of.
    """
    if call.service != "dynamodb":
        place = frozenset({(call.service,)})
        if call.changes:
            return Footprint(reads=place, writes=place, is_watched=call.service == "stripe")
        return Footprint(reads=place, writes=frozenset(), is_watched=False)
    if call.operation not in CHANGES:
        return Footprint(reads=frozenset(_read(call)), writes=frozenset(), is_watched=False)
    keys = keys_written(call)
    writes = {place for part, key in zip(_parts(call), keys, strict=True) for place in _written(part, key, items)}
    return Footprint(
        reads=frozenset(_required(call)), writes=frozenset(writes), is_watched=any(_is_watched(key) for key in keys)
    )


def _read(call: Outgoing) -> Iterator[Place]:
    body = call.body
    match call.operation:
        case "GetItem":
            yield _key(body["TableName"], body["Key"])
        case "BatchGetItem":
            for table, asked in body["RequestItems"].items():
                for key in asked["Keys"]:
                    yield _key(table, key)
        case "Query" if body["TableName"] == HISTORY and "IndexName" not in body:
            return
        case "Query" if found := EQUALS.search(body["KeyConditionExpression"]):
            partition = body["ExpressionAttributeValues"][found.group(1)]["S"]
            yield (body["TableName"], *([body["IndexName"]] if "IndexName" in body else []), partition)
        case _:
            yield (body["TableName"],)


def _required(call: Outgoing) -> Iterator[Place]:
    for action in call.body.get("TransactItems", ()):
        if "ConditionCheck" in action:
            yield _key(action["ConditionCheck"]["TableName"], action["ConditionCheck"]["Key"])


def _parts(call: Outgoing) -> list[Mapping[str, Any]]:
    if call.operation != "TransactWriteItems":
        return [call.body]
    return [part for action in call.body["TransactItems"] for kind, part in action.items() if kind != "ConditionCheck"]


def _written(part: Mapping[str, Any], key: Key, items: Mapping[Key, Raw]) -> Iterator[Place]:
    """Return an item, and every partition and index that shows it before or after."""
    table, pk, _ = key
    yield key
    yield (table, pk)
    yield (table,)
    for item in (part.get("Item", {}), items.get(key, {})):
        for name in ("gsi1", "gsi2"):
            if f"{name}pk" in item:
                yield (table, name, item[f"{name}pk"]["S"])


def _key(table: str, key: Mapping[str, Any]) -> Place:
    return table, key["pk"]["S"], key["sk"]["S"]


def _is_watched(key: Key) -> bool:
    table, pk, sk = key
    return table not in NOBODY_WATCHES and pk != "numbers" and not sk.startswith("history#")
