"""A bare hand on DynamoDB Local: the machine reads and restores tables past the code under test, and past its SDK."""

import http.client
import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

Raw = dict[str, Any]
"""An item in DynamoDB's JSON."""

Key = tuple[str, str, str]
"""Table, partition key, sort key."""

MOST_READ, MOST_WRITTEN = 100, 25


class Engine:
    """Speaks DynamoDB's protocol over one open connection; nothing here is counted or struck by a fault."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._connection = http.client.HTTPConnection(place.hostname or "", place.port)

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def read(self, keys: Iterable[Key]) -> dict[Key, Raw]:
        """Return the items of these keys that exist, read consistently."""
        wanted = list(keys)
        found: dict[Key, Raw] = {}
        for start in range(0, len(wanted), MOST_READ):
            asked: dict[str, Any] = {}
            for table, pk, sk in wanted[start : start + MOST_READ]:
                part = asked.setdefault(table, {"Keys": [], "ConsistentRead": True})
                part["Keys"].append({"pk": {"S": pk}, "sk": {"S": sk}})
            while asked:
                answer = self._do("BatchGetItem", {"RequestItems": asked})
                for table, items in answer["Responses"].items():
                    found |= {(table, item["pk"]["S"], item["sk"]["S"]): item for item in items}
                asked = answer.get("UnprocessedKeys") or {}
        return found

    def scan(self, table: str) -> Iterator[tuple[Key, Raw]]:
        """Return every item of a table."""
        start: Raw = {}
        while True:
            page = self._do("Scan", {"TableName": table, "ConsistentRead": True, **start})
            for item in page["Items"]:
                yield (table, item["pk"]["S"], item["sk"]["S"]), item
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def write(self, changes: dict[Key, Raw | None]) -> None:
        """Put these items, and delete those that are None."""
        todo = list(changes.items())
        for start in range(0, len(todo), MOST_WRITTEN):
            asked: dict[str, list[Raw]] = {}
            for (table, pk, sk), item in todo[start : start + MOST_WRITTEN]:
                key = {"pk": {"S": pk}, "sk": {"S": sk}}
                request = {"DeleteRequest": {"Key": key}} if item is None else {"PutRequest": {"Item": item}}
                asked.setdefault(table, []).append(request)
            while asked:
                asked = self._do("BatchWriteItem", {"RequestItems": asked}).get("UnprocessedItems") or {}

    def _do(self, operation: str, body: Raw) -> Raw:
        headers = {
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, "
            "SignedHeaders=host, Signature=00",
        }
        self._connection.request("POST", "/", json.dumps(body), headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != http.client.OK:
            message = f"{operation}: {text.decode(errors='replace')}"
            raise RuntimeError(message)
        parsed: Raw = json.loads(text)
        return parsed


def plain(value: Raw) -> Any:
    """Return the value that DynamoDB's JSON stands for; numbers are whole here."""
    [(kind, part)] = value.items()
    match kind:
        case "NULL":
            return None
        case "N":
            return int(part) if part.lstrip("-").isdecimal() else float(part)
        case "L":
            return [plain(each) for each in part]
        case "M":
            return {name: plain(each) for name, each in part.items()}
    return part


def plain_item(item: Raw) -> Raw:
    """Return an item as Python values."""
    return {name: plain(value) for name, value in item.items()}
