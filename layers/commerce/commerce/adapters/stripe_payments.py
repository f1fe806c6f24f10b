"""Stripe: payment intents, refunds, fees and signed webhooks. The only importer of the stripe SDK.

Every call that changes something carries a key derived from our own stored ids, so that a repeat is the same call.
Answers leave as facts (frozen models of ours), never as Stripe's objects.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

import stripe
from stripe import StripeClient, StripeObject

from commerce.adapters.ssm import secret
from commerce.adapters.stripe_facts import (
    API_VERSION,
    ChargeFacts,
    FeeFacts,
    IntentFacts,
    RefundFacts,
    StripeEvent,
    at_stripe,
)
from commerce.adapters.stripe_http import Urllib3Client
from commerce.kernel import clock
from commerce.kernel.config import settings
from commerce.kernel.errors import CommerceError, Conflict, Malformed, Unavailable
from commerce.kernel.log import logger
from commerce.kernel.money import Money

TIMEOUT_SECONDS = 6.0
NETWORK_RETRIES = 2
TOLERANCE_SECONDS = 300
KEYS_FORGOTTEN_AFTER = timedelta(hours=23)
"""Stripe forgets idempotency keys after 24 hours at the earliest; from then on we look before we create."""

_TIMESTAMP = re.compile(r"(?:^|,)t=(\d{1,12})(?:,|$)")


class ProviderUnavailable(Unavailable):
    code = "payments.provider_unavailable"
    title = "The payment provider does not answer; repeat the request in a moment"


class ProviderRefused(Conflict):
    """Stripe understood the call and says no."""

    code = "payments.provider_refused"
    title = "The payment provider refused this"

    def __init__(self, detail: str = "", *, stripe_code: str = "", intent: IntentFacts | None = None) -> None:
        super().__init__(detail)
        self.stripe_code = stripe_code
        self.intent = intent


class OutcomeUnknown(ProviderUnavailable):
    """Stripe recorded a failure under our key and repeats it: only a look at Stripe's own list tells what happened."""

    code = "payments.outcome_unknown"


class BadSignature(Malformed):
    """The webhook did not come from Stripe, or not lately."""

    code = "webhooks.bad_signature"
    title = "The Stripe-Signature header does not fit the body"


@lru_cache(maxsize=2)
def _client(key: str, base: str) -> StripeClient:
    return StripeClient(
        key,
        stripe_version=API_VERSION,
        base_addresses={"api": base} if base else None,
        max_network_retries=NETWORK_RETRIES,
        http_client=http_client(),
    )


@lru_cache(maxsize=1)
def http_client() -> Urllib3Client:
    """Return the process's one HTTP client for Stripe; it keeps its connection open between calls."""
    return Urllib3Client(timeout_seconds=TIMEOUT_SECONDS)


def client() -> StripeClient:
    """Return Stripe's client for the key in force."""
    return _client(secret(settings().stripe_secret_key_name), settings().stripe_api_base)


def is_live() -> bool:
    """Tell whether the secret key in force moves real money."""
    return "_live_" in secret(settings().stripe_secret_key_name)


def create_intent(
    *,
    key: str,
    amount: Money,
    capture_method: Literal["automatic", "manual"],
    metadata: Mapping[str, str],
    description: str,
    method: str | None = None,
) -> IntentFacts:
    """Create a PaymentIntent, or get the one that `key` created before.

    :param method: the only type of payment method that can pay; None: all that the merchant enabled.
    """
    params: Any = {
        "amount": _counted(amount),
        "currency": amount.currency.lower(),
        "capture_method": CAPTURE_METHODS[capture_method],
        "automatic_payment_methods": {"enabled": True},
        "metadata": dict(metadata),
        "description": description,
    }
    if method is not None:
        params["allowed_payment_method_types"] = [method]
    elif not settings().allow_slow_payments:
        params["excluded_payment_method_types"] = list(SLOW_METHODS)
    with _translated():
        return _intent(client().v1.payment_intents.create(params, {"idempotency_key": key}))


CAPTURE_METHODS = {"automatic": "automatic_async", "manual": "manual"}
"""Asynchronous capture answers the shopper sooner; the fee then comes with `charge.updated`
(https://docs.stripe.com/payments/payment-intents/asynchronous-capture)."""

SLOW_METHODS = ("us_bank_account", "sepa_debit", "bacs_debit", "au_becs_debit", "acss_debit", "customer_balance")
"""Methods that take days to succeed; they hold stock that long, so a merchant opts in."""


def retrieve_intent(*, intent_id: str) -> IntentFacts:
    """Return what Stripe knows of a PaymentIntent now."""
    with _translated():
        return _intent(client().v1.payment_intents.retrieve(intent_id))


def find_intent(*, order_id: str, created_after: datetime) -> IntentFacts | None:
    """Look for the order's PaymentIntent in Stripe's list, which is up to date where its search is not."""
    with _translated():
        pages = client().v1.payment_intents.list(
            {"created": {"gte": clock.epoch(created_after) - TOLERANCE_SECONDS}, "limit": 100}
        )
        for intent in pages.auto_paging_iter():
            if _metadata(intent).get("order_id") == order_id:
                return _intent(intent)
    return None


def authorization_ends(*, charge_id: str) -> datetime | None:
    """Return until when an authorized charge can be captured."""
    with _translated():
        charge = ChargeFacts.model_validate(client().v1.charges.retrieve(charge_id).to_dict())
    return clock.from_epoch(charge.capture_before) if charge.capture_before is not None else None


