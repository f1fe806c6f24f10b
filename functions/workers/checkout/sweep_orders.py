"""Schedule rate(5 minutes): end holds that ran out, capture what would lapse, repeat unanswered refunds."""

from commerce.checkout import sweeping
from commerce.entrypoints.workers import scheduled

handler = scheduled(sweeping.sweep_orders, worker="sweep-orders")
