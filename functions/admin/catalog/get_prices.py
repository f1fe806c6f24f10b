"""GET /v1/admin/prices/{sku}: show all that is known of the prices of a SKU."""

from commerce.catalog import sku_prices
from commerce.catalog.price_schemas import StaffSkuPrices
from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id

api = admin("prices:read")


@api.get("/v1/admin/prices/{sku}")
def get_prices(sku: Id) -> StaffSkuPrices:
    """Explain what it costs now: each price that was looked at, and why it lost."""
    return sku_prices.sku_prices(sku=sku, call=api.call())


handler = api.handler
