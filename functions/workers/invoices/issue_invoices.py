"""Rule orders.placed, orders.payment_captured, orders.refunded, orders.canceled: issue the documents that are due."""

from commerce.entrypoints.rules import rule_consumer
from commerce.invoices import operations

handler = rule_consumer(operations.on_order_event, worker="invoices.issue_invoices")
