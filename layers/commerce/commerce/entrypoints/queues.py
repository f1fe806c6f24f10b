"""The edge of workers that a queue wakes: alone, as Powertools' batches import models of every kind of message."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from commerce.entrypoints.invocations import invocation
from commerce.entrypoints.workers import Handler, call_of
from commerce.kernel import usage
from commerce.kernel.log import logger

REQUESTS_PER_MESSAGE = 2
"""Lambda receives each message of a queue for us, and deletes it."""


def queue_consumer(work: Callable[..., None], *, worker: str) -> Handler:
    """Return a handler that calls `work(body=..., call=...)` for each message of a queue.

    A message whose work raises is delivered again, and ends in the dead-letter queue; its neighbours are done.
    """
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)

    def one(record: SQSRecord) -> None:
        usage.count("sqs.request", REQUESTS_PER_MESSAGE)
        try:
            work(body=record.body, call=call_of(worker))
        except Exception:
            logger.exception("message failed", message_id=record.message_id)
            raise

    @invocation
    def handler(event: dict[str, Any], context: LambdaContext) -> Any:
        return process_partial_response(event=event, record_handler=one, processor=processor, context=context)

    return handler