def cancel_intent(*, intent_id: str, key: str, wanted: bool) -> IntentFacts:
    """Cancel a PaymentIntent and return what it is then: obey its status, it may have succeeded first.

    :param wanted: somebody asked for it; otherwise time is up. Stripe's events tell which, so that whoever hears of
        it first closes the order in the same words.
    """
    try:
        with _translated():
            return _intent(
                client().v1.payment_intents.cancel(
                    intent_id,
                    {"cancellation_reason": "requested_by_customer" if wanted else "abandoned"},
                    {"idempotency_key": f"{key}:wanted" if wanted else key},
                )
            )
    except ProviderRefused:
        return retrieve_intent(intent_id=intent_id)


def capture_intent(*, intent_id: str, amount: Money, key: str) -> IntentFacts:
    """Capture an authorized PaymentIntent and return what it is then."""
    try:
        with _translated():
            return _intent(
                client().v1.payment_intents.capture(
                    intent_id, {"amount_to_capture": _counted(amount)}, {"idempotency_key": key}
                )
            )
    except ProviderRefused:
        return retrieve_intent(intent_id=intent_id)


def create_refund(*, intent_id: str, amount: Money, key: str, metadata: Mapping[str, str]) -> RefundFacts:
    """Refund a part of a captured PaymentIntent, or get the refund that `key` created before."""
    with _translated():
        return _refund(
            client().v1.refunds.create(
                {
                    "payment_intent": intent_id,
                    "amount": _counted(amount),
                    "reason": "requested_by_customer",
                    "metadata": dict(metadata),
                },
                {"idempotency_key": key},
            )
        )


def _counted(amount: Money) -> int:
    """Return an amount as Stripe counts it.

    :raises ProviderRefused: for one that Stripe has no number for.
    """
    try:
        return at_stripe(amount)
    except ValueError as error:
        raise ProviderRefused(str(error)) from error


def refunds_of(*, intent_id: str) -> list[RefundFacts]:
    """Return all refunds of a PaymentIntent, whoever made them."""
    with _translated():
        pages = client().v1.refunds.list({"payment_intent": intent_id, "limit": 100})
        return [_refund(refund) for refund in pages.auto_paging_iter()]


def fee(*, balance_transaction_id: str) -> FeeFacts:
    """Return what Stripe took for a charge."""
    with _translated():
        taken = client().v1.balance_transactions.retrieve(balance_transaction_id)
        return FeeFacts.model_validate(taken.to_dict())


def undelivered_events(*, since: datetime, types: tuple[str, ...]) -> list[StripeEvent]:
    """Return the events that Stripe could not deliver to our webhook since a moment, oldest first."""
    with _translated():
        pages = client().v1.events.list(
            {"created": {"gte": clock.epoch(since)}, "types": list(types), "delivery_success": False, "limit": 100}
        )
        events = [StripeEvent.model_validate(event.to_dict()) for event in pages.auto_paging_iter()]
    return events[::-1]


def verify_webhook(*, payload: bytes, signature: str, now: datetime) -> None:
    """Check that Stripe signed these bytes within five minutes of our clock.

    :raises BadSignature: for everything else; the library's parser raises more kinds of errors than it documents.
    """
    secrets = [part.strip() for part in secret(settings().stripe_webhook_secret_name).split(",") if part.strip()]
    if not secrets:
        detail = "The webhook secret is empty."
        raise Unavailable(detail)
    stamped = _TIMESTAMP.search(signature)
    if stamped is None or abs(clock.epoch(now) - int(stamped.group(1))) > TOLERANCE_SECONDS:
        raise BadSignature
    if not any(_fits(payload, signature, candidate) for candidate in secrets):
        raise BadSignature


def _fits(payload: bytes, signature: str, webhook_secret: str) -> bool:
    try:
        # Freshness is measured on our own clock above, so the library looks at the signature alone.
        return bool(stripe.WebhookSignature.verify_header(payload, signature, webhook_secret, tolerance=None))
    except (stripe.SignatureVerificationError, ValueError, IndexError, TypeError):
        return False


def _metadata(thing: StripeObject) -> dict[str, str]:
    metadata = thing.to_dict().get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _intent(intent: StripeObject) -> IntentFacts:
    return IntentFacts.model_validate(intent.to_dict())


def _refund(refund: StripeObject) -> RefundFacts:
    return RefundFacts.model_validate(refund.to_dict())


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the SDK's errors into ours, without a word of Stripe's message in what callers read."""
    try:
        yield
    except stripe.APIConnectionError as error:
        raise ProviderUnavailable from error
    except stripe.RateLimitError as error:
        raise ProviderUnavailable(retry_after_seconds=2) from error
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        logger.warning("stripe refused", stripe_code=error.code, stripe_request=error.request_id)
        detail = f"The payment provider refused this ({error.code or 'no reason given'})."
        raise ProviderRefused(detail, stripe_code=error.code or "") from error
    except stripe.StripeError as error:
        logger.warning("stripe failed", stripe_code=error.code, stripe_request=error.request_id)
        raise _failure(error) from error


def _failure(error: stripe.StripeError) -> CommerceError:
    headers: Mapping[str, Any] = error.headers or {}
    replayed = {name.lower(): value for name, value in headers.items()}.get("idempotent-replayed")
    return OutcomeUnknown() if replayed == "true" else ProviderUnavailable()
