"""The edge of workers that streams and clocks wake, with partial batch answers where AWS takes them."""

from collections.abc import Callable, Collection
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from commerce.kernel import clock
from commerce.kernel.call import Call, system_call
from commerce.kernel.log import logger

Handler = Callable[[dict[str, Any], LambdaContext], Any]


def stream_consumer(work: Callable[..., None], *, worker: str) -> Handler:
    """Return a handler that calls `work(image=..., call=...)` for each new item image of a table's stream.

    `image` is the item in DynamoDB's JSON. An item whose work raises is tried again from there on.
    """
    processor = BatchProcessor(EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)

    def one(record: DynamoDBRecord) -> None:
        try:
            work(image=record.raw_event["dynamodb"]["NewImage"], call=call_of(worker))
        except Exception:
            logger.exception("stream record failed", event_id=record.event_id)
            raise

    def handler(event: dict[str, Any], context: LambdaContext) -> Any:
        return process_partial_response(event=event, record_handler=one, processor=processor, context=context)

    return handler


def stream_batch_consumer(work: Callable[..., Collection[int]], *, worker: str) -> Handler:
    """Return a handler that calls `work(images=..., call=...)` once for all new item images of a stream's batch.

    `work` returns the positions of the images that must come again; Lambda repeats the batch from the first of them
    on. When it raises, the whole batch comes again.
    """

    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - AWS's signature.
        records = [record["dynamodb"] for record in event["Records"]]
        try:
            failed = work(images=[record["NewImage"] for record in records], call=call_of(worker))
        except Exception:  # noqa: BLE001 - whatever it is, the stream shall deliver the batch again.
            logger.exception("stream batch failed", records=len(records))
            failed = range(len(records))
        numbers = [records[position]["SequenceNumber"] for position in sorted(failed)]
        return {"batchItemFailures": [{"itemIdentifier": number} for number in numbers]}

    return handler


def scheduled(work: Callable[..., dict[str, int]], *, worker: str) -> Handler:
    """Return a handler that calls `work(call=...)` when the clock says so, and logs the counts that it returns."""

    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001 - AWS's signature.
        counts = work(call=call_of(worker))
        logger.info("done", worker=worker, counts=counts)
        return counts

    return handler


def call_of(worker: str) -> Call:
    """Return the circumstances of a worker's call."""
    return system_call(worker=worker, now=clock.now())
