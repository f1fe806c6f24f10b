"""Schedule rate(5 minutes): publish events that did not reach the bus."""

from commerce.entrypoints.workers import scheduled
from commerce.outbox.operations import republish

handler = scheduled(republish, worker="outbox.republish_events")
