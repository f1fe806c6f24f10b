"""What happens to an order. Each is announced in the transaction of the change; together they are its timeline."""

from typing import ClassVar

from commerce.kernel.money import Money
from commerce.kernel.outbox import Event
from commerce.kernel.schema import Instant


class OrderEvent(Event):
    """What all events of an order carry."""

    type: ClassVar[str] = "orders"

    order_id: str
    number: str


class OrderCreated(OrderEvent):
    """A checkout began: prices are frozen and stock is held."""

    type: ClassVar[str] = "orders.created"

    total: Money
    hold_expires_at: Instant


class PaymentStarted(OrderEvent):
    """The payment provider has a payment intent for the order."""

    type: ClassVar[str] = "orders.payment_started"

    intent_id: str


class PaymentAttemptRenewed(OrderEvent):
    """The payment provider failed for good under one key; the next attempt has a key of its own."""

    type: ClassVar[str] = "orders.payment_attempt_renewed"

    attempt: int


class PaymentDeclined(OrderEvent):
    """An attempt to pay was declined; the shopper may try again."""

    type: ClassVar[str] = "orders.payment_declined"

    decline_code: str | None


class PaymentProcessing(OrderEvent):
    """The payment takes longer; the stock stays held."""

    type: ClassVar[str] = "orders.payment_processing"


class OrderPlaced(OrderEvent):
    """The order is paid, authorized or free, and its stock is taken.

    `paid` and `authorized` are what the payment provider has, `by_cards` what gift cards and store credit paid.
    """

    type: ClassVar[str] = "orders.placed"

    total: Money
    paid: Money
    authorized: Money
    by_cards: Money


class PaymentCaptured(OrderEvent):
    """An authorized payment was captured."""

    type: ClassVar[str] = "orders.payment_captured"

    captured: Money


class OrderExpired(OrderEvent):
    """The hold ended without a payment; the stock is free again."""

    type: ClassVar[str] = "orders.expired"


class OrderCanceled(OrderEvent):
    """The order was canceled; what was not dispatched is free again."""

    type: ClassVar[str] = "orders.canceled"

    reason: str
    refund: Money | None


class CancelRequested(OrderEvent):
    """Staff want to cancel as soon as the payment's outcome is known."""

    type: ClassVar[str] = "orders.cancel_requested"

    reason: str


class LateMoneyArrived(OrderEvent):
    """Money arrived for an order that is closed; it goes back."""

    type: ClassVar[str] = "orders.late_money_arrived"

    amount: Money


class RefundRequested(OrderEvent):
    """A refund was asked of the payment provider; what of it goes to gift cards and store credit is there."""

    type: ClassVar[str] = "orders.refund_requested"

    refund_id: str
    amount: Money
    reason: str


class RefundUpdated(OrderEvent):
    """A refund is on its way, failed, or was made at the provider itself."""

    type: ClassVar[str] = "orders.refund_updated"

    refund_id: str
    amount: Money
    state: str


class OrderRefunded(OrderEvent):
    """Money went back to the shopper: `to_cards` of it onto gift cards and store credit."""

    type: ClassVar[str] = "orders.refunded"

    refund_id: str
    amount: Money
    to_cards: Money


class OrderDisputed(OrderEvent):
    """A shopper's bank wants money back, or decided about it."""

    type: ClassVar[str] = "orders.disputed"

    dispute_id: str
    amount: Money
    status: str


class OrderDispatched(OrderEvent):
    """A parcel left."""

    type: ClassVar[str] = "orders.dispatched"

    fulfillment_id: str
    units: int


class FeeRecorded(OrderEvent):
    """The payment provider told what it took."""

    type: ClassVar[str] = "orders.fee_recorded"

    fee: Money


class ReviewNoted(OrderEvent):
    """Money of this order waits for a person, or no longer does."""

    type: ClassVar[str] = "orders.review_noted"

    review_id: str
    open: bool


class AttentionMoved(OrderEvent):
    """The sweeper looked and found that it must look again later."""

    type: ClassVar[str] = "orders.attention_moved"

    at: Instant | None
