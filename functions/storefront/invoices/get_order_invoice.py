"""GET /v1/orders/{order_id}/invoices/{number}: an invoice or a credit note, for whoever holds the order's token."""

from commerce.entrypoints.http import storefront
from commerce.entrypoints.params import Id, OrderToken
from commerce.invoices import queries
from commerce.invoices.schemas import InvoiceView

api = storefront()


@api.get("/v1/orders/{order_id}/invoices/{number}")
def get_order_invoice(order_id: Id, number: Id, order_token: OrderToken = "") -> InvoiceView:
    return queries.shoppers_invoice(order_id=order_id, number=number, token=order_token)


handler = api.handler
