"""PUT /v1/admin/stock/{sku}/shards: let as many buy a SKU at the same moment, or put its level together again."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.inventory import sharding
from commerce.inventory.schemas import SplitLevels, StockView

api = admin("inventory:write")


@api.put("/v1/admin/stock/{sku}/shards", replay=sharding.shards_again)
def split_stock(sku: Id, body: SplitLevels) -> StockView:
    return sharding.set_shards(sku=sku, new=body, call=api.call())


handler = api.handler
