"""What can be wrong with promotions, their codes and their limits."""

from commerce.kernel.errors import Conflict, Fault, Invalid, NotFound
from commerce.promotions.bounds import (
    LARGEST_BYTES,
    LARGEST_SHOP_BYTES,
    MOST_ACTIVE,
    MOST_CODES,
    MOST_GIFT_SKUS,
    MOST_LIMITED,
)


class PromotionNotFound(NotFound):
    code = "promotions.not_found"
    title = "There is no such promotion"


class CodeUnknown(Invalid):
    """A shopper sent a code that the shop does not know."""

    code = "promotions.code_unknown"
    title = "There is no such code"

    @classmethod
    def of(cls, text: str) -> "CodeUnknown":
        """Return the refusal of a code."""
        detail = f"There is no code {text}."
        return cls(detail, errors=(Fault(param="code", code=cls.code, message=detail),))


class TooManyCodes(Conflict):
    code = "promotions.too_many_codes"
    title = f"A cart takes {MOST_CODES} codes at most; take one out first"


class Overtaken(Conflict):
    """Something that a promotion of the cart needs was used up, or moved, after the cart was priced."""

    code = "promotions.overtaken"
    title = "A promotion was used by others at this very moment; price the cart again"
    retryable = True


class TooManyActive(Conflict):
    code = "promotions.too_many_active"
    title = f"A shop has {MOST_ACTIVE} active promotions at most; archive one first"


class TooManyLimited(Conflict):
    code = "promotions.too_many_limited"
    title = f"A shop has {MOST_LIMITED} active automatic promotions with limits at most; archive one first"


class TooManyGifts(Conflict):
    code = "promotions.too_many_gifts"
    title = f"All active automatic promotions together give {MOST_GIFT_SKUS} SKUs at most; archive one first"


class TooLarge(Invalid):
    code = "promotions.too_large"
    title = f"A promotion takes {LARGEST_BYTES:,} bytes at most; name categories instead of single goods"


class TooLargeTogether(Conflict):
    code = "promotions.too_large_together"
    title = f"All active promotions together take {LARGEST_SHOP_BYTES:,} bytes at most; archive one first"


class LimitBelowUses(Conflict):
    code = "promotions.limit_below_uses"
    title = "More than this was used already; archive the promotion to stop it"


class CodeTaken(Conflict):
    code = "promotions.code_taken"
    title = "This code is in use"


class BatchDiffers(Conflict):
    code = "promotions.batch_differs"
    title = "This batch was begun with other settings; give the new one another name"
