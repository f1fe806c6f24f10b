"""PUT /v1/admin/price-lists/{list_id}/prices/{sku}: write the prices of a SKU in a price list."""

from commerce.catalog import sku_prices
from commerce.catalog.price_schemas import StaffListPrice
from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.prices.schemas import PutListPrice

api = admin("prices:write")


@api.put("/v1/admin/price-lists/{list_id}/prices/{sku}", replay=sku_prices.price_put_again, takes_if_match=True)
def put_list_price(list_id: Id, sku: Id, body: PutListPrice) -> StaffListPrice:
    """If-Match names the version of the SKU's prices; no tiers take its own prices out of the list."""
    return sku_prices.put_price(list_id=list_id, sku=sku, price=body, call=api.call())


handler = api.handler
