"""How orders look to staff, and what staff ask of them."""

from typing import Any, Self

from pydantic import Field

from commerce.kernel.money import Money
from commerce.kernel.schema import Handle, Input, Instant, Line, OptionalLine, Output
from commerce.orders.model import (
    FulfillmentStatus,
    Order,
    OrderStatus,
)
from commerce.payments.model import PaymentStatus


class OrderSummary(Output):
    """An order in a list."""

    id: str
    number: str
    status: OrderStatus
    payment_status: PaymentStatus
    fulfillment_status: FulfillmentStatus
    email: str
    item_count: int
    total: Money
    created_at: Instant
    placed_at: Instant | None

    @classmethod
    def of(cls, order: Order) -> Self:
        """Return how an order looks in a list."""
        return cls(
            id=order.id,
            number=order.number,
            status=order.status,
            payment_status=order.payment_status,
            fulfillment_status=order.fulfillment_status,
            email=order.email,
            item_count=order.item_count,
            total=order.totals.total,
            created_at=order.created_at,
            placed_at=order.placed_at,
        )


class TimelineEntry(Output):
    """Something that happened to the order."""

    sequence: int
    type: str
    at: Instant
    actor: str
    data: dict[str, Any]


class DispatchLine(Input):
    """Units of one SKU that go into a parcel."""

    sku: Handle
    quantity: int = Field(ge=1, le=9999)


class NewFulfillment(Input):
    """A parcel that leaves; without `lines` everything that is left."""

    lines: list[DispatchLine] | None = Field(None, min_length=1, max_length=50)
    carrier: OptionalLine | None = None
    tracking_number: OptionalLine | None = None


class NewRefund(Input):
    """Money that goes back; without `amount` everything that can."""

    amount: Money | None = None
    reason: Line


class NewCancellation(Input):
    """Why the order is canceled, and what goes back: without `refund_amount` everything that was paid."""

    reason: Line = "canceled by the shop"
    refund_amount: Money | None = None
