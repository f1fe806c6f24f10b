"""Refunds: money that goes back, now, later or not at all."""

import copy
from typing import Any

from local.stripe.balance import record_transaction
from local.stripe.calls import Call, Operation
from local.stripe.charges import behavior_of
from local.stripe.errors import invalid_parameter, invalid_request, unexpected_state
from local.stripe.ledger import Ledger, Resource
from local.stripe.lists import equals, page
from local.stripe.money import over_refund
from local.stripe.parameters import EXPAND, PAGE, integer, merged_metadata, metadata, one_of, text, unsupported
from local.stripe.shapes import new_refund

REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def refund_charge(ledger: Ledger, charge: Resource, amount: int | None, fields: dict[str, Any]) -> Resource:
    """Give ``amount`` minor units back, or all that is left; what a shop or its dashboard may ask for."""
    amount = _refundable(ledger, charge, amount)
    method = behavior_of(ledger, charge["payment_method"])
    refund = ledger.add(new_refund(ledger, charge, amount, fields))
    transaction = record_transaction(
        ledger,
        kind="payment_refund" if charge["id"].startswith("py_") else "refund",
        category="refund",
        amount=-amount,
        source=refund,
        description=f"REFUND FOR CHARGE ({charge['description'] or charge['id']})",
    )
    refund["balance_transaction"] = transaction["id"]
    if method.refund == "pending":
        refund["status"] = "pending"
        ledger.schedule("settle_refund", refund["id"], after=ledger.config.refund_seconds)
    elif method.refund == "failing":
        ledger.schedule("fail_refund", refund["id"], after=ledger.config.refund_seconds)
    refunded = charge["amount_refunded"] + amount
    previous = ledger.change(charge, {"amount_refunded": refunded, "refunded": refunded == charge["amount"]})
    ledger.announce("refund.created", refund)
    ledger.announce("charge.refunded", charge, previous)
    return refund


def settle_refund(ledger: Ledger, refund_id: str) -> None:
    """Let a pending refund reach the shopper."""
    refund = ledger.find("refund", refund_id)
    if refund["status"] == "pending":
        _announce_update(ledger, refund, ledger.change(refund, {"status": "succeeded"}))


def fail_refund_later(ledger: Ledger, refund_id: str) -> None:
    """Let the bank send a refund back some time after it looked done."""
    refund = ledger.find("refund", refund_id)
    if refund["status"] in {"pending", "succeeded"}:
        fail_refund(ledger, refund, "expired_or_canceled_card")


def fail_refund(ledger: Ledger, refund: Resource, reason: str) -> None:
    """Take a refund back: its money returns to the balance and can be refunded again."""
    if refund["status"] not in {"pending", "requires_action", "succeeded"}:
        message = f"This refund cannot fail: its status is {refund['status']}."
        raise invalid_request(message, param="refund")
    previous = _return_money(ledger, refund, {"status": "failed", "failure_reason": reason})
    ledger.announce("refund.failed", refund, previous)
    _announce_update(ledger, refund, previous)


def require_action(ledger: Ledger, refund: Resource) -> None:
    """Let a refund wait for the shopper's bank details, as refunds of some payment methods do."""
    _announce_update(ledger, refund, ledger.change(refund, {"status": "requires_action"}))


def _return_money(ledger: Ledger, refund: Resource, changes: dict[str, Any]) -> Resource:
    previous = {"status": refund["status"]}
    refund.update(changes)
    transaction = record_transaction(
        ledger,
        kind="refund_failure",
        category="refund_failure",
        amount=refund["amount"],
        source=refund,
        description="REFUND FAILURE",
    )
    refund["failure_balance_transaction"] = transaction["id"]
    charge = ledger.find("charge", refund["charge"])
    left = charge["amount_refunded"] - refund["amount"]
    ledger.announce(
        "charge.updated",
        charge,
        ledger.change(charge, {"amount_refunded": left, "refunded": False}),
    )
    return previous


def _announce_update(ledger: Ledger, refund: Resource, previous: Resource) -> None:
    ledger.announce("refund.updated", refund, previous)
    ledger.announce("charge.refund.updated", refund, previous)


