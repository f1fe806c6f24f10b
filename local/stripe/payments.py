"""The state machine of a payment: from a confirmed intent to money, a refusal or a cancellation."""

import copy
from dataclasses import dataclass, field
from http import HTTPStatus

from local.stripe.calls import Script
from local.stripe.cards import DECLINES, Decline
from local.stripe.charges import behavior_of, fail_charge, open_charge, release_hold, settle
from local.stripe.errors import StripeError, documentation_of, unexpected_state
from local.stripe.ledger import Ledger, Resource

CANCELABLE = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action")
CHALLENGES = {"any", "challenge"}
AUTHENTICATION_FAILED = (
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new "
    "PaymentMethod to attempt to fulfill this PaymentIntent again."
)


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """Say how an intent is confirmed."""

    off_session: bool = False
    error_on_action: bool = False
    return_url: str | None = None
    script: Script = field(default_factory=Script)


def confirm_payment(ledger: Ledger, intent: Resource, how: Confirmation) -> StripeError | None:
    """Attempt to pay with the intent's payment method; a refusal is recorded and given back as the error."""
    method = behavior_of(ledger, intent["payment_method"])
    options = intent["payment_method_options"].get("card", {})
    challenged = method.authenticates or options.get("request_three_d_secure") in CHALLENGES
    authenticated = ledger.marks.get(intent["id"]) == "authenticated"
    if challenged and not authenticated and how.script.decline is None:
        if how.off_session or how.error_on_action:
            return refuse(ledger, intent, open_charge(ledger, intent), DECLINES["authentication_required"])
        _require_action(ledger, intent, how.return_url)
        return None
    return _attempt(ledger, intent, how.script, authenticated=authenticated)


def finish_authentication(ledger: Ledger, intent: Resource, *, success: bool) -> StripeError | None:
    """Let the shopper pass or fail the bank's challenge."""
    if intent["status"] != "requires_action":
        message = f"This PaymentIntent does not wait for authentication; its status is {intent['status']}."
        raise unexpected_state(message, copy.deepcopy(intent))
    intent["next_action"] = None
    if not success:
        error = _payment_error(ledger, intent, "payment_intent_authentication_failure", AUTHENTICATION_FAILED)
        intent.update({"status": "requires_payment_method", "payment_method": None, "last_payment_error": error})
        ledger.announce("payment_intent.payment_failed", intent)
        return None
    if intent["confirmation_method"] == "manual":
        ledger.marks[intent["id"]] = "authenticated"
        intent["status"] = "requires_confirmation"
        return None
    return _attempt(ledger, intent, Script(), authenticated=True)


def finish_processing(ledger: Ledger, intent_id: str) -> None:
    """Let a slow payment arrive, or fail as its payment method does."""
    intent = ledger.find("payment_intent", intent_id)
    arrive(ledger, intent, behavior_of(ledger, intent["payment_method"]).decline)


def arrive(ledger: Ledger, intent: Resource, decline: Decline | None) -> None:
    """End the processing of a payment, with a refusal if one is given."""
    if intent["status"] != "processing":
        message = f"This PaymentIntent is not processing; its status is {intent['status']}."
        raise unexpected_state(message, copy.deepcopy(intent))
    ledger.unschedule("finish_processing", intent["id"])
    ledger.marks.pop(intent["id"], None)
    intent["processing"] = None
    charge = ledger.find("charge", intent["latest_charge"])
    if decline is not None:
        refuse(ledger, intent, charge, decline)
    else:
        charge.update({"status": "succeeded", "paid": True})
        _complete(ledger, intent, charge)


def refuse(ledger: Ledger, intent: Resource, charge: Resource, decline: Decline) -> StripeError:
    """Fail the charge and send the intent back for another payment method."""
    fail_charge(ledger, charge, decline)
    error = _payment_error(ledger, intent, decline.code, decline.message) | {
        "advice_code": None if decline.blocked else "try_again_later",
        "charge": charge["id"],
        "decline_code": decline.decline_code,
        "type": "card_error",
    }
    ledger.marks.pop(intent["id"], None)
    intent.update(
        {
            "last_payment_error": error,
            "next_action": None,
            "payment_method": None,
            "status": "requires_payment_method",
        },
    )
    ledger.announce("payment_intent.payment_failed", intent)
    fields = {
        name: error[name] for name in ("advice_code", "charge", "decline_code", "payment_method") if error.get(name)
    } | {"payment_intent": copy.deepcopy(intent)}
    return StripeError(HTTPStatus.PAYMENT_REQUIRED, "card_error", decline.message, code=decline.code, fields=fields)


def capture_payment(ledger: Ledger, intent: Resource, amount: int) -> None:
    """Take ``amount`` of what was authorized; the rest goes back to the card and counts as refunded."""
    charge = ledger.find("charge", intent["latest_charge"])
    ledger.unschedule("expire_authorization", intent["id"])
    previous = ledger.change(
        charge,
        {"captured": True, "amount_captured": amount, "amount_refunded": charge["amount"] - amount},
    )
    settle(ledger, charge)
    previous["balance_transaction"] = None
    intent.update({"amount_received": amount, "amount_capturable": 0, "status": "succeeded"})
    ledger.announce("charge.captured", charge, previous)
    ledger.announce("payment_intent.succeeded", intent)
    _dispute_if_scripted(ledger, charge)


