"""What we read from Stripe's objects, and nothing more. Importing this does not import the stripe SDK.

Field names are Stripe's (https://docs.stripe.com/api). Unknown fields are ignored: Stripe adds some at any time.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

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


class Facts(BaseModel):
    """A part of one of Stripe's objects."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class PaymentError(Facts):
    """Why the last attempt to pay failed."""

    code: str | None = None
    decline_code: str | None = None
    charge: Reference = None


class IntentFacts(Facts):
    """A PaymentIntent. `client_secret` must never be logged or stored."""

    id: str
    amount: int
    amount_received: int = 0
    amount_capturable: int = 0
    currency: Currency
    livemode: bool
    status: IntentStatus
    capture_method: str = "automatic"
    client_secret: str | None = Field(None, repr=False)
    latest_charge: Reference = None
    last_payment_error: PaymentError | None = None
    cancellation_reason: str | None = None
    metadata: Metadata = {}

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
