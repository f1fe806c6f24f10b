"""Event orders.canceled, orders.payment_captured, orders.placed, orders.refunded: let its gift cards follow it."""

from commerce.checkout import gift_cards
from commerce.entrypoints.workers import event_consumer

handler = event_consumer(gift_cards.follow_order, worker="gift_cards.on_order_changed")
