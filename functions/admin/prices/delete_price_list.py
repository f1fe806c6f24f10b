"""DELETE /v1/admin/price-lists/{list_id}: delete a price list."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.prices import operations
from commerce.prices.schemas import StaffPriceLists

api = admin("prices:write")


@api.delete("/v1/admin/price-lists/{list_id}", replay=operations.list_deleted_again, takes_if_match=True)
def delete_price_list(list_id: Id) -> StaffPriceLists:
    """Answer the lists that are left. The prices that SKUs have in it are gone with it."""
    return operations.delete_list(list_id=list_id, call=api.call())


handler = api.handler
