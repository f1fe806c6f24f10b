"""Amazon SNS: alerts to the merchant."""

from functools import lru_cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from commerce.kernel.config import settings
from commerce.kernel.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

LONGEST_SUBJECT = 99


def publish(*, subject: str, text: str) -> str:
    """Tell everyone who subscribed to the alerts, and return the id that SNS gave the message.

    :param subject: cut to the 99 ASCII characters of a single line that SNS takes.
    :raises Unavailable: when SNS does not take it.
    """
    line = " ".join(subject.encode("ascii", "replace").decode().split())[:LONGEST_SUBJECT]
    try:
        answer = _client().publish(TopicArn=settings().alerts_topic_arn, Subject=line, Message=text)
    except (BotoCoreError, ClientError) as error:
        raise Unavailable from error
    return answer["MessageId"]


@lru_cache(maxsize=1)
def _client() -> "SNSClient":
    return boto3.client("sns", config=Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2}))
