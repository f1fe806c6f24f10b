"""DynamoDB stream OutboxTable: publish new events on the bus."""

from commerce.entrypoints.workers import stream_batch_consumer
from commerce.outbox.operations import publish

handler = stream_batch_consumer(publish, worker="outbox.publish_events")
