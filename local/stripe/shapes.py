"""New objects with every field that Stripe's have."""

from typing import Any

from local.stripe.cards import TestMethod
from local.stripe.ledger import Ledger, Resource

NO_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
NO_SHIPPING = {"address": NO_ADDRESS, "carrier": None, "name": None, "phone": None, "tracking_number": None}
EVIDENCE = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
)


def new_intent(ledger: Ledger, fields: dict[str, Any]) -> Resource:
    """Make an intent that waits for its payment method."""
    intent_id = ledger.new_id("pi")
    return {
        "id": intent_id,
        "object": "payment_intent",
        "allowed_payment_method_types": None,
        "amount": 0,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{intent_id}_secret_{ledger.token(25)}",
        "confirmation_method": "automatic",
        "created": ledger.now(),
        "currency": "usd",
        "customer": None,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": ledger.config.livemode,
        "managed_payments": {"enabled": False},
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    } | fields


def new_payment_method(ledger: Ledger, method: TestMethod) -> Resource:
    """Make the payment method that a browser makes of a card or a bank account."""
    return {
        "id": ledger.new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": _billing_details(),
        "created": ledger.now(),
        "customer": None,
        "customer_account": None,
        "livemode": ledger.config.livemode,
        "metadata": {},
        "type": method.type,
        method.type: _card(method) if method.type == "card" else _bank_account(method),
    }


def new_charge(ledger: Ledger, intent: Resource, payment_method: Resource, method: TestMethod) -> Resource:
    """Make the charge of one attempt to pay an intent; it starts as succeeded and not captured."""
    charge_id = ledger.new_id("py" if method.type == "us_bank_account" else "ch")
    return {
        "id": charge_id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": payment_method["billing_details"],
        "calculated_statement_descriptor": "TRADEWIND",
        "captured": False,
        "created": ledger.now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": ledger.config.livemode,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": {
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "risk_score": 12,
            "seller_message": "Payment complete.",
            "type": "authorized",
        },
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method": payment_method["id"],
        "payment_method_details": _details(intent, payment_method),
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": f"https://pay.stripe.com/receipts/payment/{charge_id}",
        "refunded": False,
        "refunds": None,
        "review": None,
        "shipping": intent["shipping"],
        "source": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": None,
    }


def new_refund(ledger: Ledger, charge: Resource, amount: int, fields: dict[str, Any]) -> Resource:
    """Make a refund that succeeded at once."""
    kind = charge["payment_method_details"]["type"]
    details = {"reference": None, "reference_status": "pending", "reference_type": "acquirer_reference_number"}
    return {
        "id": ledger.new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": ledger.now(),
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": {kind: details | {"type": "refund"} if kind == "card" else {}, "type": kind},
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    } | fields


def new_dispute(ledger: Ledger, charge: Resource, amount: int, reason: str, *, inquiry: bool) -> Resource:
    """Make a dispute, or the inquiry that may become one, that waits for the merchant's evidence."""
    card = charge["payment_method_details"].get("card") or {"brand": None, "network": None}
    return {
        "id": ledger.new_id("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": ledger.now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(EVIDENCE) | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": ledger.now() + 9 * 24 * 3600,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": inquiry,
        "livemode": ledger.config.livemode,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": card["brand"],
                "case_type": "inquiry" if inquiry else "chargeback",
                "network": card["network"],
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }


def _details(intent: Resource, payment_method: Resource) -> Resource:
    kind = payment_method["type"]
    if kind != "card":
        return {kind: payment_method[kind] | {"payment_reference": None, "expected_debit_date": None}, "type": kind}
    card = payment_method["card"]
    shared = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
    return {
        "card": {name: card[name] for name in shared}
        | {
            "amount_authorized": intent["amount"],
            "authorization_code": "123456",
            "extended_authorization": {"status": "disabled"},
            "incremental_authorization": {"status": "unavailable"},
            "installments": None,
            "mandate": None,
            "multicapture": {"status": "unavailable"},
            "network": card["brand"],
            "network_token": {"used": False},
            "network_transaction_id": "104102978678771",
            "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
            "regulated_status": "unregulated",
            "three_d_secure": None,
            "transaction_link_id": None,
            "wallet": None,
        },
        "type": "card",
    }


def _card(method: TestMethod) -> Resource:
    brand = method.brand
    return {
        "brand": brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": method.country,
        "display_brand": brand,
        "exp_month": 8,
        "exp_year": 2034,
        "fingerprint": f"{method.number[-4:]}{method.brand}local",
        "funding": method.funding,
        "generated_from": None,
        "last4": method.last4,
        "networks": {"available": [brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def _bank_account(method: TestMethod) -> Resource:
    return {
        "account_holder_type": "individual",
        "account_type": "checking",
        "bank_name": "STRIPE TEST BANK",
        "financial_connections_account": None,
        "fingerprint": f"{method.last4}banklocal",
        "last4": method.last4,
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": "110000000",
        "status_details": {},
    }


def _billing_details() -> Resource:
    return {"address": dict(NO_ADDRESS), "email": None, "name": None, "phone": None, "tax_id": None}
