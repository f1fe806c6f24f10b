"""Amazon SNS: alerts to the merchant."""

from functools import lru_cache
from typing import TYPE_CHECKING, cast

from botocore.exceptions import BotoCoreError, ClientError

from commerce.adapters import aws
from commerce.kernel import usage
from commerce.kernel.config import settings
from commerce.kernel.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

PATIENCE = aws.Patience(connect_seconds=2, read_seconds=3, attempts=2)

LONGEST_SUBJECT = 99


def publish(*, subject: str, text: str) -> str:
    """Tell everyone who subscribed to the alerts, and return the id that SNS gave the message.

    :param subject: cut to the 99 ASCII characters of a single line that SNS takes.
    :raises Unavailable: when SNS does not take it.
    """
    line = " ".join(subject.encode("ascii", "replace").decode().split())[:LONGEST_SUBJECT]
    usage.count("sns.publish")
    usage.count("sns.mail")
    try:
        answer = _client().publish(TopicArn=settings().alerts_topic_arn, Subject=line, Message=text)
    except (BotoCoreError, ClientError) as error:
        raise Unavailable from error
    return answer["MessageId"]


@lru_cache(maxsize=1)
def _client() -> "SNSClient":
    return cast("SNSClient", aws.client("sns", PATIENCE))
