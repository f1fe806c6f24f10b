"""The edge of workers that streams, clocks and the bus wake, with partial batch answers where AWS takes them."""

from collections.abc import Callable, Collection
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from commerce.entrypoints.cost import idle
from commerce.entrypoints.invocations import invocation
from commerce.kernel import clock
from commerce.kernel.call import Call, system_call
from commerce.kernel.log import logger
from commerce.outbox.schemas import BusMessage

Handler = Callable[[dict[str, Any], LambdaContext], Any]


def stream_consumer(work: Callable[..., Collection[int]], *, worker: str) -> Handler:
    """Return a handler that calls `work(images=..., call=...)` once for all new item images of a stream's batch.

    `work` returns the positions of the images that must come again; Lambda repeats the batch from the first of them
    on. When it raises, the whole batch comes again.
    """

    @invocation
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


def event_consumer(work: Callable[..., None], *, worker: str) -> Handler:
    """Return a handler that calls `work(event=..., call=...)` for the event that a rule of the bus brings.

    When it raises, Lambda brings the event again, and at last puts it into the dead-letter queue.
    """

    @invocation
    def handler(event: dict[str, Any], context: LambdaContext) -> None:  # noqa: ARG001 - AWS's signature.
        message = BusMessage.model_validate(event)
        work(event=message.detail, call=call_of(worker))

    return handler


def scheduled(work: Callable[..., dict[str, int]], *, worker: str) -> Handler:
    """Return a handler that calls `work(call=...)` when the clock says so, and logs the counts that it returns."""

    @invocation
    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001 - AWS's signature.
        counts = work(call=call_of(worker))
        if not any(counts.values()):
            idle()
        logger.info("done", worker=worker, counts=counts)
        return counts

    return handler


def call_of(worker: str) -> Call:
    """Return the circumstances of a worker's call."""
    return system_call(worker=worker, now=clock.now())
