"""PUT /v1/admin/price-lists/{list_id}: add or replace a price list."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.prices import operations
from commerce.prices.schemas import PutPriceList, StaffPriceList

api = admin("prices:write")


@api.put("/v1/admin/price-lists/{list_id}", replay=operations.list_put_again, takes_if_match=True)
def put_price_list(list_id: Id, body: PutPriceList) -> StaffPriceList:
    """Take effect in carts at once, and on pages within minutes; the prices of its SKUs stay."""
    return operations.put_list(list_id=list_id, price_list=body, call=api.call())


handler = api.handler
