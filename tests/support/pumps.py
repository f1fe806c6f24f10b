"""The wires between functions, in one process: queues, streams and the bus, until nothing moves any more."""

import json
from typing import TYPE_CHECKING, Any

from commerce.kernel.config import settings
from tests.support import aws
from tests.support.payments import LocalStripe, signed

if TYPE_CHECKING:
    from tests.support.store import Answer, Store

ROUNDS = 30
QUEUES = ("stripe-events", "notifications")
NOTIFIED = (
    "orders.placed",
    "orders.refunded",
    "inventory.stock_low",
    "payments.review_opened",
    "giftcards.disabled",
    "giftcards.issued",
)
FOLLOWED_BY_STRIPE_TAX = ("orders.canceled", "orders.placed", "orders.refunded")
RULES = {
    "giftcards/on_order_changed": (
        "orders.canceled",
        "orders.payment_captured",
        "orders.placed",
        "orders.refunded",
    ),
    "taxes/record_sale": FOLLOWED_BY_STRIPE_TAX,
    "invoices/issue_invoices": (
        "orders.canceled",
        "orders.payment_captured",
        "orders.placed",
        "orders.refund_updated",
        "orders.refunded",
    ),
}
"""Workers that the bus wakes by itself, and the types of events that it picks for them."""


def create_wires() -> dict[str, str]:
    """Create queues, bus and topic; return the settings that name them."""
    sqs = aws.client("sqs")
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in QUEUES}
    aws.client("events").create_event_bus(Name="tradewind")
    topic = aws.client("sns").create_topic(Name="alerts")["TopicArn"]
    aws.client("ses").verify_email_identity(EmailAddress="shop@example.com")
    return {
        "STRIPE_EVENTS_QUEUE_URL": urls["stripe-events"],
        "EVENT_BUS_NAME": "tradewind",
        "ALERTS_TOPIC_ARN": topic,
    }


class Pumps:
    """Carries what one function left to the next."""

    def __init__(self, store: "Store", stripe: LocalStripe | None) -> None:
        self._store = store
        self._stripe = stripe
        self.bus: list[dict[str, Any]] = []
        self._published: set[str] = set()

    def drain(self) -> None:
        """Carry until nothing moves: webhooks, queues, movements, events, notifications."""
        for _ in range(ROUNDS):
            if not (self._webhooks() + self._queue() + self._movements() + self._outbox()):
                return
        message = f"Something still moves after {ROUNDS} rounds."
        raise AssertionError(message)

    def post_webhook(self, payload: str, *, signature: str | None = None) -> "Answer":
        """Post an event to the store as Stripe does."""
        headers = {"Stripe-Signature": signature if signature is not None else signed(payload)}
        return self._store.call("POST", "/v1/webhooks/stripe", raw=payload, headers=headers)

    def _webhooks(self) -> int:
        events = self._stripe.new_events() if self._stripe else []
        for event in events:
            answer = self.post_webhook(json.dumps(event))
            assert answer.status == 200, answer.body
        return len(events)

    def _queue(self) -> int:
        sqs = aws.client("sqs")
        url = sqs.get_queue_url(QueueName="stripe-events")["QueueUrl"]
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            record = _sqs_record(dict(message))
            result = self._store.invoke("payments/on_stripe_event", {"Records": [record]})
            assert result == {"batchItemFailures": []}, message["Body"]
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return len(messages)

    def _movements(self) -> int:
        images = [
            item
            for item in self._store.items("inventory")
            if item["pk"]["S"].startswith("movement#") and "gsi1pk" in item
        ]
        for image in images:
            self._store.invoke("inventory/project_movements", _stream_event([image]))
        return len(images)

    def _outbox(self) -> int:
        images = [item for item in self._store.items("outbox") if "gsi1pk" in item]
        images.sort(key=lambda item: (item["occurred_at"]["S"], item["pk"]["S"], item["sk"]["S"]))
        if not images:
            return 0
        self._store.invoke("outbox/publish_events", _stream_event(images))
        for image in images:
            self._deliver(image)
        return len(images)

    def _deliver(self, image: dict[str, Any]) -> None:
        event = {
            "event_id": image["event_id"]["S"],
            "type": image["type"]["S"],
            "version": int(image["version"]["N"]),
            "aggregate": image["pk"]["S"],
            "sequence": int(image["sequence"]["N"]),
            "occurred_at": image["occurred_at"]["S"],
            "actor": image["actor"]["S"],
            "data": json.loads(image["data"]["S"]),
        }
        self.bus.append(event)
        for worker, types in RULES.items():
            sleeps = worker == "taxes/record_sale" and settings().tax_provider != "stripe_tax"
            if event["type"] in types and not sleeps:
                self._store.invoke(worker, {"source": "tradewind", "detail-type": event["type"], "detail": event})
        if event["type"] in NOTIFIED:
            body = json.dumps({"source": "tradewind", "detail-type": event["type"], "detail": event})
            record = _sqs_record({"MessageId": event["event_id"], "ReceiptHandle": "r", "Body": body})
            result = self._store.invoke("notifications/deliver_notification", {"Records": [record]})
            assert result == {"batchItemFailures": []}, event


def _sqs_record(message: dict[str, Any]) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:queue",
        "awsRegion": "us-east-1",
    }


def _stream_event(images: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "Records": [
            {
                "eventID": str(number),
                "eventName": "INSERT",
                "eventSource": "aws:dynamodb",
                "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/s",
                "awsRegion": "us-east-1",
                "dynamodb": {
                    "Keys": {"pk": image["pk"], "sk": image["sk"]},
                    "NewImage": image,
                    "SequenceNumber": str(1000 + number),
                    "StreamViewType": "NEW_IMAGE",
                },
            }
            for number, image in enumerate(images)
        ]
    }
