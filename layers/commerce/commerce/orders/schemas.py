"""How orders look from outside."""

from typing import Self

from pydantic import Field

from commerce.customers.model import PostalAddress
from commerce.giftcards.parts import CardPart
from commerce.kernel.schema import Instant, Output
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
from commerce.pricing.model import Totals, TriedPromotion
from commerce.taxes.schemas import TaxedLine


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
    promotions: tuple[TriedPromotion, ...]
    shipping: ChosenShipping | None
    shipping_tax: TaxedLine | None
    tax_id: str | None
    gift_cards: tuple[CardPart, ...] = Field(description="What gift cards and store credit paid, in their turn.")
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
            promotions=details.promotions,
            shipping=details.shipping,
            shipping_tax=details.shipping_tax,
            tax_id=details.tax_id,
            gift_cards=details.gift_cards,
            shipping_address=details.shipping_address,
            billing_address=details.billing_address,
            fulfillments=fulfillments,
            hold_expires_at=order.hold_expires_at,
            created_at=order.created_at,
            placed_at=order.placed_at,
            closed_at=order.closed_at,
            version=order.version,
        )
