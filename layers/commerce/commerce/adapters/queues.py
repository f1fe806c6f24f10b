"""SQS: what is put here is durable before anybody is told so."""

from functools import lru_cache
from typing import TYPE_CHECKING, cast

from botocore.exceptions import BotoCoreError, ClientError

from commerce.adapters import aws
from commerce.kernel import usage
from commerce.kernel.config import settings
from commerce.kernel.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

PATIENCE = aws.Patience(connect_seconds=1, read_seconds=2, attempts=2)


@lru_cache(maxsize=1)
def client() -> "SQSClient":
    """Return the process's one SQS client."""
    return cast("SQSClient", aws.client("sqs", PATIENCE))


def enqueue_stripe_event(body: str) -> None:
    """Put one event of Stripe into the queue, as it came.

    :raises Unavailable: when it is not certain that the queue has it.
    """
    usage.count("sqs.request")
    try:
        client().send_message(QueueUrl=settings().stripe_events_queue_url, MessageBody=body)
    except (BotoCoreError, ClientError) as error:
        raise Unavailable from error
