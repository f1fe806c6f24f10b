"""What is stored of a payment: amounts, and the status that they project to. Pure: no I/O, no clock."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import Field

from commerce.kernel.errors import Conflict
from commerce.kernel.money import Money
from commerce.kernel.schema import Instant, Output


class PaymentStatus(StrEnum):
    """In order of precedence: the first that holds is the payment's status."""

    REVIEW = "review"
    DISPUTED = "disputed"
    REFUNDED = "refunded"
    PARTIALLY_REFUNDED = "partially_refunded"
    PAID = "paid"
    PARTIALLY_PAID = "partially_paid"
    AUTHORIZED = "authorized"
    PROCESSING = "processing"
    CANCELED = "canceled"
    PENDING = "pending"


class RefundTooLarge(Conflict):
    code = "payments.refund_too_large"
    title = "This is more than can be refunded"


class Payment(Output, extra="ignore"):
    """The payment of one order. Amounts are minor units of `currency`.

    :ivar method: Stripe's type of payment method that alone can pay; None: any.
    """

    order_id: str
    provider: Literal["stripe", "none"]
    due: int = Field(ge=0)
    currency: str
    livemode: bool
    capture_method: Literal["automatic", "manual"]
    method: str | None = None
    attempt: int = 1
    intent_id: str | None = None
    charge_id: str | None = None
    authorized: int = Field(0, ge=0)
    captured: int = Field(0, ge=0)
    refunded: int = Field(0, ge=0)
    refund_pending: int = Field(0, ge=0)
    disputed: int = Field(0, ge=0)
    processing: bool = False
    canceled: bool = False
    declines: int = 0
    declined_charge: str | None = None
    fee: int | None = None
    fee_currency: str | None = None
    capture_before: Instant | None = None
    processing_until: Instant | None = None
    reviews_open: int = Field(0, ge=0)
    version: int = 1

    @property
    def status(self) -> PaymentStatus:
        """Return what the amounts say, by precedence."""
        holds = {
            PaymentStatus.REVIEW: self.reviews_open > 0,
            PaymentStatus.DISPUTED: self.disputed > 0,
            PaymentStatus.REFUNDED: 0 < self.captured <= self.refunded,
            PaymentStatus.PARTIALLY_REFUNDED: self.refunded > 0,
            PaymentStatus.PAID: self.captured >= self.due,
            PaymentStatus.PARTIALLY_PAID: self.captured > 0,
            PaymentStatus.AUTHORIZED: self.authorized > 0,
            PaymentStatus.PROCESSING: self.processing,
            PaymentStatus.CANCELED: self.canceled,
        }
        return next((status for status, held in holds.items() if held), PaymentStatus.PENDING)

    @property
    def refundable(self) -> int:
        """Return what is captured and neither refunded, on its way back, nor disputed."""
        return max(0, self.captured - self.refunded - self.refund_pending - self.disputed)

    def money(self, amount: int) -> Money:
        """Return an amount of this payment's currency."""
        return Money(amount=amount, currency=self.currency)

    def with_refund_requested(self, amount: int) -> Self:
        """Set an amount aside for a refund of ours.

        :raises RefundTooLarge: when it is more than can be refunded.
        """
        if amount > self.refundable:
            detail = f"{self.money(amount)} is more than the {self.money(self.refundable)} that can be refunded."
            raise RefundTooLarge(detail)
        return self.model_copy(update={"refund_pending": self.refund_pending + amount})


class RefundState(StrEnum):
    """requested (by us, not yet at Stripe) -> pending -> succeeded | failed | canceled; succeeded -> failed."""

    REQUESTED = "requested"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class RefundOrigin(StrEnum):
    """Who wanted the refund."""

    STAFF = "staff"
    CANCELLATION = "cancellation"
    LATE_MONEY = "late_money"
    PROVIDER = "provider"


OUTSTANDING = frozenset({RefundState.REQUESTED, RefundState.PENDING})
LOST = frozenset({RefundState.FAILED, RefundState.CANCELED})


class Refund(Output, extra="ignore"):
    """Money on its way back. Refunds that staff made at Stripe itself have Stripe's id as their own."""

    id: str
    order_id: str
    amount: Money
    reason: str
    origin: RefundOrigin
    state: RefundState
    provider_id: str | None = None
    failure_reason: str | None = None
    requested_by: str
    created_at: Instant
    updated_at: Instant
    version: int = 1


def moved(payment: Payment, *, amount: int, before: RefundState | None, after: RefundState) -> Payment:
    """Return the payment after a refund went from one state to another; `None`: it was not known before."""
    pending, refunded = payment.refund_pending, payment.refunded
    if before in OUTSTANDING:
        pending -= amount
    elif before is RefundState.SUCCEEDED:
        refunded -= amount
    if after in OUTSTANDING:
        pending += amount
    elif after is RefundState.SUCCEEDED:
        refunded += amount
    return payment.model_copy(update={"refund_pending": pending, "refunded": refunded})


def may_follow(before: RefundState | None, after: RefundState) -> bool:
    """Tell whether Stripe's answer is news, in whatever order its events come.

    A failure is final: Stripe does not revive a refund, so a late `succeeded` snapshot is older than the failure.
    """
    order = [None, RefundState.REQUESTED, RefundState.PENDING, RefundState.SUCCEEDED]
    if before in LOST:
        return False
    if after in LOST:
        return True
    return order.index(after) > order.index(before)


class Dispute(Output, extra="ignore"):
    """A shopper asked their bank for the money back."""

    id: str
    order_id: str
    amount: Money
    reason: str
    status: Literal["open", "won", "lost"]
    created_at: Instant
    updated_at: Instant


class ReviewKind(StrEnum):
    """Why a person must look."""

    AMOUNT_MISMATCH = "amount_mismatch"
    LIVEMODE_MISMATCH = "livemode_mismatch"
    UNKNOWN_ORDER = "unknown_order"
    OTHER_INTENT = "other_intent"
    EXCESS_REFUND = "excess_refund"
    REFUND_FAILED = "refund_failed"
    LATE_AUTHORIZATION = "late_authorization"
    DISPUTE_WON = "dispute_won"


class Review(Output, extra="ignore"):
    """Money that does not fit what we stored: parked, told to the merchant, and closed by a person."""

    id: str
    kind: ReviewKind
    order_id: str | None
    intent_id: str | None
    amount: Money | None
    detail: str
    state: Literal["open", "resolved"] = "open"
    note: str | None = None
    resolved_by: str | None = None
    created_at: Instant
    resolved_at: Instant | None = None
    version: int = 1
