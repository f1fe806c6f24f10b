"""Schedule rate(6 hours): fetch the exchange rates of the shop's source."""

from commerce.entrypoints.workers import scheduled
from commerce.prices import rate_operations

handler = scheduled(rate_operations.fetch_rates, worker="prices.fetch_exchange_rates")
