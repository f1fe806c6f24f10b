"""SQS StripeEventsQueue: bring the order that an event of Stripe tells of in line with it."""

from commerce.checkout import stripe_events
from commerce.entrypoints.queues import queue_consumer

handler = queue_consumer(stripe_events.apply_message, worker="stripe-events")
