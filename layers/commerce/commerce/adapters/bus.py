"""Amazon EventBridge: the bus that carries the store's events."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, cast

from botocore.exceptions import BotoCoreError, ClientError

from commerce.adapters import aws
from commerce.kernel import usage
from commerce.kernel.config import settings
from commerce.kernel.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

PATIENCE = aws.Patience(connect_seconds=2, read_seconds=5, attempts=3)

SOURCE = "tradewind"
MOST_ENTRIES = 10
"""Entries that one PutEvents takes."""

MOST_BYTES = 256 * 1024
"""What we send in one PutEvents. AWS takes 1 MiB since 2026 and took 256 KiB before; one entry alone may be larger, as
an item of DynamoDB (400 KB) always fits."""

_TIME_BYTES = 14


class Entry(NamedTuple):
    """One event for the bus. `detail` is its envelope in JSON."""

    type: str
    detail: str
    occurred_at: datetime

    @property
    def size(self) -> int:
        """Return the entry's bytes as EventBridge counts them.

        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
        """
        return _TIME_BYTES + len(SOURCE) + len(self.type.encode()) + len(self.detail.encode())


def put(entries: Sequence[Entry]) -> list[str | None]:
    """Hand up to ten events to the bus; return for each the code of its failure, or None when the bus took it.

    A 200 of PutEvents says nothing: entries fail one by one.

    :raises Unavailable: when the bus does not answer.
    """
    bus = settings().event_bus_name
    usage.count("eventbridge.event", len(entries))
    try:
        answer = _client().put_events(
            Entries=[
                {
                    "EventBusName": bus,
                    "Source": SOURCE,
                    "DetailType": entry.type,
                    "Detail": entry.detail,
                    "Time": entry.occurred_at,
                }
                for entry in entries
            ]
        )
    except (BotoCoreError, ClientError) as error:
        raise Unavailable from error
    return [result.get("ErrorCode") for result in answer["Entries"]]


@lru_cache(maxsize=1)
def _client() -> "EventBridgeClient":
    return cast("EventBridgeClient", aws.client("events", PATIENCE))
