"""GET /v1/admin/orders/{order_id}/invoices/{number}: an invoice or a credit note."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.invoices import staff_queries
from commerce.invoices.schemas import InvoiceView

api = admin("invoices:read")


@api.get("/v1/admin/orders/{order_id}/invoices/{number}")
def get_order_invoice(order_id: Id, number: Id) -> InvoiceView:
    return staff_queries.order_invoice(order_id=order_id, number=number)


handler = api.handler
