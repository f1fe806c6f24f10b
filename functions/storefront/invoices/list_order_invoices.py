"""GET /v1/orders/{order_id}/invoices: an order's invoice and credit notes, for whoever holds its token."""

from commerce.entrypoints.http import storefront
from commerce.entrypoints.params import Id, OrderToken
from commerce.invoices import queries
from commerce.invoices.schemas import InvoiceList

api = storefront()


@api.get("/v1/orders/{order_id}/invoices")
def list_order_invoices(order_id: Id, order_token: OrderToken = "") -> InvoiceList:
    return queries.shoppers_invoices(order_id=order_id, token=order_token)


handler = api.handler
