"""What an order used up of promotions: the order keeps it, so that the same is given back."""

from typing import Literal

from pydantic import Field

from commerce.kernel.schema import Output


class Use(Output):
    """What an order used up of one promotion.

    :ivar shard: the part of the shared limits that it was taken from; None where nothing is shared.
    :ivar counted: whether it is one of the promotion's uses.
    :ivar amount: minor units of the budget; None where there is none.
    :ivar customer: key of the customer's row; None where customers are not limited.
    :ivar code: normalized; the code that it was used with.
    :ivar code_is: whether the code works once or so many times; None: as often as its promotion.
    """

    promotion_id: str
    shard: int | None = None
    counted: bool = False
    amount: int | None = None
    customer: str | None = None
    code: str | None = None
    code_is: Literal["once", "counted"] | None = None


class Uses(Output):
    """All that an order used up of promotions.

    :ivar first_order: key of the customer whose first order this is, where that made something cheaper.
    """

    currency: str
    uses: tuple[Use, ...] = ()
    first_order: str | None = Field(None, repr=False)


def nothing_used(currency: str) -> Uses:
    """Return the uses of an order without limited promotions."""
    return Uses(currency=currency)
