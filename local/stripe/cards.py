"""Stripe's documented test payment methods, and how each one behaves."""

from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True)
class Decline:
    """Say why a payment was refused, in Stripe's codes."""

    code: str
    decline_code: str
    message: str
    blocked: bool = False


@dataclass(frozen=True, kw_only=True)
class TestMethod:
    """Describe a payment method by its ``pm_...`` name, its number and its behavior."""

    __test__ = False  # Not a test class, whatever its name tells pytest.

    name: str
    number: str = ""
    type: Literal["card", "us_bank_account"] = "card"
    brand: str = "visa"
    country: str = "US"
    funding: str = "credit"
    authenticates: bool = False
    decline: Decline | None = None
    dispute: str | None = None
    inquiry: bool = False
    refund: Literal["succeeded", "pending", "failing"] = "succeeded"
    available_at_once: bool = False

    @property
    def last4(self) -> str:
        """Give the digits that may be shown."""
        return self.number[-4:]


REFUSED = "Your card was declined."
DECLINES = {
    decline.decline_code: decline
    for decline in (
        Decline("card_declined", "generic_decline", REFUSED),
        Decline("card_declined", "insufficient_funds", "Your card has insufficient funds."),
        Decline("card_declined", "lost_card", REFUSED),
        Decline("card_declined", "stolen_card", REFUSED),
        Decline("card_declined", "do_not_honor", REFUSED),
        Decline("card_declined", "card_velocity_exceeded", "Your card was declined for making repeated attempts."),
        Decline("card_declined", "fraudulent", REFUSED, blocked=True),
        Decline("card_declined", "test_mode_live_card", f"{REFUSED} It is a real card, and this is test mode."),
        Decline("authentication_required", "authentication_required", f"{REFUSED} It requires authentication."),
        Decline("expired_card", "expired_card", "Your card has expired."),
        Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect."),
        Decline("incorrect_number", "incorrect_number", "Your card number is incorrect."),
        Decline("processing_error", "processing_error", "An error occurred while processing your card. Try again."),
        Decline("account_closed", "account_closed", "The customer's bank account has been closed."),
        Decline("no_account", "no_account", "The customer's bank account could not be located."),
        Decline("insufficient_funds", "bank_insufficient_funds", "The customer's account has insufficient funds."),
        Decline("debit_not_authorized", "debit_not_authorized", "The customer said the debit was not authorized."),
    )
}


def _card(name: str, number: str, brand: str = "visa", *, country: str = "US", funding: str = "credit") -> TestMethod:
    return TestMethod(name=f"pm_card_{name}", number=number, brand=brand, country=country, funding=funding)


def _declined(name: str, number: str, decline_code: str) -> TestMethod:
    return replace(_card(name, number), decline=DECLINES[decline_code])


def _bank(name: str, number: str, decline_code: str | None = None) -> TestMethod:
    decline = DECLINES[decline_code] if decline_code else None
    return TestMethod(name=f"pm_usBankAccount_{name}", number=number, type="us_bank_account", decline=decline)


