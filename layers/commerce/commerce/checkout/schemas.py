"""What checkout is asked and answers."""

from typing import Literal, Self

from pydantic import Field, PrivateAttr

from commerce.kernel.money import Money
from commerce.kernel.schema import Input, Instant, Output
from commerce.orders.schemas import OrderView, TimelineEntry
from commerce.payments.model import Dispute, Payment, Refund


class NewCheckout(Input):
    """What the shopper agreed to pay; the checkout refuses to charge anything else."""

    expected_total: Money = Field(description="`totals.total` of the cart as the shopper saw it.")
    pricing_hash: str | None = Field(
        None, max_length=128, description="`pricing_hash` of the cart; when given, every part of the price must match."
    )


class PaymentInstructions(Output):
    """What the shopper's browser needs to pay."""

    provider: Literal["stripe"] = "stripe"
    intent_id: str
    client_secret: str = Field(repr=False)
    publishable_key: str


class CheckoutAnswer(Output):
    """The order, the token that opens it, and how to pay it; `payment` is null when nothing is to be paid now."""

    order: OrderView
    order_token: str = Field(repr=False, description="Send it as `Order-Token` to read the order.")
    payment: PaymentInstructions | None
    hold_expires_at: Instant
    _existed: bool = PrivateAttr(default=False)

    @property
    def existed(self) -> bool:
        """Tell whether the order had been made before this call."""
        return self._existed

    def as_existing(self) -> Self:
        """Return the answer marked as one of an order that was there."""
        self._existed = True
        return self


class PaymentView(Output):
    """What is stored of an order's money, for staff."""

    provider: Literal["stripe", "none"]
    intent_id: str | None
    due: Money
    authorized: Money
    captured: Money
    refunded: Money
    refund_pending: Money
    disputed: Money
    refundable: Money
    fee: Money | None
    capture_before: Instant | None
    declines: int
    reviews_open: int

    @classmethod
    def of(cls, payment: Payment) -> Self:
        """Return how a payment looks to staff."""
        fee = None
        if payment.fee is not None and payment.fee_currency is not None:
            fee = Money(amount=payment.fee, currency=payment.fee_currency)
        return cls(
            provider=payment.provider,
            intent_id=payment.intent_id,
            due=payment.money(payment.due),
            authorized=payment.money(payment.authorized),
            captured=payment.money(payment.captured),
            refunded=payment.money(payment.refunded),
            refund_pending=payment.money(payment.refund_pending),
            disputed=payment.money(payment.disputed),
            refundable=payment.money(payment.refundable),
            fee=fee,
            capture_before=payment.capture_before,
            declines=payment.declines,
            reviews_open=payment.reviews_open,
        )


class StaffOrder(OrderView):
    """An order as staff see it: with its money and its timeline."""

    payment: PaymentView
    refunds: tuple[Refund, ...]
    disputes: tuple[Dispute, ...]
    timeline: tuple[TimelineEntry, ...]


class RefundAnswer(Output):
    """A refund and the order after it. `dry_run` says that nothing was changed."""

    refund: Refund
    order: StaffOrder
    dry_run: bool


class CancellationAnswer(Output):
    """The order after a cancellation, and the refund that goes with it."""

    order: StaffOrder
    refund: Refund | None
    dry_run: bool


class WebhookReceipt(Output):
    """The event is durable."""

    received: Literal[True] = True


class ReviewResolution(Input):
    """What was done about parked money."""

    note: str = Field(min_length=1, max_length=1000)
