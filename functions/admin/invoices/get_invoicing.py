"""GET /v1/admin/invoicing: who sells, and how invoices are numbered."""

from commerce.entrypoints.http import admin
from commerce.invoices import staff_queries
from commerce.invoices.staff_schemas import InvoicingView

api = admin("invoices:read")


@api.get("/v1/admin/invoicing")
def get_invoicing() -> InvoicingView:
    return staff_queries.invoicing()


handler = api.handler
