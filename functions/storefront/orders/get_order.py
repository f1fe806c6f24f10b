"""GET /v1/orders/{order_id}: an order, for whoever holds its token."""

from commerce.entrypoints.http import storefront
from commerce.entrypoints.params import Id, OrderToken
from commerce.orders import queries
from commerce.orders.schemas import OrderView

api = storefront()


@api.get("/v1/orders/{order_id}")
def get_order(order_id: Id, order_token: OrderToken = "") -> OrderView:
    return queries.order_view(order_id=order_id, token=order_token)


handler = api.handler
