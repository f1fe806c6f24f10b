"""PaymentIntents: what a server or a shopper's browser may ask of one."""

import copy
from typing import Any

from local.stripe.calls import Call, Operation
from local.stripe.cards import card_of, named_method
from local.stripe.charges import collect_method
from local.stripe.errors import invalid_parameter, invalid_request, unexpected_state
from local.stripe.intent_parameters import (
    CANCEL,
    CAPTURE,
    CONFIRM,
    CREATE,
    LIST,
    RETRIEVE,
    SEARCH,
    UPDATE,
    check_confirm_only,
    offered_types,
)
from local.stripe.ledger import Ledger, Resource
from local.stripe.lists import equals, page
from local.stripe.money import check_amount, checked_currency
from local.stripe.parameters import merged_metadata
from local.stripe.payments import Confirmation, cancel_payment, capture_payment, confirm_payment
from local.stripe.search import search_page
from local.stripe.shapes import NO_ADDRESS, NO_SHIPPING, new_intent

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
PLAIN = (
    "description",
    "receipt_email",
    "setup_future_usage",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
    "capture_method",
    "confirmation_method",
    "excluded_payment_method_types",
    "allowed_payment_method_types",
)
# What Stripe shows of an intent to whoever holds its client secret.
_PUBLIC = """id object amount amount_details automatic_payment_methods canceled_at cancellation_reason capture_method
    client_secret confirmation_method created currency description excluded_payment_method_types last_payment_error
    livemode next_action payment_method payment_method_configuration_details payment_method_types processing
    receipt_email setup_future_usage shipping source status"""
PUBLIC_FIELDS = frozenset(_PUBLIC.split())


def _create(ledger: Ledger, call: Call) -> Resource:
    params = call.params
    currency = checked_currency(params["currency"])
    check_amount(params["amount"], currency)
    check_confirm_only(params)
    fields = _fields(params, {}) | {"amount": params["amount"], "currency": currency}
    automatic = params.get("automatic_payment_methods", {"enabled": True})
    fields["automatic_payment_methods"] = {"allow_redirects": "always"} | automatic if automatic["enabled"] else None
    fields["payment_method_types"] = offered_types(fields, account_currency=ledger.config.default_currency)
    intent = new_intent(ledger, fields)
    payment_method = _payment_method(ledger, intent, params)
    if params.get("confirm"):
        _check_confirmation(intent, call, payment_method)
    if payment_method:
        intent.update({"payment_method": payment_method, "status": "requires_confirmation"})
    ledger.add(intent)
    ledger.announce("payment_intent.created", intent)
    return _confirmed(ledger, intent, call) if params.get("confirm") else intent


def _retrieve(ledger: Ledger, call: Call) -> Resource:
    return _intent(ledger, call)


def _update(ledger: Ledger, call: Call) -> Resource:
    intent, params = _intent(ledger, call), call.params
    for name in ("amount", "currency"):
        if name in params and intent["status"] not in OPEN:
            message = (
                f"This PaymentIntent's {name} could not be updated because it has a status of {intent['status']}. "
                f"You may only update the {name} of a PaymentIntent with one of the following statuses: "
                f"{', '.join(OPEN)}."
            )
            raise unexpected_state(message, copy.deepcopy(intent))
    if intent["status"] not in OPEN and (beyond := set(params) - {"metadata", "description", "receipt_email"}):
        message = f"This PaymentIntent's {min(beyond)} could not be updated: its status is {intent['status']}."
        raise unexpected_state(message, copy.deepcopy(intent))
    wanted = intent | params
    amount, currency = wanted["amount"], checked_currency(wanted["currency"])
    check_amount(amount, currency)
    fields = _fields(params, intent) | {"amount": amount, "currency": currency}
    fields["payment_method_types"] = offered_types(intent | fields, account_currency=ledger.config.default_currency)
    payment_method = _payment_method(ledger, intent | fields, params)
    if amount != intent["amount"] and intent["status"] == "requires_action":
        # A challenge was for another amount: the shopper has to confirm again.
        fields |= {"status": "requires_confirmation", "next_action": None}
    if payment_method:
        fields |= {"payment_method": payment_method, "status": "requires_confirmation", "next_action": None}
    intent.update(fields)
    return intent


def _confirm(ledger: Ledger, call: Call) -> Resource:
    intent = _intent(ledger, call)
    if intent["status"] not in OPEN:
        if intent["status"] == "succeeded":
            message = (
                "You cannot confirm this PaymentIntent because it has already succeeded after being previously "
                "confirmed."
            )
        else:
            message = (
                f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}. Only a "
                f"PaymentIntent with one of the following statuses may be confirmed: {', '.join(OPEN)}."
            )
        raise unexpected_state(message, copy.deepcopy(intent))
    fields = _fields(call.params, intent)
    fields["payment_method_types"] = offered_types(intent | fields, account_currency=ledger.config.default_currency)
    payment_method = _payment_method(ledger, intent | fields, call.params) or intent["payment_method"]
    _check_confirmation(intent | fields, call, payment_method)
    intent.update(fields | {"payment_method": payment_method})
    return _confirmed(ledger, intent, call)


def _confirmed(ledger: Ledger, intent: Resource, call: Call) -> Resource:
    how = Confirmation(
        off_session=call.params.get("off_session", False),
        error_on_action=call.params.get("error_on_requires_action", False),
        return_url=call.params.get("return_url"),
        script=call.script,
    )
    if refusal := confirm_payment(ledger, intent, how):
        raise refusal
    return intent


