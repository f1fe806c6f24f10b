"""Reads of many items at once: domains return opaque reads, and `fetch` gets them in one call over all tables."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from commerce.kernel.errors import Unavailable
from commerce.kernel.records import Record, connection
from commerce.kernel.retrying import Patience, again_after

BATCH = 100
"""Keys that one BatchGetItem takes (AWS's limit)."""

ATTEMPTS = 8


class _Unprocessed(Exception):
    """DynamoDB left keys for later, as it does when a table is busy."""


class Read[R: Record](NamedTuple):
    """One item to read. Treat it as opaque; the domain that made it also reads the answer."""

    record: type[R]
    pk: str
    sk: str


class Answers:
    """What `fetch` found."""

    def __init__(self, found: dict[tuple[str, str, str], Record]) -> None:
        self._found = found

    def get[R: Record](self, read: Read[R]) -> R | None:
        """Return the item of this read, or None when there is none."""
        record = self._found.get((read.record.Meta.table_name, read.pk, read.sk))
        return record if isinstance(record, read.record) else None


def fetch(reads: Iterable[Read[Any]], *, consistent: bool = True) -> Answers:
    """Read all items, whatever their tables, in one BatchGetItem per hundred keys.

    :raises Unavailable: when DynamoDB does not answer in full.
    """
    unique = list(dict.fromkeys(reads))
    found: dict[tuple[str, str, str], Record] = {}
    for start in range(0, len(unique), BATCH):
        chunk = unique[start : start + BATCH]
        classes = {(read.record.Meta.table_name, read.pk, read.sk): read.record for read in chunk}
        for table, raw in _batch(chunk, consistent=consistent):
            key = (table, raw["pk"]["S"], raw["sk"]["S"])
            found[key] = classes[key].from_raw_data(raw)
    return Answers(found)


def _batch(reads: list[Read[Any]], *, consistent: bool) -> list[tuple[str, dict[str, Any]]]:
    wanted: dict[str, Any] = {}
    for read in reads:
        table = wanted.setdefault(read.record.Meta.table_name, {"Keys": [], "ConsistentRead": consistent})
        table["Keys"].append({"pk": {"S": read.pk}, "sk": {"S": read.sk}})
    items: list[tuple[str, dict[str, Any]]] = []

    @again_after(_Unprocessed, patience=Patience(attempts=ATTEMPTS, longest_wait=0.4))
    def rest() -> None:
        nonlocal wanted
        answer = connection().dispatch("BatchGetItem", {"RequestItems": wanted})
        for table, raws in answer.get("Responses", {}).items():
            items.extend((table, raw) for raw in raws)
        wanted = answer.get("UnprocessedKeys") or {}
        if wanted:
            raise _Unprocessed

    try:
        rest()
    except (_Unprocessed, PynamoDBException, BotoCoreError, ClientError) as error:
        raise Unavailable from error
    return items


def get[R: Record](record: type[R], pk: str, sk: str, *, consistent: bool = True) -> R | None:
    """Read one item, or None when there is none.

    :raises Unavailable: when DynamoDB does not answer.
    """
    try:
        return record.get(pk, sk, consistent_read=consistent)
    except record.DoesNotExist:
        return None
    except (PynamoDBException, BotoCoreError) as error:
        raise Unavailable from error


def listed[R: Record](found: Iterable[R]) -> list[R]:
    """Read the results of a query to their end.

    :raises Unavailable: when DynamoDB does not answer.
    """
    try:
        return list(found)
    except (PynamoDBException, BotoCoreError) as error:
        raise Unavailable from error
