"""What PaymentIntent calls accept, and which payment methods an intent then offers."""

from typing import Any

from local.stripe.errors import invalid_parameter
from local.stripe.ledger import Resource
from local.stripe.parameters import (
    ADDRESS,
    EXPAND,
    MAX_PAGE,
    PAGE,
    SHIPPING,
    Spec,
    boolean,
    clearable,
    descriptor_suffix,
    email,
    integer,
    list_of,
    metadata,
    nested,
    one_of,
    opaque,
    text,
    unsupported,
)

CONFIRM_ONLY = ("error_on_requires_action", "off_session", "return_url")
CARD_DATA = nested(
    {"number": text(30), "exp_month": integer(1, 12), "exp_year": integer(0, 9999), "cvc": text(4)},
    required=("number",),
)
BILLING = nested(
    {
        "address": nested(ADDRESS),
        "email": clearable(text()),
        "name": clearable(text()),
        "phone": clearable(text()),
        "tax_id": clearable(text()),
    },
)
CARD_OPTIONS = nested(
    {
        "capture_method": one_of("manual"),
        "request_three_d_secure": one_of("any", "automatic", "challenge"),
        "setup_future_usage": one_of("none", "on_session", "off_session"),
    },
)
NOT_HERE: Spec = dict.fromkeys(
    (
        "application_fee_amount",
        "confirmation_token",
        "customer",
        "customer_account",
        "hooks",
        "mandate",
        "mandate_data",
        "on_behalf_of",
        "payment_details",
        "payment_method_configuration",
        "transfer_data",
    ),
    unsupported(),
)
SHARED: Spec = {
    **EXPAND,
    "allowed_payment_method_types": list_of(text()),
    "amount_details": opaque(),
    "capture_method": one_of("automatic", "automatic_async", "manual"),
    "excluded_payment_method_types": clearable(list_of(text())),
    "payment_method": text(),
    "payment_method_data": nested(
        {
            "type": one_of("card"),
            "card": CARD_DATA,
            "billing_details": BILLING,
            "allow_redisplay": text(),
            "metadata": metadata(),
        },
        required=("type", "card"),
    ),
    "payment_method_options": nested({"card": CARD_OPTIONS, "us_bank_account": opaque(), "link": opaque()}),
    "radar_options": opaque(),
    "receipt_email": clearable(email()),
    "setup_future_usage": clearable(one_of("on_session", "off_session")),
    "shipping": clearable(SHIPPING),
}
CHANGEABLE: Spec = {
    **NOT_HERE,
    **SHARED,
    "amount": integer(1),
    "currency": text(),
    "description": clearable(text()),
    "metadata": metadata(),
    "statement_descriptor": clearable(text(22)),
    "statement_descriptor_suffix": clearable(descriptor_suffix()),
    "transfer_group": clearable(text()),
}
CREATE: Spec = {
    **CHANGEABLE,
    "automatic_payment_methods": nested(
        {"enabled": boolean(), "allow_redirects": one_of("always", "never")},
        required=("enabled",),
    ),
    "confirm": boolean(),
    "confirmation_method": one_of("automatic", "manual"),
    "error_on_requires_action": boolean(),
    "off_session": boolean(),
    "return_url": text(),
    "use_stripe_sdk": boolean(),
}
UPDATE = CHANGEABLE
CONFIRM: Spec = {
    **NOT_HERE,
    **SHARED,
    "client_secret": text(),
    "error_on_requires_action": boolean(),
    "off_session": boolean(),
    "return_url": text(),
    "use_stripe_sdk": boolean(),
}
CAPTURE: Spec = {
    **EXPAND,
    **dict.fromkeys(
        ("application_fee_amount", "hooks", "payment_details", "transfer_data", "final_capture"),
        unsupported(),
    ),
    "amount_details": opaque(),
    "amount_to_capture": integer(1),
    "metadata": metadata(),
    "statement_descriptor": clearable(text(22)),
    "statement_descriptor_suffix": clearable(descriptor_suffix()),
}
CANCEL: Spec = {
    **EXPAND,
    "cancellation_reason": one_of("duplicate", "fraudulent", "requested_by_customer", "abandoned"),
}
RETRIEVE: Spec = {**EXPAND, "client_secret": text()}
LIST: Spec = {**PAGE, "customer": text(), "customer_account": text()}
SEARCH: Spec = {**EXPAND, "query": text(), "limit": integer(1, MAX_PAGE), "page": text()}


def check_confirm_only(params: dict[str, Any]) -> None:
    """Refuse what makes sense for a confirmation alone on a call that confirms nothing."""
    for name in CONFIRM_ONLY:
        if name in params and not params.get("confirm"):
            message = f"The parameter `{name}` can only be passed when creating a PaymentIntent with `confirm=true`."
            raise invalid_parameter(message, param=name)


def offered_types(intent: Resource, *, account_currency: str) -> list[str]:
    """List the payment methods that an intent accepts, out of those that the account has switched on.

    Bank debits are offered in the account's currency and for payments captured at once. ``intent`` need not have
    all the fields yet.
    """
    types = ["card"]
    at_once = intent.get("capture_method", "automatic_async") != "manual"
    if intent["automatic_payment_methods"] and at_once and intent["currency"] == account_currency == "usd":
        types.append("us_bank_account")
    if allowed := intent.get("allowed_payment_method_types"):
        types = [each for each in types if each in allowed]
    excluded = intent.get("excluded_payment_method_types") or []
    types = [each for each in types if each not in excluded]
    if not types:
        message = "No valid payment method types for this PaymentIntent."
        raise invalid_parameter(message, param="excluded_payment_method_types")
    if intent.get("statement_descriptor") and "card" in types:
        message = (
            "The statement_descriptor parameter is not supported when the PaymentIntent accepts cards; "
            "set statement_descriptor_suffix instead."
        )
        raise invalid_parameter(message, param="statement_descriptor")
    return types
