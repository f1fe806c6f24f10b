"""How orders look from outside."""

from typing import Any, Self

from pydantic import Field

from commerce.customers.model import PostalAddress
from commerce.kernel.money import Money
from commerce.kernel.schema import Handle, Input, Instant, Line, OptionalLine, Output
from commerce.orders.model import (
    ChosenShipping,
    Fulfillment,
    FulfillmentStatus,
    Order,
    OrderDetails,
    OrderLine,
    OrderStatus,
)
from commerce.payments.model import PaymentStatus
from commerce.pricing.model import Totals


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


class OrderView(Output):
    """An order as its shopper sees it."""

    id: str
    number: str
    cart_id: str
    status: OrderStatus
    payment_status: PaymentStatus
    fulfillment_status: FulfillmentStatus
    email: str
    lines: tuple[OrderLine, ...]
    totals: Totals
    shipping: ChosenShipping | None
    shipping_address: PostalAddress | None
    billing_address: PostalAddress | None
    fulfillments: tuple[Fulfillment, ...]
    hold_expires_at: Instant
    created_at: Instant
    placed_at: Instant | None
    closed_at: Instant | None
    version: int

    @classmethod
    def of(cls, order: Order, details: OrderDetails, fulfillments: tuple[Fulfillment, ...] = ()) -> Self:
        """Return how an order looks to its shopper."""
        return cls(
            id=order.id,
            number=order.number,
            cart_id=order.cart_id,
            status=order.status,
            payment_status=order.payment_status,
            fulfillment_status=order.fulfillment_status,
            email=order.email,
            lines=details.lines,
            totals=order.totals,
            shipping=details.shipping,
            shipping_address=details.shipping_address,
            billing_address=details.billing_address,
            fulfillments=fulfillments,
            hold_expires_at=order.hold_expires_at,
            created_at=order.created_at,
            placed_at=order.placed_at,
            closed_at=order.closed_at,
            version=order.version,
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
