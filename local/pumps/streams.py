"""Event source mappings of DynamoDB streams: order per shard, filters, retries, bisect, failure destination."""

import asyncio
import base64
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from local.clock import machine_time
from local.pumps.means import Means
from local.pumps.patterns import matches
from local.pumps.queues import partial_failures
from local.templates import Application, StreamMapping
from local.workers import Throttled

SHARDS_SECONDS = 5.0
BACKOFF_SECONDS = 0.1
LONGEST_BACKOFF_SECONDS = 5.0
MAX_RECORDS = 1000

type Record = dict[str, Any]


@dataclass(slots=True)
class _Shard:
    """Where a mapping stands in one shard; `iterator` is None when the shard has been read to its end."""

    iterator: str | None
    checkpoint: str | None = None


@dataclass(slots=True)
class _Batch:
    records: list[Record]
    attempt: int = 0


class StreamPump:
    """Reads one table's stream for one function. Checkpoints survive a restart when they are kept."""

    def __init__(
        self,
        mapping: StreamMapping,
        application: Application,
        means: Means,
        *,
        checkpoints: Mapping[str, str] | None = None,
    ) -> None:
        self.mapping = mapping
        self._application = application
        self._means = means
        self._kept = dict(checkpoints or {})
        self._stream_arn: str | None = None
        self._shards: dict[str, _Shard] = {}
        self._shards_read = 0.0
        self._lock = asyncio.Lock()

    @property
    def key(self) -> str:
        """The mapping's name in kept checkpoints."""
        return f"{self.mapping.table}>{self.mapping.function}"

    @property
    def checkpoints(self) -> dict[str, str]:
        """The last sequence number that was dealt with, by shard."""
        return {name: shard.checkpoint for name, shard in self._shards.items() if shard.checkpoint}

    async def poll(self) -> int:
        """Deal with everything that is in the stream now; return the number of records."""
        if not self.mapping.enabled:
            return 0
        async with self._lock:
            await self._find_shards()
            seen = 0
            for name, shard in list(self._shards.items()):
                seen += await self._read_shard(name, shard)
            return seen

    async def _find_shards(self) -> None:
        now = machine_time()
        if self._stream_arn is None:
            table = await self._means.threads.run(
                lambda: self._means.clients.dynamodb.describe_table(TableName=self.mapping.table)
            )
            self._stream_arn = table["Table"].get("LatestStreamArn")
        closed = any(shard.iterator is None for shard in self._shards.values())
        if self._stream_arn is None or (self._shards and not closed and now - self._shards_read < SHARDS_SECONDS):
            return
        arn = self._stream_arn
        answer = await self._means.threads.run(lambda: self._means.clients.streams.describe_stream(StreamArn=arn))
        found = [shard["ShardId"] for shard in answer["StreamDescription"]["Shards"]]
        first = self._shards_read == 0.0
        self._shards_read = now
        for name in [name for name in self._shards if name not in found]:
            del self._shards[name]
        for name in found:
            if name not in self._shards:
                # A shard that appears later is a child: read it from its beginning, whatever the mapping says.
                start = self.mapping.starting_position if first else "TRIM_HORIZON"
                kept = self._kept.get(name)
                self._shards[name] = _Shard(await self._iterator(name, kept, start), kept)

    async def _iterator(self, shard: str, checkpoint: str | None, start: str) -> str | None:
        place: dict[str, Any] = {"ShardIteratorType": start}
        if checkpoint:
            place = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": checkpoint}
        try:
            answer = await self._means.threads.run(
                lambda: self._means.clients.streams.get_shard_iterator(
                    StreamArn=self._stream_arn or "", ShardId=shard, **place
                )
            )
        except ClientError:
            if not checkpoint:
                raise
            return await self._iterator(shard, None, "TRIM_HORIZON")
        return answer["ShardIterator"]

    async def _read_shard(self, name: str, shard: _Shard) -> int:
        seen = 0
        while shard.iterator:
            iterator = shard.iterator
            try:
                answer = await self._means.threads.run(
                    lambda iterator=iterator: self._means.clients.streams.get_records(  # type: ignore[misc]
                        ShardIterator=iterator, Limit=MAX_RECORDS
                    )
                )
            except ClientError as error:
                if error.response["Error"]["Code"] not in ("ExpiredIteratorException", "TrimmedDataAccessException"):
                    raise
                shard.iterator = await self._iterator(name, shard.checkpoint, "TRIM_HORIZON")
                continue
            records = answer["Records"]
            if records:
                seen += len(records)
                await self._deal_with(name, [_plain(record, self._stream_arn or "") for record in records])
                shard.checkpoint = records[-1]["dynamodb"]["SequenceNumber"]
            shard.iterator = answer.get("NextShardIterator")
            if not records:
                break
        return seen

    async def _deal_with(self, shard: str, records: list[Record]) -> None:
        self._means.tally["records"] += len(records)
        wanted = [record for record in records if self._accepts(record)]
        size = self.mapping.batch_size
        batches = deque(_Batch(wanted[start : start + size]) for start in range(0, len(wanted), size))
        while batches:
            batch = batches.popleft()
            rest = await self._try(batch)
            if rest is None:
                continue
            if self._exhausted(rest):
                self._means.tally["failed_records"] += len(rest.records)
                await self._report_failure(shard, rest)
            elif self.mapping.bisect and len(rest.records) > 1:
                middle = len(rest.records) // 2
                # Splitting does not count as a retry.
                batches.extendleft(
                    (_Batch(rest.records[middle:], batch.attempt), _Batch(rest.records[:middle], batch.attempt))
                )
            else:
                await asyncio.sleep(min(BACKOFF_SECONDS * 2**rest.attempt, LONGEST_BACKOFF_SECONDS))
                batches.appendleft(_Batch(rest.records, rest.attempt + 1))

    async def _try(self, batch: _Batch) -> _Batch | None:
        """Invoke the function; return what is left of the batch when it failed."""
        try:
            outcome = await self._means.pool.invoke(self.mapping.function, {"Records": batch.records})
        except Throttled:
            return batch
        self._means.tally["stream_invocations"] += 1
        if outcome.error:
            return batch
        if not self.mapping.partial_failures:
            return None
        numbers = [record["dynamodb"]["SequenceNumber"] for record in batch.records]
        failed = partial_failures(outcome.result, numbers)
        if not failed:
            return None
        # The lowest failed number is the checkpoint: everything from there on is tried again.
        first = min(index for index, number in enumerate(numbers) if number in failed)
        return _Batch(batch.records[first:], 0 if first else batch.attempt)

    def _exhausted(self, batch: _Batch) -> bool:
        if self.mapping.max_age_seconds >= 0:
            oldest = batch.records[0]["dynamodb"]["ApproximateCreationDateTime"]
            if self._means.clock.now() - oldest > self.mapping.max_age_seconds:
                return True
        alone = len(batch.records) == 1 or not self.mapping.bisect
        return alone and 0 <= self.mapping.max_retries <= batch.attempt

    async def _report_failure(self, shard: str, batch: _Batch) -> None:
        if not self.mapping.on_failure_arn:
            return
        first, last = batch.records[0]["dynamodb"], batch.records[-1]["dynamodb"]
        function = self._application.function(self.mapping.function)
        document = {
            "requestContext": {
                "functionArn": function.arn,
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": batch.attempt + 1,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "version": "1.0",
            "timestamp": datetime.fromtimestamp(self._means.clock.now(), UTC).isoformat().replace("+00:00", "Z"),
            "DDBStreamBatchInfo": {
                "shardId": shard,
                "startSequenceNumber": first["SequenceNumber"],
                "endSequenceNumber": last["SequenceNumber"],
                "approximateArrivalOfFirstRecord": first["ApproximateCreationDateTime"],
                "approximateArrivalOfLastRecord": last["ApproximateCreationDateTime"],
                "batchSize": len(batch.records),
                "streamArn": self._stream_arn,
            },
        }
        await self._means.send_to(self.mapping.on_failure_arn, document, {})

    def _accepts(self, record: Record) -> bool:
        return not self.mapping.filters or any(matches(pattern, record) for pattern in self.mapping.filters)


def _plain(record: Any, stream_arn: str) -> Record:
    """Write a record as Lambda gets it: plain JSON with binary values in base64 and times in seconds."""
    converted: Record = _convert({key: value for key, value in record.items() if key != "ResponseMetadata"})
    converted["eventSourceARN"] = stream_arn
    return converted


def _convert(node: Any) -> Any:
    converters: dict[type, Callable[[Any], Any]] = {
        dict: lambda value: {key: _convert(part) for key, part in value.items()},
        list: lambda value: [_convert(part) for part in value],
        bytes: lambda value: base64.b64encode(value).decode(),
        datetime: datetime.timestamp,
    }
    converter = converters.get(type(node))
    return converter(node) if converter else node
