"""GET /v1/admin/exchange-rates: list all exchange rates."""

from commerce.entrypoints.http import admin
from commerce.prices import staff_queries
from commerce.prices.schemas import StaffExchangeRates

api = admin("prices:read")


@api.get("/v1/admin/exchange-rates")
def list_exchange_rates() -> StaffExchangeRates:
    """Rates are for one unit of the shop's currency."""
    return staff_queries.exchange_rates(now=api.call().now)


handler = api.handler
