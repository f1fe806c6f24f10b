"""POST /v1/admin/orders/{order_id}/invoices: issue the invoice and the credit notes that a placed order lacks."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.invoices import staff_operations
from commerce.invoices.schemas import InvoiceList

api = admin("invoices:write")


@api.post("/v1/admin/orders/{order_id}/invoices", replay=staff_operations.issued_again)
def issue_order_invoices(order_id: Id) -> InvoiceList:
    """Orders get them by themselves; this is for those that are not paid yet, or came before the shop invoiced."""
    return staff_operations.issue_for_order(order_id=order_id, call=api.call())


handler = api.handler
