"""Charges: the attempts to pay an intent, and the money of the one that worked."""

from local.stripe.balance import record_transaction
from local.stripe.calls import Call, Operation
from local.stripe.cards import METHODS, Decline, TestMethod, named_method
from local.stripe.ledger import Ledger, Resource
from local.stripe.lists import equals, page
from local.stripe.money import processing_fee
from local.stripe.parameters import EXPAND, PAGE, text
from local.stripe.shapes import new_charge, new_payment_method

AUTHENTICATED = {
    "authentication_flow": "challenge",
    "electronic_commerce_indicator": "05",
    "exemption_indicator": None,
    "result": "authenticated",
    "result_reason": None,
    "transaction_id": "d4b1b7b0-0000-4000-8000-000000000000",
    "version": "2.2.0",
}


def collect_method(ledger: Ledger, method: TestMethod) -> Resource:
    """Store the payment method that a test method stands for, and remember how it behaves."""
    payment_method = ledger.add(new_payment_method(ledger, method))
    ledger.marks[payment_method["id"]] = method.name
    return payment_method


def behavior_of(ledger: Ledger, payment_method_id: str) -> TestMethod:
    """Say which test method a stored payment method was made of."""
    return named_method(ledger.marks[payment_method_id]) or METHODS["pm_card_visa"]


def open_charge(ledger: Ledger, intent: Resource, *, authenticated: bool = False) -> Resource:
    """Store the charge of a new attempt on the intent's payment method and make it the latest one."""
    payment_method = ledger.find("payment_method", intent["payment_method"])
    method = behavior_of(ledger, payment_method["id"])
    charge = ledger.add(new_charge(ledger, intent, payment_method, method))
    if authenticated and method.type == "card":
        charge["payment_method_details"]["card"]["three_d_secure"] = dict(AUTHENTICATED)
    intent["latest_charge"] = charge["id"]
    return charge


def fail_charge(ledger: Ledger, charge: Resource, decline: Decline) -> None:
    """Record that the issuer, or Stripe itself, refused the charge."""
    charge.update(
        {
            "captured": False,
            "amount_captured": 0,
            "failure_code": decline.code,
            "failure_message": decline.message,
            "paid": False,
            "receipt_url": None,
            "status": "failed",
        },
    )
    charge["outcome"] |= {
        "network_advice_code": None if decline.blocked else "try_again_later",
        "network_decline_code": None if decline.blocked else "05",
        "network_status": "not_sent_to_network" if decline.blocked else "declined_by_network",
        "reason": "highest_risk_level" if decline.blocked else decline.decline_code,
        "risk_level": "highest" if decline.blocked else "normal",
        "risk_score": 92 if decline.blocked else 12,
        "seller_message": "Stripe blocked this payment." if decline.blocked else "The bank declined the payment.",
        "type": "blocked" if decline.blocked else "issuer_declined",
    }
    ledger.announce("charge.failed", charge)


def settle(ledger: Ledger, charge: Resource) -> None:
    """Write the balance transaction of what was captured, less Stripe's fee."""
    transaction = record_transaction(
        ledger,
        kind="payment" if charge["id"].startswith("py_") else "charge",
        category="charge",
        amount=charge["amount_captured"],
        fee=processing_fee(charge["amount_captured"]),
        source=charge,
        description=charge["description"],
        at_once=behavior_of(ledger, charge["payment_method"]).available_at_once,
    )
    charge["balance_transaction"] = transaction["id"]


def settle_later(ledger: Ledger, charge_id: str) -> None:
    """Settle an ``automatic_async`` charge, some time after its intent succeeded."""
    charge = ledger.find("charge", charge_id)
    settle(ledger, charge)
    ledger.announce("charge.updated", charge, {"balance_transaction": None})


def release_hold(ledger: Ledger, charge: Resource, event: str) -> None:
    """Give an uncaptured amount back to the card, which Stripe shows as refunded although no money had moved."""
    previous = ledger.change(charge, {"amount_refunded": charge["amount"], "refunded": True})
    ledger.announce(event, charge, previous)


def _retrieve(ledger: Ledger, call: Call) -> Resource:
    return ledger.find("charge", call.object_id)


def _list(ledger: Ledger, call: Call) -> Resource:
    keep = equals(call.params, "payment_intent", "customer", "transfer_group")
    return page(ledger, "charge", url=call.path, params=call.params, keep=keep)


def _retrieve_method(ledger: Ledger, call: Call) -> Resource:
    return ledger.find("payment_method", call.object_id)


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/charges",
        handler=_list,
        spec={**PAGE, "payment_intent": text(), "customer": text(), "transfer_group": text()},
    ),
    Operation(method="GET", path="/v1/charges/{id}", handler=_retrieve, spec=EXPAND),
    Operation(method="GET", path="/v1/payment_methods/{id}", handler=_retrieve_method, spec=EXPAND),
)
