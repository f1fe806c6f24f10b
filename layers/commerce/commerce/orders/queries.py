"""Questions about orders."""

from datetime import datetime
from typing import NamedTuple

from commerce.kernel import clock
from commerce.kernel.errors import NotFound
from commerce.kernel.reads import listed
from commerce.orders.model import Fulfillment, Order, OrderDetails
from commerce.orders.records import OrderRow
from commerce.orders.schemas import OrderView
from commerce.orders.tokens import opens


class OrderNotFound(NotFound):
    code = "orders.not_found"
    title = "There is no such order"


class WholeOrder(NamedTuple):
    """An order with what was agreed and what was dispatched."""

    order: Order
    details: OrderDetails
    fulfillments: tuple[Fulfillment, ...]


def whole_order(*, order_id: str) -> WholeOrder:
    """Return an order in one Query.

    :raises OrderNotFound: when there is none.
    """
    rows = {row.sk: row.document for row in listed(OrderRow.query(order_id, consistent_read=True))}
    if "order" not in rows:
        raise OrderNotFound
    return WholeOrder(
        order=Order.model_validate(rows["order"]),
        details=OrderDetails.model_validate(rows["details"]),
        fulfillments=tuple(
            Fulfillment.model_validate(row) for sk, row in rows.items() if sk.startswith("fulfillment#")
        ),
    )


def shoppers_order(*, order_id: str, token: str) -> WholeOrder:
    """Return an order to whoever holds its token.

    :raises OrderNotFound: when there is none, or the token is another's: the two look the same.
    """
    whole = whole_order(order_id=order_id)
    if not opens(whole.order, token):
        raise OrderNotFound
    return whole


def order_view(*, order_id: str, token: str) -> OrderView:
    """Return an order as its shopper sees it.

    :raises OrderNotFound: when there is none, or the token is another's.
    """
    whole = shoppers_order(order_id=order_id, token=token)
    return OrderView.of(whole.order, whole.details, whole.fulfillments)


def waiting(*, shard: int, now: datetime, limit: int) -> list[str]:
    """Return ids of orders in a shard that want the sweeper's attention, the longest waiting first."""
    found = OrderRow.attention.query(f"attention#{shard}", OrderRow.gsi2sk <= clock.text(now), limit=limit)
    return [row.pk for row in listed(found)]
