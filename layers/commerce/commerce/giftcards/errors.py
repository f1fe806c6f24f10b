"""What can be wrong with a gift card, or with what is asked of it."""

from typing import Self

from commerce.kernel.errors import Conflict, Fault, Invalid, LimitReached, NotFound
from commerce.kernel.money import Money


class GiftCardNotFound(NotFound):
    """There is none, or the code was mistyped: the two look the same."""

    code = "giftcards.not_found"
    title = "There is no such gift card; look whether every letter is right"


class TooManyLookups(LimitReached):
    code = "giftcards.too_many_lookups"
    title = "Too many gift card codes were tried from this network; wait ten minutes"


class InsufficientBalance(Conflict):
    code = "giftcards.insufficient_balance"
    title = "There is less on the gift card than is to be taken"

    @classmethod
    def of(cls, *, label: str, balance: Money, wanted: Money, param: str) -> Self:
        """Return the refusal with what is left."""
        message = f"{balance} is left on {label}, and {wanted} is to be taken."
        return cls(message, errors=(Fault(param=param, code=cls.code, message=message),))


class StaleBalance(Conflict):
    """The caller named the balance that they saw, and it is another one by now."""

    code = "giftcards.stale_balance"
    title = "The balance changed since you read it; look at it again and repeat the change"

    @classmethod
    def of(cls, *, expected: int, current: int) -> Self:
        """Return the refusal with the balance as it is now (member `balance`)."""
        detail = f"You saw a balance of {expected} minor units, and it is {current} by now."
        fault = Fault(param="expected_balance", code=cls.code, message=f"It is {current} now.")
        return cls(detail, errors=(fault,), extra={"balance": current})


class BalanceTooLarge(Invalid):
    code = "giftcards.balance_too_large"
    title = "That is more than a gift card can hold"


class ExpiryInThePast(Invalid):
    code = "giftcards.expiry_in_the_past"
    title = "A gift card cannot have expired before it is issued"


class RecipientMissing(Invalid):
    code = "giftcards.recipient_missing"
    title = "Say to which e-mail address this belongs"


class RefundNotSplittable(Invalid):
    code = "giftcards.refund_not_splittable"
    title = "The payment provider cannot send this amount back; choose a neighbouring one"
