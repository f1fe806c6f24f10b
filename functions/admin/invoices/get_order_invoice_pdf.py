"""GET /v1/admin/orders/{order_id}/invoices/{number}/pdf: the same as a PDF."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.invoices import staff_queries
from commerce.kernel.downloads import Pdf

api = admin("invoices:read")


@api.get("/v1/admin/orders/{order_id}/invoices/{number}/pdf")
def get_order_invoice_pdf(order_id: Id, number: Id) -> Pdf:
    """Answer an invoice or a credit note; the same bytes each time."""
    return staff_queries.order_pdf(order_id=order_id, number=number)


handler = api.handler
