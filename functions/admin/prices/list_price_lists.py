"""GET /v1/admin/price-lists: list all price lists."""

from commerce.entrypoints.http import admin
from commerce.prices import staff_queries
from commerce.prices.schemas import StaffPriceLists

api = admin("prices:read")


@api.get("/v1/admin/price-lists")
def list_price_lists() -> StaffPriceLists:
    """Answer the lists in the order in which they are chosen, with the version that changes take as If-Match."""
    return staff_queries.price_lists()


handler = api.handler