def _capture(ledger: Ledger, call: Call) -> Resource:
    intent, params = _intent(ledger, call), call.params
    if intent["status"] != "requires_capture":
        message = (
            f"This PaymentIntent could not be captured because it has a status of {intent['status']}. "
            "Only a PaymentIntent with one of the following statuses may be captured: requires_capture."
        )
        raise unexpected_state(message, copy.deepcopy(intent))
    amount = ({"amount_to_capture": intent["amount_capturable"]} | params)["amount_to_capture"]
    if amount > intent["amount_capturable"]:
        message = (
            f"The requested capture amount is greater than the amount you can capture for this charge: {amount} is "
            f"more than {intent['amount_capturable']}."
        )
        raise invalid_request(message, code="amount_too_large", param="amount_to_capture")
    intent.update(_fields(params, intent))
    capture_payment(ledger, intent, amount)
    return intent


def _cancel(ledger: Ledger, call: Call) -> Resource:
    intent = _intent(ledger, call)
    cancel_payment(ledger, intent, call.params.get("cancellation_reason"))
    return intent


def _list(ledger: Ledger, call: Call) -> Resource:
    keep = equals(call.params, "customer")
    return page(ledger, "payment_intent", url=call.path, params=call.params, keep=keep)


def _search(ledger: Ledger, call: Call) -> Resource:
    return search_page(ledger, "payment_intent", url=call.path, params=call.params)


def _intent(ledger: Ledger, call: Call) -> Resource:
    secret = call.params.get("client_secret")
    if not call.by_server and secret is None:
        message = "Missing required param: client_secret."
        raise invalid_parameter(message, code="parameter_missing", param="client_secret")
    intent = ledger.find("payment_intent", call.object_id, param="intent")
    if secret is not None and secret != intent["client_secret"]:
        message = "The client_secret provided does not match the client_secret associated with the PaymentIntent."
        raise invalid_parameter(message, param="client_secret")
    return intent


def _fields(params: dict[str, Any], stored: Resource) -> Resource:
    """Turn parameters into fields of an intent; what was not sent is absent."""
    fields: Resource = {name: params[name] for name in PLAIN if name in params}
    if "metadata" in params:
        fields["metadata"] = merged_metadata(stored.get("metadata", {}), params["metadata"])
    if "shipping" in params:
        shipping = params["shipping"]
        fields["shipping"] = shipping and NO_SHIPPING | shipping | {"address": NO_ADDRESS | shipping["address"]}
    if "payment_method_options" in params:
        fields["payment_method_options"] = stored.get("payment_method_options", {}) | params["payment_method_options"]
    return fields


def _payment_method(ledger: Ledger, intent: Resource, params: dict[str, Any]) -> str | None:
    """Give the id of the payment method that the parameters name or describe, if they do."""
    data, name = params.get("payment_method_data"), params.get("payment_method")
    if data is not None:
        method = card_of(data["card"]["number"])
    elif name is None:
        return None
    elif named := named_method(name):
        method = named
    else:
        stored = ledger.find("payment_method", name, param="payment_method")
        _check_type(intent, stored["type"])
        return str(stored["id"])
    _check_type(intent, method.type)
    payment_method = collect_method(ledger, method)
    if data is not None and "billing_details" in data:
        sent = data["billing_details"]
        address = NO_ADDRESS | sent.get("address", {})
        payment_method["billing_details"] |= sent | {"address": address}
    return str(payment_method["id"])


def _check_type(intent: Resource, kind: str) -> None:
    if kind not in intent["payment_method_types"]:
        message = (
            f"The PaymentMethod provided ({kind}) is not allowed for this PaymentIntent. Please attach a PaymentMethod "
            f"of one of the following types: {', '.join(intent['payment_method_types'])}."
        )
        raise invalid_request(message, param="payment_method")


def _check_confirmation(intent: Resource, call: Call, payment_method: str | None) -> None:
    if payment_method is None:
        message = (
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method or ConfirmationToken."
        )
        raise unexpected_state(message, copy.deepcopy(intent))
    automatic = intent["automatic_payment_methods"]
    redirects = automatic is not None and automatic["allow_redirects"] != "never"
    if call.by_server and redirects and "return_url" not in call.params:
        message = (
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of "
            "these payment methods might redirect your customer off of your page, you must provide a `return_url`. If "
            "you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to "
            "`true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and "
            "Payment Intents."
        )
        raise invalid_request(message, param="return_url")


INTENTS, INTENT = "/v1/payment_intents", "/v1/payment_intents/{id}"
OPERATIONS = (
    Operation(method="POST", path=INTENTS, handler=_create, spec=CREATE, required=("amount", "currency")),
    Operation(method="GET", path=INTENTS, handler=_list, spec=LIST),
    Operation(method="GET", path=f"{INTENTS}/search", handler=_search, spec=SEARCH, required=("query",)),
    Operation(method="GET", path=INTENT, handler=_retrieve, spec=RETRIEVE, browser=True),
    Operation(method="POST", path=INTENT, handler=_update, spec=UPDATE),
    Operation(method="POST", path=f"{INTENT}/confirm", handler=_confirm, spec=CONFIRM, browser=True),
    Operation(method="POST", path=f"{INTENT}/capture", handler=_capture, spec=CAPTURE),
    Operation(method="POST", path=f"{INTENT}/cancel", handler=_cancel, spec=CANCEL),
)
