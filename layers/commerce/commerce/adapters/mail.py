"""Amazon SES: mails to people."""

from email.utils import formataddr
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from botocore.exceptions import BotoCoreError, ClientError

from commerce.adapters import aws
from commerce.kernel import usage
from commerce.kernel.config import settings
from commerce.kernel.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

PATIENCE = aws.Patience(connect_seconds=2, read_seconds=8, attempts=1)


class MailNotTaken(Unavailable):
    code = "mail.not_taken"
    title = "The mail service did not take a mail"


def send(*, to: str, sender_name: str, subject: str, text: str, html: str) -> str:
    """Hand a mail to SES and return the id that SES gave it. SES knows no idempotency: every call sends.

    :raises MailNotTaken: when SES refuses or does not answer. It holds SES's code and never an address: SES's own
        message names the recipient, which no log shall.
    """
    sender = formataddr((one_line(sender_name), settings().sender_email))
    usage.count("ses.mail")
    try:
        answer = _client().send_email(
            FromEmailAddress=sender,
            Destination={"ToAddresses": [to]},
            Content={
                "Simple": {
                    "Subject": {"Data": one_line(subject), "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": text, "Charset": "UTF-8"},
                        "Html": {"Data": html, "Charset": "UTF-8"},
                    },
                }
            },
        )
    except ClientError as error:
        detail = f"The mail service refused a mail: {error.response['Error']['Code']}."
        raise MailNotTaken(detail) from None
    except BotoCoreError as error:
        detail = f"The mail service did not answer: {type(error).__name__}."
        raise MailNotTaken(detail) from None
    return answer["MessageId"]


def one_line(text: str) -> str:
    """Return the text without line breaks and control characters, which could smuggle headers into a mail."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


@lru_cache(maxsize=1)
def _client() -> "SESV2Client":
    return cast("SESV2Client", aws.client("sesv2", PATIENCE))
