"""PUT /v1/admin/exchange-rates/{currency}: write the exchange rate of a currency, and the ending of its prices."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import CurrencyInPath
from commerce.prices import rate_operations
from commerce.prices.schemas import PutExchangeRate, StaffExchangeRate

api = admin("prices:write")


@api.put("/v1/admin/exchange-rates/{currency}", replay=rate_operations.rate_put_again, takes_if_match=True)
def put_exchange_rate(currency: CurrencyInPath, body: PutExchangeRate) -> StaffExchangeRate:
    """Put it before what is fetched; it does not age, and null takes it back."""
    return rate_operations.put_rate(currency=currency, rate=body, call=api.call())


handler = api.handler
