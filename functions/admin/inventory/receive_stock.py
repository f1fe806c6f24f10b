"""POST /v1/admin/stock/{sku}/receipts: take in units that arrived."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import DryRun, Id
from commerce.inventory import staff_operations
from commerce.inventory.schemas import Receipt, StockChange

api = admin("inventory:write")


@api.post("/v1/admin/stock/{sku}/receipts", status=201, replay=staff_operations.stock_change_again)
def receive_stock(sku: Id, body: Receipt, dry_run: DryRun = False) -> StockChange:
    return staff_operations.receive(sku=sku, new=body, call=api.call(), dry_run=dry_run)


handler = api.handler
