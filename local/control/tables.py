"""Read tables as plain JSON."""

import base64
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import Binary, TypeDeserializer

from local.engines.clients import Clients
from local.templates import Table

_DESERIALIZER = TypeDeserializer()


def read_items(clients: Clients, table: Table, *, hash_value: str | None = None) -> list[dict[str, Any]]:
    """Read all items of a table, or those of one partition, in the order of their keys."""
    arguments: dict[str, Any] = {"TableName": table.name, "ConsistentRead": True}
    if hash_value is not None:
        arguments |= {
            "KeyConditionExpression": "#hash = :hash",
            "ExpressionAttributeNames": {"#hash": table.hash_key},
            "ExpressionAttributeValues": {":hash": {table.attributes[table.hash_key]: hash_value}},
        }
    pages: Any = clients.dynamodb.get_paginator("query" if hash_value is not None else "scan").paginate(**arguments)
    items = [
        {name: plain(_DESERIALIZER.deserialize(value)) for name, value in item.items()}
        for page in pages
        for item in page["Items"]
    ]
    return sorted(items, key=lambda item: (str(item[table.hash_key]), str(item.get(table.range_key or "", ""))))


def plain(value: Any) -> Any:
    """Turn a deserialized attribute into plain JSON."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Binary):
        return base64.b64encode(value.value).decode()  # type: ignore[attr-defined]
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(plain(part) for part in value)
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value