def cancel_payment(ledger: Ledger, intent: Resource, reason: str | None) -> None:
    """End an intent for good, releasing what was authorized."""
    _refuse_unless_cancelable(ledger, intent)
    if intent["status"] == "requires_capture":
        release_hold(ledger, ledger.find("charge", intent["latest_charge"]), "charge.refunded")
    elif intent["status"] == "processing":
        canceled = Decline("payment_intent_canceled", "canceled", "The payment was canceled.")
        fail_charge(ledger, ledger.find("charge", intent["latest_charge"]), canceled)
    _close(ledger, intent, reason)


def expire_authorization(ledger: Ledger, intent_id: str) -> None:
    """End an intent whose authorization nobody captured in time."""
    intent = ledger.find("payment_intent", intent_id)
    release_hold(ledger, ledger.find("charge", intent["latest_charge"]), "charge.expired")
    _close(ledger, intent, "automatic")


def _refuse_unless_cancelable(ledger: Ledger, intent: Resource) -> None:
    if intent["status"] == "processing" and ledger.marks.get(intent["id"]) == "cancelable":
        return
    if intent["status"] not in CANCELABLE:
        message = (
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only a PaymentIntent "
            f"with one of the following statuses may be canceled: {', '.join(CANCELABLE)}, processing."
        )
        raise unexpected_state(message, copy.deepcopy(intent))


def _close(ledger: Ledger, intent: Resource, reason: str | None) -> None:
    for action in ("finish_processing", "expire_authorization"):
        ledger.unschedule(action, intent["id"])
    ledger.marks.pop(intent["id"], None)
    intent.update(
        {
            "amount_capturable": 0,
            "canceled_at": ledger.now(),
            "cancellation_reason": reason,
            "next_action": None,
            "processing": None,
            "status": "canceled",
        },
    )
    ledger.announce("payment_intent.canceled", intent)


def _require_action(ledger: Ledger, intent: Resource, return_url: str | None) -> None:
    action: Resource = {
        "type": "use_stripe_sdk",
        "use_stripe_sdk": {"type": "three_d_secure_redirect", "source": ledger.new_id("src")},
    }
    if return_url is not None:
        page = f"/pay/{intent['client_secret']}"
        action = {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": page}}
    intent.update({"last_payment_error": None, "next_action": action, "status": "requires_action"})
    ledger.announce("payment_intent.requires_action", intent)


def _attempt(ledger: Ledger, intent: Resource, script: Script, *, authenticated: bool) -> StripeError | None:
    method = behavior_of(ledger, intent["payment_method"])
    charge = open_charge(ledger, intent, authenticated=authenticated)
    intent["next_action"] = None
    if script.decline is None and (method.type != "card" or script.processing_seconds is not None):
        seconds = ledger.config.processing_seconds if script.processing_seconds is None else script.processing_seconds
        _process(ledger, intent, charge, seconds)
        return None
    if decline := script.decline or method.decline:
        return refuse(ledger, intent, charge, decline)
    _complete(ledger, intent, charge)
    return None


def _process(ledger: Ledger, intent: Resource, charge: Resource, seconds: int) -> None:
    method = behavior_of(ledger, intent["payment_method"])
    charge.update({"paid": False, "status": "pending"})
    notification = {"card": {"customer_notification": None}, "type": "card"} if method.type == "card" else None
    intent.update({"last_payment_error": None, "processing": notification, "status": "processing"})
    ledger.announce("charge.pending", charge)
    ledger.announce("payment_intent.processing", intent)
    if method.name != "pm_usBankAccount_processing":
        ledger.schedule("finish_processing", intent["id"], after=seconds)


def _complete(ledger: Ledger, intent: Resource, charge: Resource) -> None:
    ledger.marks.pop(intent["id"], None)
    of_card = intent["payment_method_options"].get("card", {}) if "card" in charge["payment_method_details"] else {}
    how = of_card.get("capture_method") or intent["capture_method"]
    intent["last_payment_error"] = None
    if how == "manual":
        until = ledger.now() + ledger.config.authorization_seconds
        charge["payment_method_details"]["card"]["capture_before"] = until
        intent.update({"amount_capturable": intent["amount"], "status": "requires_capture"})
        ledger.schedule("expire_authorization", intent["id"], after=ledger.config.authorization_seconds)
        ledger.announce("charge.succeeded", charge)
        ledger.announce("payment_intent.amount_capturable_updated", intent)
        return
    charge.update({"captured": True, "amount_captured": charge["amount"]})
    intent.update({"amount_received": charge["amount"], "status": "succeeded"})
    if how == "automatic":
        settle(ledger, charge)
    else:
        ledger.schedule("settle_charge", charge["id"], after=ledger.config.settlement_seconds)
    ledger.announce("charge.succeeded", charge)
    ledger.announce("payment_intent.succeeded", intent)
    _dispute_if_scripted(ledger, charge)


def _dispute_if_scripted(ledger: Ledger, charge: Resource) -> None:
    if behavior_of(ledger, charge["payment_method"]).dispute:
        ledger.schedule("open_dispute", charge["id"], after=0)


def _payment_error(ledger: Ledger, intent: Resource, code: str, message: str) -> Resource:
    return {
        "code": code,
        "doc_url": documentation_of(code),
        "message": message,
        "payment_method": copy.deepcopy(ledger.find("payment_method", intent["payment_method"])),
        "type": "invalid_request_error",
    }
