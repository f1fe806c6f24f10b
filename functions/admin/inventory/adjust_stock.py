"""POST /v1/admin/stock/{sku}/adjustments: correct what is available by a difference."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import DryRun, Id
from commerce.inventory import staff_operations
from commerce.inventory.schemas import Adjustment, StockChange

api = admin("inventory:write")


@api.post("/v1/admin/stock/{sku}/adjustments", status=201, replay=staff_operations.stock_change_again)
def adjust_stock(sku: Id, body: Adjustment, dry_run: DryRun = False) -> StockChange:
    return staff_operations.adjust(sku=sku, new=body, call=api.call(), dry_run=dry_run)


handler = api.handler
