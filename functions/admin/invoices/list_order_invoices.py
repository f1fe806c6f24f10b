"""GET /v1/admin/orders/{order_id}/invoices: an order's invoice and credit notes."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.invoices import staff_queries
from commerce.invoices.schemas import InvoiceList

api = admin("invoices:read")


@api.get("/v1/admin/orders/{order_id}/invoices")
def list_order_invoices(order_id: Id) -> InvoiceList:
    return staff_queries.order_invoices(order_id=order_id)


handler = api.handler
