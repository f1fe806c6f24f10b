"""GET /v1/orders/{order_id}/invoices/{number}/pdf: the same as a PDF."""

from commerce.entrypoints.http import storefront
from commerce.entrypoints.params import Id, OrderToken
from commerce.invoices import queries
from commerce.kernel.downloads import Pdf

api = storefront()


@api.get("/v1/orders/{order_id}/invoices/{number}/pdf")
def get_order_invoice_pdf(order_id: Id, number: Id, order_token: OrderToken = "") -> Pdf:
    """Answer an invoice or a credit note, to whoever holds the order's token; the same bytes each time."""
    return queries.shoppers_pdf(order_id=order_id, number=number, token=order_token)


handler = api.handler
