"""GET /v1/admin/price-lists/{list_id}: show a price list."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.prices import staff_queries
from commerce.prices.schemas import StaffPriceList

api = admin("prices:read")


@api.get("/v1/admin/price-lists/{list_id}")
def get_price_list(list_id: Id) -> StaffPriceList:
    """Answer its terms; the prices that SKUs have in it stand with the SKUs."""
    return staff_queries.price_list(list_id=list_id)


handler = api.handler
