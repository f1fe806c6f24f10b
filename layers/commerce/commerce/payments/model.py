"""What is stored of a payment: amounts, and the status that they project to. Pure: no I/O, no clock."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, computed_field

from commerce.giftcards.parts import CardPart
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

    What the payment provider has to do with stands apart from what gift cards and store credit paid: `due` is what the
    provider charges, and `authorized`, `captured`, `refunded`, `refund_pending` and `disputed` are of it.

    :ivar by_cards: what cards paid; nothing any more once an unpaid order gave it back.
    :ivar returned_to_cards: what refunds gave back of it.
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
    by_cards: int = Field(0, ge=0)
    returned_to_cards: int = Field(0, ge=0)
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
        arrived, back = self.captured + self.by_cards, self.refunded + self.returned_to_cards
        holds = {
            PaymentStatus.REVIEW: self.reviews_open > 0,
            PaymentStatus.DISPUTED: self.disputed > 0,
            PaymentStatus.REFUNDED: 0 < arrived <= back,
            PaymentStatus.PARTIALLY_REFUNDED: back > 0,
            PaymentStatus.PAID: self.captured >= self.due,
            PaymentStatus.PARTIALLY_PAID: self.captured > 0,
            PaymentStatus.AUTHORIZED: self.authorized > 0,
            PaymentStatus.PROCESSING: self.processing,
            PaymentStatus.CANCELED: self.canceled,
        }
        return next((status for status, held in holds.items() if held), PaymentStatus.PENDING)

    @property
    def refundable(self) -> int:
        """Return what can be refunded: at the payment provider, and onto cards."""
        return self.refundable_at_provider + self.refundable_to_cards

    @property
    def refundable_at_provider(self) -> int:
        """Return what is captured and neither refunded, on its way back, nor disputed."""
        return max(0, self.captured - self.refunded - self.refund_pending - self.disputed)

    @property
    def refundable_to_cards(self) -> int:
        """Return what cards paid and did not get back.

        Nothing before the provider's part has arrived: such an order is canceled, which gives everything back.
        """
        is_paid = self.captured > 0 or self.due == 0
        return self.by_cards - self.returned_to_cards if is_paid else 0

    def money(self, amount: int) -> Money:
        """Return an amount of this payment's currency."""
        return Money(amount=amount, currency=self.currency)

    def with_refund_requested(self, amount: int, *, to_cards: int = 0) -> Self:
        """Set an amount aside for a refund of ours at the provider, and count what goes back onto cards with it.

        :raises RefundTooLarge: when either is more than can be refunded there.
        """
        if amount > self.refundable_at_provider or to_cards > self.refundable_to_cards:
            wanted = self.money(amount + to_cards)
            detail = f"{wanted} is more than the {self.money(self.refundable)} that can be refunded."
            raise RefundTooLarge(detail)
        return self.model_copy(
            update={
                "refund_pending": self.refund_pending + amount,
                "returned_to_cards": self.returned_to_cards + to_cards,
            }
        )


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
    """Money on its way back. Refunds that staff made at Stripe itself have Stripe's id as their own.

    `amount` is all of it. What goes onto gift cards and store credit (`to_cards`) is there from the transaction on that
    set the refund aside, once and for good. The rest (`to_provider`) is Stripe's part, and `state` is its state: when
    it fails, it can be refunded again, and the cards keep theirs. A refund without such a part succeeds at once.
    """

    id: str
    order_id: str
    amount: Money
    to_cards: tuple[CardPart, ...] = ()
    reason: str
    origin: RefundOrigin
    state: RefundState
    provider_id: str | None = None
    failure_reason: str | None = None
    requested_by: str
    created_at: Instant
    updated_at: Instant
    version: int = 1

    @computed_field(description="What the payment provider sends back.")  # type: ignore[prop-decorator]
    @property
    def to_provider(self) -> Money:
        """Return what the payment provider sends back."""
        return self.amount - self.sum_to_cards

    @property
    def sum_to_cards(self) -> Money:
        """Return what goes onto cards, all together."""
        return Money(amount=sum(part.amount.amount for part in self.to_cards), currency=self.amount.currency)


def moved(payment: Payment, *, amount: int, before: RefundState | None, after: RefundState) -> Payment:
    """Return the payment after a refund went from one state to another; `None`: it was not known before.

    :param amount: what the payment provider sends back.
    """
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
