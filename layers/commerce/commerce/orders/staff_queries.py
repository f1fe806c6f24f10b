"""Staff's questions about orders."""

from commerce.adapters.ssm import signing_keys
from commerce.kernel import clock
from commerce.kernel.call import Call
from commerce.kernel.paging import Page, cut, opened, sealed
from commerce.kernel.reads import listed
from commerce.orders.model import Order, OrderStatus
from commerce.orders.records import OrderRow
from commerce.orders.staff_schemas import OrderSummary


def summaries(*, status: OrderStatus, limit: int, cursor: str | None, call: Call) -> Page[OrderSummary]:
    """Return the orders of one status, newest first."""
    scope, keys = f"orders {call.actor} {status}", signing_keys()
    position = opened(cursor, scope=scope, keys=keys) if cursor else None
    found = OrderRow.by_status.query(
        f"orders#{status}",
        OrderRow.gsi1sk < position if position else None,
        scan_index_forward=False,
        limit=limit + 1,
    )
    return cut(
        (Order.model_validate(row.document) for row in listed(found)),
        limit=limit,
        shown=OrderSummary.of,
        cursor=lambda order: sealed(f"{clock.text(order.created_at)}#{order.id}", scope=scope, keys=keys),
    )
