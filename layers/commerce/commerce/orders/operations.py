"""Changes of orders, as writes that the workflows put into their transactions; and order numbers."""

import zlib
from contextlib import suppress

from pynamodb.exceptions import PynamoDBException

from commerce.kernel import clock
from commerce.kernel.call import Call
from commerce.kernel.errors import Unavailable
from commerce.kernel.outbox import announce
from commerce.kernel.transactions import Write, create, put
from commerce.orders.events import OrderEvent
from commerce.orders.model import Fulfillment, Order, OrderDetails
from commerce.orders.records import NumberRow, OrderRow

ATTENTION_SHARDS = 8
NUMBERS_LEASED = 10
FIRST_NUMBER = 1000

_leased: list[int] = []


def next_number() -> str:
    """Return an order number that nobody else has.

    Numbers come in leased blocks, outside of the checkout's transaction, so that no counter is shared by all
    checkouts. A block that is lost with its process, or leased twice by a lost response, leaves a gap: order numbers
    are names, and no legal series.
    """
    with suppress(IndexError):
        return str(_leased.pop())
    row = NumberRow(pk="numbers", sk="orders")
    try:
        row.update([NumberRow.next_number.set((NumberRow.next_number | FIRST_NUMBER) + NUMBERS_LEASED)])
    except PynamoDBException as error:
        raise Unavailable from error
    last = int(row.next_number)
    first = last - NUMBERS_LEASED + 1
    _leased.extend(range(last, first, -1))
    return str(first)


def created(*, order: Order, details: OrderDetails, event: OrderEvent, call: Call) -> list[Write]:
    """Return the writes of a new order."""
    # Each look at the order reads it: what a line does not have takes no room. The rounding mode always stands there.
    document = details.model_dump(mode="json", exclude_defaults=True) | {"rounding_mode": str(details.rounding_mode)}
    frozen = OrderRow(pk=order.id, sk="details", document=document)
    return [create(_row(order)), create(frozen), _announced(event, order, call)]


def changed(*, before: Order, after: Order, event: OrderEvent, call: Call) -> tuple[Order, list[Write]]:
    """Return the order at its next version, and the writes that store and announce it if nobody else changed it."""
    stored = after.model_copy(update={"version": before.version + 1})
    write = put(_row(stored), condition=OrderRow.version == before.version)
    return stored, [write, _announced(event, stored, call)]


def fulfillment_added(*, order_id: str, fulfillment: Fulfillment) -> Write:
    """Return the write that stores a parcel."""
    document = fulfillment.model_dump(mode="json")
    return create(OrderRow(pk=order_id, sk=f"fulfillment#{fulfillment.id}", document=document))


def shard_of(order_id: str) -> int:
    """Return which part of the sweeper's index an order stands in."""
    return zlib.crc32(order_id.encode()) % ATTENTION_SHARDS


def _announced(event: OrderEvent, order: Order, call: Call) -> Write:
    return announce(event, aggregate=f"order#{order.id}", sequence=order.version, call=call)


def _row(order: Order) -> OrderRow:
    waits = order.attention_at is not None
    return OrderRow(
        pk=order.id,
        sk="order",
        version=order.version,
        document=order.model_dump(mode="json"),
        gsi1pk=f"orders#{order.status}",
        gsi1sk=f"{clock.text(order.created_at)}#{order.id}",
        gsi2pk=f"attention#{shard_of(order.id)}" if waits else None,
        gsi2sk=clock.text(order.attention_at) if order.attention_at is not None else None,
    )
