"""DynamoDB stream OutboxTable: publish new events on the bus."""

from commerce.entrypoints.workers import stream_consumer
from commerce.outbox.operations import publish

handler = stream_consumer(publish, worker="outbox.publish_events")