METHODS = {
    method.name: method
    for method in (
        _card("visa", "4242424242424242"),
        _card("visa_debit", "4000056655665556", funding="debit"),
        _card("mastercard", "5555555555554444", "mastercard"),
        _card("mastercard_debit", "5200828282828210", "mastercard", funding="debit"),
        _card("amex", "378282246310005", "amex"),
        _card("discover", "6011111111111117", "discover"),
        _card("diners", "3056930009020004", "diners"),
        _card("jcb", "3566002020360505", "jcb", country="JP"),
        _card("unionpay", "6200000000000005", "unionpay", country="CN"),
        _card("us", "4242424242424242"),
        _card("ca", "4000001240000000", country="CA"),
        _card("gb", "4000008260000000", country="GB"),
        _card("de", "4000002760000016", country="DE"),
        _card("fr", "4000002500000003", country="FR"),
        replace(_card("bypassPending", "4000000000000077"), available_at_once=True),
        _declined("chargeDeclined", "4000000000000002", "generic_decline"),
        _declined("chargeDeclinedInsufficientFunds", "4000000000009995", "insufficient_funds"),
        _declined("chargeDeclinedLostCard", "4000000000009987", "lost_card"),
        _declined("chargeDeclinedStolenCard", "4000000000009979", "stolen_card"),
        _declined("chargeDeclinedExpiredCard", "4000000000000069", "expired_card"),
        _declined("chargeDeclinedIncorrectCvc", "4000000000000127", "incorrect_cvc"),
        _declined("chargeDeclinedProcessingError", "4000000000000119", "processing_error"),
        _declined("chargeDeclinedFraudulent", "4100000000000019", "fraudulent"),
        _declined("chargeDeclinedVelocityLimitExceeded", "4000000000006975", "card_velocity_exceeded"),
        _declined("radarBlock", "4100000000000019", "fraudulent"),
        _declined("chargeCustomerFail", "4000000000000341", "generic_decline"),
        replace(_card("authenticationRequired", "4000002760003184"), authenticates=True),
        replace(_card("authenticationRequiredOnSetup", "4000002500003155"), authenticates=True),
        replace(_card("threeDSecure2Required", "4000000000003220"), authenticates=True),
        replace(_card("threeDSecureRequired", "4000000000003063"), authenticates=True),
        replace(
            _declined("threeDSecureRequiredChargeDeclined", "4000008400001629", "generic_decline"), authenticates=True
        ),
        replace(
            _declined(
                "authenticationRequiredChargeDeclinedInsufficientFunds", "4000008260003178", "insufficient_funds"
            ),
            authenticates=True,
        ),
        _card("threeDSecureOptional", "4000000000003055"),
        replace(_card("createDispute", "4000000000000259"), dispute="fraudulent"),
        replace(_card("createDisputeProductNotReceived", "4000000000002685"), dispute="product_not_received"),
        replace(_card("createDisputeInquiry", "4000000000001976"), dispute="general", inquiry=True),
        replace(_card("pendingRefund", "4000000000007726"), refund="pending"),
        replace(_card("refundFail", "4000000000005126"), refund="failing"),
        _bank("success", "000123456789"),
        _bank("processing", "000000000009"),
        _bank("accountClosed", "000111111116", "account_closed"),
        _bank("noAccount", "000111111113", "no_account"),
        _bank("insufficientFunds", "000222222227", "bank_insufficient_funds"),
        _bank("debitNotAuthorized", "000333333335", "debit_not_authorized"),
    )
}
# Stripe names some cards a second time, with the brand in the name.
ALIASES = {
    name.replace("pm_card_", "pm_card_visa_"): name for name in METHODS if name.startswith("pm_card_chargeDeclined")
}
BY_NUMBER = {method.number: method for method in reversed(METHODS.values()) if method.type == "card"}
UNKNOWN_CARD = TestMethod(name="pm_card_testModeLiveCard", decline=DECLINES["test_mode_live_card"])
WRONG_NUMBER = TestMethod(name="pm_card_incorrectNumber", decline=DECLINES["incorrect_number"])


def named_method(name: str) -> TestMethod | None:
    """Find a test payment method by its ``pm_...`` name."""
    for unlisted in (UNKNOWN_CARD, WRONG_NUMBER):
        if name == unlisted.name:
            return unlisted
    return METHODS.get(ALIASES.get(name, name))


def card_of(number: str) -> TestMethod:
    """Find a card by its number; one that is not a test card behaves as it does in Stripe's test mode."""
    digits = "".join(number.split()).replace("-", "")
    if found := BY_NUMBER.get(digits):
        return found
    unlisted = UNKNOWN_CARD if _checks_out(digits) else WRONG_NUMBER
    return replace(unlisted, number=digits[-4:])


def _checks_out(digits: str) -> bool:
    """Apply the Luhn check that card numbers carry."""
    if not (digits.isascii() and digits.isdecimal()):
        return False
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0  # noqa: PLR2004  two-digit sums.
