"""What AWS does around functions: how it delivers, what it invokes them with, and what it makes of how they end."""

import random
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.faults.machine.engine import Raw
from tests.faults.machine.wire import Crash

FIRST_RECORD = 1000
"""The sequence number of a batch's first record."""


@dataclass
class Message:
    """Something on its way to a worker: a queue's message, Stripe's webhook, a stream's record."""

    body: Any
    due: datetime
    received: int = 0


@dataclass
class Deliveries:
    """How the outside delivers: once and in order, or twice and shuffled."""

    twice: bool = False
    shuffled: bool = False
    chance: random.Random = field(default_factory=lambda: random.Random(0))

    def order[T](self, things: list[T]) -> list[T]:
        """Return the things as they arrive."""
        arriving = things * 2 if self.twice else list(things)
        if self.shuffled:
            self.chance.shuffle(arriving)
        return arriving


def how_it_ended(result: Any) -> str:
    """Return what the platform sees of an invocation; what is not done is delivered again."""
    if isinstance(result, Crash):
        return "died"
    if isinstance(result, Exception):
        return "failed"
    left = result.get("batchItemFailures") if isinstance(result, dict) else None
    return "came again" if left else "done"


def queue_event(body: str) -> dict[str, Any]:
    """Return the event that a queue invokes its consumer with."""
    record = {
        "messageId": "m-1",
        "receiptHandle": "r-1",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:queue",
        "awsRegion": "us-east-1",
    }
    return {"Records": [record]}


def stream_event(images: list[Raw]) -> dict[str, Any]:
    """Return the event that a table's stream invokes its consumer with."""
    return {
        "Records": [
            {
                "eventID": str(number),
                "eventName": "INSERT",
                "eventSource": "aws:dynamodb",
                "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/s",
                "awsRegion": "us-east-1",
                "dynamodb": {
                    "Keys": {"pk": image["pk"], "sk": image["sk"]},
                    "NewImage": image,
                    "SequenceNumber": str(FIRST_RECORD + number),
                    "StreamViewType": "NEW_IMAGE",
                },
            }
            for number, image in enumerate(images)
        ]
    }
