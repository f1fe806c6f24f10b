"""Customers as limits know them: keyed hashes of their e-mail addresses, and no address."""

from commerce.adapters.ssm import signing_keys
from commerce.customers.model import email_key
from commerce.kernel.signing import SigningKeys

PURPOSE = "promotions-customer"


def customer_key(email: str) -> str:
    """Return the key under which a customer's uses are counted from now on."""
    return signing_keys().sign(PURPOSE, email_key(email))


def customer_keys(email: str) -> tuple[str, ...]:
    """Return the keys under which they may be counted: that of each signing key in force, the newest first."""
    return tuple(SigningKeys((key,)).sign(PURPOSE, email_key(email)) for key in signing_keys().keys)
