"""What we read from Stripe's objects, and nothing more. Importing this does not import the stripe SDK.

Field names are Stripe's (https://docs.stripe.com/api). Unknown fields are ignored: Stripe adds some at any time.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from commerce.kernel.money import Money

API_VERSION = "2026-10-28.endive"
"""The version that our requests ask for; the webhook endpoint is pinned to the same."""

IntentStatus = Literal[
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "processing",
    "requires_capture",
    "succeeded",
    "canceled",
]
RefundStatus = Literal["pending", "requires_action", "succeeded", "failed", "canceled"]


def _id_of(value: Any) -> Any:
    """Return the id of a reference, whether Stripe expanded it or not."""
    return value.get("id") if isinstance(value, dict) else value


def _no_nulls(value: Any) -> Any:
    return {} if value is None else value


Reference = Annotated[str | None, BeforeValidator(_id_of)]
Metadata = Annotated[dict[str, str], BeforeValidator(_no_nulls)]
Currency = Annotated[str, BeforeValidator(lambda value: value.upper() if isinstance(value, str) else value)]


HUNDREDFOLD = frozenset({"ISK", "UGX"})
"""Currencies without minor units that Stripe counts in hundredths all the same
(https://docs.stripe.com/currencies#special-cases)."""

HUNDREDTHS = frozenset({"MGA"})
"""Currencies that have two decimal places in ISO 4217 and none at Stripe
(https://docs.stripe.com/currencies#zero-decimal): our 100 is Stripe's 1."""


def at_stripe(money: Money) -> int:
    """Return an amount as Stripe counts it.

    :raises ValueError: for an amount that Stripe has no number for.
    """
    if money.currency in HUNDREDTHS:
        whole, rest = divmod(money.amount, 100)
        if rest:
            message = f"{money} cannot be told to Stripe: in {money.currency} the last two digits must be 0."
            raise ValueError(message)
        return whole
    return money.amount * 100 if money.currency in HUNDREDFOLD else money.amount


class Facts(BaseModel):
    """A part of one of Stripe's objects. Amounts are in our minor units, whatever Stripe counts in."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    amounts: ClassVar[tuple[str, ...]] = ("amount",)

    @model_validator(mode="before")
    @classmethod
    def _in_our_units(cls, stripes: Any) -> Any:
        currency = str(stripes.get("currency", "")).upper() if isinstance(stripes, dict) else ""
        if not isinstance(stripes, dict) or currency not in HUNDREDFOLD | HUNDREDTHS:
            return stripes
        told = {name: stripes[name] for name in cls.amounts if isinstance(stripes.get(name), int)}
        ours = {name: amount // 100 if currency in HUNDREDFOLD else amount * 100 for name, amount in told.items()}
        return stripes | ours


class PaymentError(Facts):
    """Why the last attempt to pay failed."""

    code: str | None = None
    decline_code: str | None = None
    charge: Reference = None


class IntentFacts(Facts):
    """A PaymentIntent. `client_secret` must never be logged or stored."""

    amounts: ClassVar[tuple[str, ...]] = ("amount", "amount_received", "amount_capturable")

    id: str
    amount: int
    amount_received: int = 0
    amount_capturable: int = 0
    currency: Currency
    livemode: bool
    event_livemode: bool | None = Field(None, description="The live mode of the event that told of it.")
    status: IntentStatus
    capture_method: str = "automatic"
    client_secret: str | None = Field(None, repr=False)
    latest_charge: Reference = None
    last_payment_error: PaymentError | None = None
    cancellation_reason: str | None = None
    metadata: Metadata = {}

    @property
    def money(self) -> Money:
        """Return what arrived, or what is set aside at the shopper's bank."""
        return Money(amount=self.amount_received or self.amount_capturable, currency=self.currency)

    @property
    def was_wanted_canceled(self) -> bool:
        """Tell whether somebody asked for the cancellation, rather than that time was up."""
        return self.status == "canceled" and self.cancellation_reason == "requested_by_customer"

    @property
    def order_id(self) -> str | None:
        """Return the order that we made this intent for."""
        return self.metadata.get("order_id")


class RefundFacts(Facts):
    """A Refund."""

    id: str
    amount: int
    currency: Currency
    status: RefundStatus | None = "pending"
    payment_intent: Reference = None
    charge: Reference = None
    failure_reason: str | None = None
    metadata: Metadata = {}


class CaptureDetails(Facts):
    """When an authorization ends."""

    capture_before: int | None = None


class MethodDetails(Facts):
    """The card's part of a charge's payment method."""

    card: CaptureDetails | None = None


class ChargeFacts(Facts):
    """A Charge."""

    amounts: ClassVar[tuple[str, ...]] = ("amount", "amount_captured", "amount_refunded")

    id: str
    amount: int
    amount_captured: int = 0
    amount_refunded: int = 0
    currency: Currency
    livemode: bool
    payment_intent: Reference = None
    balance_transaction: Reference = None
    payment_method_details: MethodDetails | None = None

    @property
    def capture_before(self) -> int | None:
        """Return when the authorization ends, in seconds since 1970."""
        card = self.payment_method_details.card if self.payment_method_details else None
        return card.capture_before if card else None


class DisputeFacts(Facts):
    """A Dispute."""

    id: str
    amount: int
    currency: Currency
    livemode: bool
    status: str
    reason: str = "general"
    payment_intent: Reference = None
    charge: Reference = None


class FeeFacts(Facts):
    """What Stripe took: a balance transaction."""

    amounts: ClassVar[tuple[str, ...]] = ("fee",)

    id: str
    fee: int
    currency: Currency


class EventData(Facts):
    """The object that an event tells of, as it was when the event was made."""

    object: dict[str, Any]


class StripeEvent(Facts):
    """An Event, as webhooks and the events list carry it."""

    id: str
    type: str
    livemode: bool
    created: int = 0
    api_version: str | None = None
    data: EventData
