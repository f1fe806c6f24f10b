"""PUT /v1/admin/invoicing: say who sells, and how invoices are numbered."""

from commerce.entrypoints.http import admin
from commerce.invoices import staff_operations
from commerce.invoices.staff_schemas import InvoicingView, PutInvoicing

api = admin("invoices:write")


@api.put("/v1/admin/invoicing", replay=staff_operations.invoicing_put_again, takes_if_match=True)
def put_invoicing(body: PutInvoicing) -> InvoicingView:
    """Nothing is issued before this was called once. What was issued stays as it is."""
    return staff_operations.put_invoicing(new=body, call=api.call())


handler = api.handler
