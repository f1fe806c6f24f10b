"""One call that left a function, and what AWS bills it by."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from tests.cost.tables import indexes
from tests.cost.units import Item, batch_units, item_size, query_units, read_units, write_units

PREFIX = "test-"
PIECE_BYTES = 64 * 1024
"""What SQS, EventBridge and SNS count as one."""

REFUSED = frozenset({"ConditionalCheckFailedException", "TransactionCanceledException"})
"""What DynamoDB refuses after it looked, and so bills."""

Key = tuple[str, str, str]
"""Table (`orders`), partition key, sort key."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    :param pieces: how many of what its service counts: messages, events of 64 KB; 1 where a call is a call.
    :param bytes: the events that it carries.
    """

    service: str
    operation: str
    read_units: float = 0
    write_units: float = 0
    pieces: int = 1
    bytes: int = 0


def parsed(body: Any) -> Any:
    """Return a request's body as Python values, whether it is JSON or a form."""
    text = body.decode() if isinstance(body, bytes) else str(body or "")
    return json.loads(text) if text.startswith("{") else parse_qs(text)


def other_call(service: str, operation: str, request: Any) -> Call:
    """Return a call to another service than DynamoDB."""
    match operation:
        case "PutEvents":
            sizes = [len(entry["Detail"]) + len(entry["DetailType"]) for entry in request["Entries"]]
            return Call(service, operation, pieces=sum(map(pieces, sizes)), bytes=sum(sizes))
        case "SendMessage":
            return Call(service, operation, pieces=pieces(len(request["MessageBody"])))
    return Call(service, operation)


def pieces(size: int) -> int:
    """Return as how many a message or an event of so many bytes counts."""
    return max(1, math.ceil(size / PIECE_BYTES))


# ---- DynamoDB ----------------------------------------------------------------------------------------------


def writes_of(operation: str, request: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the parts of a call that are billed as writes, conditions that only look included."""
    if operation == "TransactWriteItems":
        return [part for action in request["TransactItems"] for part in action.values()]
    return [request] if operation in {"PutItem", "UpdateItem", "DeleteItem"} else []


def key_of(part: Mapping[str, Any]) -> Key:
    """Return which item a part of a call is about."""
    names = part.get("Key") or part["Item"]
    return _table(part["TableName"]), names["pk"]["S"], names["sk"]["S"]


def dynamodb_write(
    operation: str, request: Mapping[str, Any], error: str | None, before: Mapping[Key, Item], after: Mapping[Key, Item]
) -> Call:
    """Return a write with its units; a throttled one has none.

    A transaction that is canceled is counted as if it had been carried out: the most that it can cost.
    """
    if error is not None and error not in REFUSED:
        return Call("dynamodb", operation)
    units = 0
    for part in writes_of(operation, request):
        key = key_of(part)
        old, new = before.get(key), after.get(key)
        wanted = part.get("Item") if error is not None else new
        units += write_units(old, wanted, in_a_transaction=operation == "TransactWriteItems")
        units += sum(index.write_units(old, new) for index in indexes()[key[0]])
    return Call("dynamodb", operation, write_units=units)


def dynamodb_read(operation: str, request: Mapping[str, Any], answer: Mapping[str, Any]) -> Call:
    """Return a read with its units."""
    return Call("dynamodb", operation, read_units=_READS[operation](request, answer))


def _get(request: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    return read_units(item_size(answer.get("Item") or {}), consistent=request.get("ConsistentRead", False))


def _batch_get(request: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    units = 0.0
    for table, wanted in request["RequestItems"].items():
        found = answer.get("Responses", {}).get(table, [])
        missing = len(wanted["Keys"]) - len(found)
        sizes = [*map(item_size, found), *([0] * missing)]
        units += batch_units(sizes, consistent=wanted.get("ConsistentRead", False))
    return units


def _query(request: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    if "FilterExpression" in request or "ProjectionExpression" in request:
        message = "What a filter or a projection leaves out is billed too, and nobody sees it here."
        raise NotImplementedError(message)
    items: Iterable[Item] = answer.get("Items", [])
    if name := request.get("IndexName"):
        [index] = [each for each in indexes()[_table(request["TableName"])] if each.name == name]
        items = [entry for item in items if (entry := index.entry(item)) is not None]
    return query_units(map(item_size, items), consistent=request.get("ConsistentRead", False))


_READS: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], float]] = {
    "GetItem": _get,
    "BatchGetItem": _batch_get,
    "Query": _query,
}


def _table(name: str) -> str:
    return name.removeprefix(PREFIX)
