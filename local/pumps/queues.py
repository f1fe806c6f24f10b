"""Event source mappings of queues: batches, partial failures, concurrency; redrive is the queue's own."""

import asyncio
import contextlib
import json
from collections.abc import Sequence
from typing import Any

from local.pumps.means import Means
from local.pumps.patterns import matches
from local.templates import Queue, QueueMapping
from local.templates.names import REGION
from local.workers import Throttled

DEFAULT_CONCURRENCY = 5
MAX_RECEIVE = 10

type Message = dict[str, Any]


class QueuePump:
    """Reads one queue for one function. `poke` tells it how many messages are ready."""

    def __init__(self, mapping: QueueMapping, queue: Queue, means: Means) -> None:
        self.queue = queue
        self._mapping = mapping
        self._means = means
        self._consumers: set[asyncio.Task[None]] = set()
        self._hurry = asyncio.Event()
        self._came_meanwhile = False

    @property
    def busy(self) -> bool:
        """Whether a batch is in work."""
        return bool(self._consumers)

    def hurry(self, *, on: bool) -> None:
        """Stop (or start again) to wait for batches to fill."""
        if on:
            self._hurry.set()
        else:
            self._hurry.clear()

    def poke(self, visible: int) -> None:
        """Start as many consumers as the messages need and the mapping allows."""
        if not self._mapping.enabled:
            return
        self._came_meanwhile = visible > 0
        wanted = min(
            self._mapping.max_concurrency or DEFAULT_CONCURRENCY,
            -(-visible // min(self._mapping.batch_size, MAX_RECEIVE)),
        )
        while len(self._consumers) < wanted:
            task = asyncio.create_task(self._consume())
            self._consumers.add(task)
            task.add_done_callback(self._consumers.discard)

    async def stop(self) -> None:
        """Give up on what is in work; its messages come back when their visibility ends."""
        for task in self._consumers:
            task.cancel()
        await asyncio.gather(*self._consumers, return_exceptions=True)

    async def _consume(self) -> None:
        size, may_be_more = self._mapping.batch_size, True
        while may_be_more:
            self._came_meanwhile = False
            messages = await self._receive(size)
            if self._mapping.window_seconds and 0 < len(messages) < size:
                messages += await self._fill(size - len(messages))
            if messages:
                await self._process(messages)
            may_be_more = self._came_meanwhile or len(messages) == size

    async def _fill(self, missing: int) -> list[Message]:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), self._mapping.window_seconds)
        return await self._receive(missing)

    async def _receive(self, count: int) -> list[Message]:
        messages: list[Message] = []
        while len(messages) < count:
            wanted = min(MAX_RECEIVE, count - len(messages))
            answer: dict[str, Any] = await self._means.threads.run(lambda wanted=wanted: self._receive_now(wanted))  # type: ignore[misc]
            batch = answer.get("Messages", [])
            messages += batch
            if len(batch) < wanted:
                break
        return messages

    def _receive_now(self, count: int) -> dict[str, Any]:
        return dict(
            self._means.clients.sqs.receive_message(
                QueueUrl=self.queue.url,
                MaxNumberOfMessages=count,
                WaitTimeSeconds=0,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
        )

    async def _process(self, messages: list[Message]) -> None:
        records = [self._record(message) for message in messages]
        wanted = [record for record in records if self._accepts(record)]
        failed: set[str] = set()
        if wanted:
            try:
                outcome = await self._means.pool.invoke(self._mapping.function, {"Records": wanted})
            except Throttled:
                return
            self._means.tally["queue_invocations"] += 1
            ids = [record["messageId"] for record in wanted]
            failed = set(ids) if outcome.error else self._failures(outcome.result, ids)
        done = [message for message in messages if message["MessageId"] not in failed]
        self._means.tally["messages"] += len(done)
        self._means.tally["failed_messages"] += len(failed)
        await self._delete(done)

    def _failures(self, result: Any, ids: Sequence[str]) -> set[str]:
        """Read a partial batch response; one that Lambda cannot read fails the whole batch."""
        if not self._mapping.partial_failures:
            return set()
        return partial_failures(result, ids)

    async def _delete(self, messages: list[Message]) -> None:
        for start in range(0, len(messages), MAX_RECEIVE):
            entries = [
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(messages[start : start + MAX_RECEIVE])
            ]
            await self._means.threads.run(
                lambda entries=entries: self._means.clients.sqs.delete_message_batch(  # type: ignore[misc]
                    QueueUrl=self.queue.url, Entries=entries
                )
            )

    def _record(self, message: Message) -> dict[str, Any]:
        attributes = {
            name: {
                "stringValue": value.get("StringValue"),
                "dataType": value["DataType"],
                "stringListValues": [],
                "binaryListValues": [],
            }
            for name, value in message.get("MessageAttributes", {}).items()
        }
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": attributes,
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self.queue.arn,
            "awsRegion": REGION,
        }

    def _accepts(self, record: dict[str, Any]) -> bool:
        if not self._mapping.filters:
            return True
        body: Any = record["body"]
        with contextlib.suppress(ValueError):
            body = json.loads(record["body"])
        return any(matches(pattern, {**record, "body": body}) for pattern in self._mapping.filters)


def partial_failures(result: Any, ids: Sequence[str]) -> set[str]:
    """Read `batchItemFailures`: nothing means success, an entry that names no record fails all of them."""
    entries = (result or {}).get("batchItemFailures") or [] if isinstance(result, dict | None) else result
    if not isinstance(entries, list):
        return set(ids)
    named = {entry.get("itemIdentifier") for entry in entries if isinstance(entry, dict)}
    if len(named) < len({json.dumps(entry, default=str) for entry in entries}) or not named <= set(ids):
        return set(ids)
    return {str(name) for name in named}
