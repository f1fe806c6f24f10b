"""Event orders.canceled, orders.placed, orders.refunded: bring Stripe Tax's reports in line with the order."""

from commerce.checkout import sales_taxes
from commerce.entrypoints.workers import event_consumer

handler = event_consumer(sales_taxes.follow_order, worker="taxes.record_sale")
