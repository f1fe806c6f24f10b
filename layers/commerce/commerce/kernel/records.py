"""The base of every pynamodb record: the table's name comes late, and one client serves them all."""

from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar

from botocore.parsers import JSONParser, ResponseParser, ResponseParserFactory
from pynamodb.attributes import Attribute, UnicodeAttribute
from pynamodb.connection import Connection, TableConnection
from pynamodb.constants import MAP, STRING
from pynamodb.models import Model

from commerce.kernel import clock, usage
from commerce.kernel.config import settings

CONNECT_TIMEOUT_SECONDS = 1.0
READ_TIMEOUT_SECONDS = 2.0
RETRY_ATTEMPTS = 1
"""Repeats after the first attempt. One call takes seven seconds at most, with its repeat and the wait before it."""


@lru_cache(maxsize=1)
def connection() -> Connection:
    """Return the process's one DynamoDB connection (a botocore client costs tens of milliseconds to make)."""
    shared = Connection(
        connect_timeout_seconds=CONNECT_TIMEOUT_SECONDS,
        read_timeout_seconds=READ_TIMEOUT_SECONDS,
        max_retry_attempts=RETRY_ATTEMPTS,
    )
    shared.session.register_component("response_parser_factory", _Parsers())
    shared.client.meta.events.register("after-call.dynamodb", usage.count_capacity)
    return shared


class _AsSent(JSONParser):
    """Answers of DynamoDB as they are: pynamodb reads their JSON, and no binary value or time of ours is in it.

    botocore walks through every attribute of every item to look for those, a quarter of what a call takes.
    """

    def _handle_json_body(self, raw_body: bytes, shape: Any) -> Any:  # noqa: ARG002 - the parent's signature.
        return self._parse_body_as_json(raw_body)  # type: ignore[attr-defined] # its stubs lack it.


class _Parsers(ResponseParserFactory):
    def create_parser(self, protocol_name: str) -> ResponseParser:
        return _AsSent() if protocol_name == "json" else super().create_parser(protocol_name)


class TableName:
    """A table's name, read from the settings when it is first needed and not when the module is imported."""

    def __init__(self, setting: str) -> None:
        self._setting = setting

    def __get__(self, instance: object, owner: type | None = None) -> str:
        name: str = getattr(settings(), self._setting)
        if not name:
            message = f"{self._setting.upper()} is not set: this function has no access to that table."
            raise LookupError(message)
        return name


class Record(Model):
    """A row with `pk` and `sk`. A table's records share one base class that declares its indexes.

    Subclasses set `class Meta: table_name = TableName("orders_table")`.
    """

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)

    @classmethod
    def _get_connection(cls) -> TableConnection:
        table = super()._get_connection()
        shared = connection()
        if table.connection is not shared:
            known = shared._tables  # noqa: SLF001 - pynamodb has no public way to ask.
            if table.table_name not in known or cls._indexes:
                known[table.table_name] = table.get_meta_table()
            table.connection = shared
        return table

    changed_later: ClassVar[frozenset[str]] = frozenset()
    """Attributes that others change after the item was written: marks of work that is still to do."""

    def content(self) -> dict[str, Any]:
        """Return the item as DynamoDB stores it, less what others change later: what it was written with."""
        return {name: value for name, value in self.serialize().items() if name not in self.changed_later}


class InstantAttribute(Attribute[datetime]):
    """A moment, stored as RFC 3339 text in UTC with milliseconds: readable, and sorts by time."""

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        return clock.text(value)

    def deserialize(self, value: str) -> datetime:
        return datetime.fromisoformat(value)


class OptionalInstantAttribute(Attribute[datetime | None]):
    """A moment that may be missing."""

    attr_type = STRING

    def __init__(self) -> None:
        super().__init__(null=True)

    def serialize(self, value: datetime | None) -> str | None:
        return None if value is None else clock.text(value)

    def deserialize(self, value: str) -> datetime:
        return datetime.fromisoformat(value)


class DocumentAttribute(Attribute[dict[str, Any]]):
    """A JSON-like dict (text, whole numbers, truth values, lists, dicts, None), stored as DynamoDB's own map."""

    attr_type = MAP

    def serialize(self, value: dict[str, Any]) -> dict[str, Any]:
        return {name: _to_dynamodb(part) for name, part in value.items()}

    def deserialize(self, value: dict[str, Any]) -> dict[str, Any]:
        return {name: _from_dynamodb(part) for name, part in value.items()}


def _to_dynamodb(value: Any) -> dict[str, Any]:
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case str():
            return {"S": value}
        case list() | tuple():
            return {"L": [_to_dynamodb(part) for part in value]}
        case dict():
            return {"M": {name: _to_dynamodb(part) for name, part in value.items()}}
    message = f"a document cannot hold a {type(value).__name__}"
    raise TypeError(message)


def _from_dynamodb(value: dict[str, Any]) -> Any:
    [(kind, part)] = value.items()
    match kind:
        case "NULL":
            return None
        case "N":
            return int(part)
        case "L":
            return [_from_dynamodb(item) for item in part]
        case "M":
            return {name: _from_dynamodb(item) for name, item in part.items()}
    return part