def _refundable(ledger: Ledger, charge: Resource, amount: int | None) -> int:
    if charge["status"] != "succeeded":
        message = f"Charge {charge['id']} has a status of {charge['status']} and cannot be refunded."
        raise invalid_request(message, param="charge")
    if not charge["captured"]:
        message = (
            f"This uncaptured Charge was created by a PaymentIntent ({charge['payment_intent']}). You must cancel the "
            "PaymentIntent to reverse the authorization instead of refunding the Charge directly."
        )
        raise invalid_request(message, param="charge")
    disputes = ledger.tables.get("dispute", {}).values()
    if any(each["charge"] == charge["id"] and not each["is_charge_refundable"] for each in disputes):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise invalid_request(message, code="charge_disputed")
    left: int = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise invalid_request(message, code="charge_already_refunded")
    if amount is not None and amount > left:
        raise over_refund(amount, left, charge["currency"])
    return left if amount is None else amount


def _create(ledger: Ledger, call: Call) -> Resource:
    params = call.params
    named = [name for name in ("charge", "payment_intent") if name in params]
    if not named:
        message = "One of the following params should be provided for this request: payment_intent or charge."
        raise invalid_parameter(message, code="parameter_missing", param="payment_intent")
    if "payment_intent" in params:
        charge = charge_of_intent(ledger, params["payment_intent"])
        if params.get("charge", charge["id"]) != charge["id"]:
            message = f"The charge {params['charge']} is not the one of {params['payment_intent']}."
            raise invalid_request(message, param="charge")
    else:
        charge = ledger.find("charge", params["charge"], param="charge")
    fields = {"reason": params.get("reason"), "metadata": merged_metadata({}, params.get("metadata"))}
    return refund_charge(ledger, charge, params.get("amount"), fields)


def charge_of_intent(ledger: Ledger, intent_id: str) -> Resource:
    """Give the charge that paid an intent."""
    intent = ledger.find("payment_intent", intent_id, param="payment_intent")
    if intent["latest_charge"] is None or intent["status"] not in {"succeeded", "requires_capture"}:
        message = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        raise unexpected_state(message, copy.deepcopy(intent))
    return ledger.find("charge", intent["latest_charge"])


def _retrieve(ledger: Ledger, call: Call) -> Resource:
    return ledger.find("refund", call.object_id)


def _update(ledger: Ledger, call: Call) -> Resource:
    refund = ledger.find("refund", call.object_id)
    if "metadata" in call.params:
        stored = merged_metadata(refund["metadata"], call.params["metadata"])
        if previous := ledger.change(refund, {"metadata": stored}):
            _announce_update(ledger, refund, previous)
    return refund


def _cancel(ledger: Ledger, call: Call) -> Resource:
    refund = ledger.find("refund", call.object_id)
    if refund["status"] != "requires_action":
        message = f"You can only cancel a refund that requires action; the status of this one is {refund['status']}."
        raise invalid_request(message, param="id")
    _announce_update(ledger, refund, _return_money(ledger, refund, {"status": "canceled"}))
    return refund


def _list(ledger: Ledger, call: Call) -> Resource:
    keep = equals(call.params, "charge", "payment_intent")
    return page(ledger, "refund", url=call.path, params=call.params, keep=keep)


REFUNDS, REFUND = "/v1/refunds", "/v1/refunds/{id}"
CREATE = {
    **EXPAND,
    **dict.fromkeys(
        ("currency", "customer", "instructions_email", "origin", "refund_application_fee", "reverse_transfer"),
        unsupported(),
    ),
    "amount": integer(1),
    "charge": text(),
    "metadata": metadata(),
    "payment_intent": text(),
    "reason": one_of(*REASONS),
}
OPERATIONS = (
    Operation(method="POST", path=REFUNDS, handler=_create, spec=CREATE),
    Operation(
        method="GET",
        path=REFUNDS,
        handler=_list,
        spec={**PAGE, "charge": text(), "payment_intent": text()},
    ),
    Operation(method="GET", path=REFUND, handler=_retrieve, spec=EXPAND),
    Operation(method="POST", path=REFUND, handler=_update, spec={**EXPAND, "metadata": metadata()}),
    Operation(method="POST", path=f"{REFUND}/cancel", handler=_cancel, spec=EXPAND),
)
