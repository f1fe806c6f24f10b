"""What staff ask of an order that was checked out, and what they are answered."""

from typing import Literal, Self

from pydantic import Field

from commerce.kernel.money import Money
from commerce.kernel.rounding import Rounding
from commerce.kernel.schema import Input, Instant, Output
from commerce.orders.model import Allocated, AllocatedBy
from commerce.orders.schemas import OrderView
from commerce.orders.staff_schemas import TimelineEntry
from commerce.payments.model import Dispute, Payment, Refund
from commerce.taxes.schemas import TaxIdCheck


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
    by_cards: Money = Field(description="What gift cards and store credit paid.")
    returned_to_cards: Money = Field(description="What refunds gave back of it.")
    refundable: Money = Field(description="At the payment provider and onto cards, together.")
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
            by_cards=payment.money(payment.by_cards),
            returned_to_cards=payment.money(payment.returned_to_cards),
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
    allocations: tuple[Allocated, ...] = Field(description="Which locations its units come from.")
    allocated_by: AllocatedBy | None = Field(description="Why from there; null where there was no choice.")
    tax_id_check: TaxIdCheck | None = Field(description="What was known of the business's number when it ordered.")
    rounding_mode: Rounding = Field(description="What became of fractions of a minor unit when it was ordered.")


class RefundAnswer(Output):
    """A refund and the order after it. `dry_run` says that nothing was changed."""

    refund: Refund
    tax: Money = Field(description="How much of the refund is tax, in proportion; those of all refunds add up exactly.")
    order: StaffOrder
    dry_run: bool


class CancellationAnswer(Output):
    """The order after a cancellation, and the refund that goes with it."""

    order: StaffOrder
    refund: Refund | None
    dry_run: bool


class ReviewResolution(Input):
    """What was done about parked money."""

    note: str = Field(min_length=1, max_length=1000)
