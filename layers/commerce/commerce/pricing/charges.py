"""What Stripe charges: amounts that it would refuse are told before a checkout begins.

Sources: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts for the bounds, and
https://docs.stripe.com/currencies#three-decimal for currencies with three decimal places. Króna and Uganda shilling
have no decimal places, and no fractions either where Stripe counts them in hundredths
(https://docs.stripe.com/currencies#special-cases). Forint and new Taiwan dollar are charged with two decimal places and
paid out to the merchant without: the rest stays in the balance at Stripe.
"""

from typing import Literal, NamedTuple

from commerce.kernel.money import MOST, Money, grain

MINIMUMS: dict[str, int] = {
    "AED": 200,
    "AUD": 50,
    "BRL": 50,
    "CAD": 50,
    "CHF": 50,
    "CZK": 1500,
    "DKK": 250,
    "EUR": 50,
    "GBP": 30,
    "HKD": 400,
    "HUF": 17500,
    "INR": 50,
    "JPY": 50,
    "MXN": 1000,
    "MYR": 200,
    "NOK": 300,
    "NZD": 50,
    "PLN": 200,
    "RON": 200,
    "SEK": 300,
    "SGD": 50,
    "THB": 1000,
    "USD": 50,
}
"""The least amount, in minor units, where shop and bank account share the currency. Stripe converts for all others."""

SMALLEST_STEP = 10

Reason = Literal["too_small", "too_large", "not_a_step"]


class Uncharged(NamedTuple):
    """Why an amount cannot be charged, and the nearest bound."""

    reason: Reason
    message: str


def least(currency: str) -> int:
    """Return the least amount that is charged, in minor units."""
    return MINIMUMS.get(currency, 1)


def uncharged(due: Money) -> Uncharged | None:
    """Tell why Stripe would refuse this amount; None when it would not. Nothing due needs no charge."""
    at_least = Money(amount=least(due.currency), currency=due.currency)
    most = Money(amount=MOST, currency=due.currency)
    if due.amount == 0:
        return None
    if due.amount < at_least.amount:
        return Uncharged("too_small", f"{due} is too little to be charged; the least is {at_least}.")
    if due.amount > most.amount:
        return Uncharged("too_large", f"{due} is too much to be charged at once; the most is {most}.")
    step = grain(due.currency)
    if due.amount % step:
        digits = "digit" if step == SMALLEST_STEP else "two digits"
        message = f"{due} cannot be charged: in {due.currency} the last {digits} must be 0."
        return Uncharged("not_a_step", message)
    return None
