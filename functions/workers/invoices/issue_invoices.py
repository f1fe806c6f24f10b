"""Event orders.placed, orders.payment_captured, orders.refunded, orders.refund_updated, orders.canceled: invoice it."""

from commerce.entrypoints.workers import event_consumer
from commerce.invoices import operations

handler = event_consumer(operations.on_order_event, worker="invoices.issue_invoices")
