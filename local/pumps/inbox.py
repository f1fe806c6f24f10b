"""The local inbox: mails that SES sent and notifications that SNS mailed."""

from collections import deque
from collections.abc import Mapping
from typing import Any

from local.templates import Application
from local.templates.names import ACCOUNT, REGION

KEPT_MAILS = 5_000


class Inbox:
    """All mails, the newest last."""

    def __init__(self) -> None:
        self.mails: deque[dict[str, Any]] = deque(maxlen=KEPT_MAILS)

    def take_mail(self, item: Mapping[str, Any]) -> None:
        """Keep a mail that went through SES."""
        self.mails.append({key: value for key, value in item.items() if key not in ("kind", "version")})

    def take_notification(self, application: Application, item: Mapping[str, Any]) -> None:
        """Keep a notification for every mail subscription of its topic."""
        for subscription in application.subscriptions:
            if subscription.topic_arn == item["topic"] and subscription.protocol.startswith("email"):
                self.mails.append(
                    {
                        "id": item["id"],
                        "time": item["time"],
                        "via": "sns",
                        "from": "no-reply@sns.amazonaws.com",
                        "to": [subscription.endpoint],
                        "reply_to": [],
                        "subject": item["subject"] or "AWS Notification Message",
                        "text": item["message"],
                        "html": None,
                        "headers": {},
                    }
                )


def sns_event(item: Mapping[str, Any], subscription_arn: str) -> dict[str, Any]:
    """Build the event of a function that subscribes to a topic."""
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "EventSubscriptionArn": subscription_arn,
                "Sns": {
                    "Type": "Notification",
                    "MessageId": item["id"],
                    "TopicArn": item["topic"],
                    "Subject": item["subject"],
                    "Message": item["message"],
                    "Timestamp": item["time"],
                    "SignatureVersion": "1",
                    "Signature": "local",
                    "SigningCertUrl": f"https://sns.{REGION}.amazonaws.com/{ACCOUNT}.pem",
                    "UnsubscribeUrl": f"https://sns.{REGION}.amazonaws.com/",
                    "MessageAttributes": item["attributes"],
                },
            }
        ]
    }
