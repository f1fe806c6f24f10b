"""Stripe's events at the door: made durable, and nothing else, before the answer."""

from typing import Literal

from pydantic import ValidationError

from commerce.adapters import stripe_payments
from commerce.adapters.queues import enqueue_stripe_event
from commerce.adapters.stripe_facts import StripeEvent
from commerce.kernel.call import Call
from commerce.kernel.errors import Malformed
from commerce.kernel.log import logger
from commerce.kernel.schema import Output

APPLIED = (
    "payment_intent.succeeded",
    "payment_intent.processing",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "payment_intent.amount_capturable_updated",
    "charge.refunded",
    "charge.updated",
    "charge.captured",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.closed",
)
"""What the store acts on, in `stripe_events`. Every other type is answered and has no effect."""


class WebhookReceipt(Output):
    """The event is durable."""

    received: Literal[True] = True


def receive(*, payload: str, signature: str, call: Call) -> WebhookReceipt:
    """Check that Stripe signed the bytes, and make the event durable. No other work is done before the answer.

    :raises BadSignature: when Stripe did not sign these bytes, or not lately.
    :raises Malformed: when the signed bytes are no event.
    :raises Unavailable: when the event could not be made durable; Stripe delivers it again.
    """
    stripe_payments.verify_webhook(payload=payload.encode(), signature=signature, now=call.now)
    try:
        event = StripeEvent.model_validate_json(payload)
    except ValidationError as error:
        detail = "The body is not an event of Stripe."
        raise Malformed(detail) from error
    if event.type in APPLIED:
        enqueue_stripe_event(payload)
    else:
        logger.info("event without effect", stripe_event=event.id, stripe_type=event.type)
    return WebhookReceipt()
