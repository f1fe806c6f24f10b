"""DynamoDB as it behaves when something goes wrong: answers that are lost, refused or delayed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from commerce.kernel import records
from commerce.kernel.records import Record, TableName


class Kettle(Record):
    """A row of the tests' own, in a table of the store."""

    class Meta:
        table_name = TableName("carts_table")

    color = UnicodeAttribute(default="red")
    filled = NumberAttribute(default=0)
    boiled = NumberAttribute(default=0)


class Lid(Record):
    """A row in another table."""

    class Meta:
        table_name = TableName("checkouts_table")

    color = UnicodeAttribute(default="red")


Parsed = dict[str, Any]


class Trouble:
    """What happened to the calls of one operation."""

    def __init__(self, *answers: Parsed | Exception | None) -> None:
        self.left = list(answers)
        self.calls = 0
        self.tokens: list[str | None] = []

    def meet(self, params: dict[str, Any], **_: Any) -> tuple[AWSResponse, Parsed] | None:
        self.calls += 1
        self.tokens.append(json.loads(params["body"]).get("ClientRequestToken"))
        answer = self.left.pop(0) if self.left else None
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            return None
        return AWSResponse(params["url"], 400, HTTPHeaders(), None), answer


def failure(code: str) -> Parsed:
    """Return an error of DynamoDB."""
    return {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": 400}}


def canceled(*reasons: str) -> Parsed:
    """Return the error of a transaction that was canceled, with a reason per action."""
    return failure("TransactionCanceledException") | {"CancellationReasons": [{"Code": reason} for reason in reasons]}


@contextmanager
def trouble(operation: str, *answers: Parsed | Exception | None) -> Iterator[Trouble]:
    """Meet the next calls of an operation with these answers; None lets a call through."""
    found = Trouble(*answers)
    events: Any = records.connection().client.meta.events
    name = f"before-call.dynamodb.{operation}"
    events.register_first(name, found.meet)
    try:
        yield found
    finally:
        events.unregister(name, found.meet)
