"""POST /v1/webhooks/stripe: check that Stripe signed the event, make it durable, answer."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Header

from commerce.checkout import receiving
from commerce.checkout.receiving import WebhookReceipt
from commerce.entrypoints.http import webhook

api = webhook()


@api.post("/v1/webhooks/stripe", replay=None)
def receive_stripe(
    stripe_signature: Annotated[str, Header(alias="Stripe-Signature", description="Stripe's signature.")] = "",
) -> WebhookReceipt:
    return receiving.receive(payload=api.body(), signature=stripe_signature, call=api.call())


handler = api.handler
