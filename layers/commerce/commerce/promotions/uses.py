"""What an order used up of promotions: the order keeps it, so that the same is given back."""

from typing import Literal

from pydantic import Field

from commerce.kernel.schema import Output


class Use(Output):
    """What an order used up of one promotion.

    :ivar shard: the part of the shared limits that it was taken from; None where nothing is shared.
    :ivar counted: whether it is one of the promotion's uses.
    :ivar amount: minor units of the budget; None where there is none.
    :ivar by_customer: whether it is one of the customer's uses.
    :ivar code: normalized; the code that it was used with.
    :ivar code_is: whether the code works once or so many times; None: as often as its promotion.
    """

    promotion_id: str
    shard: int | None = None
    counted: bool = False
    amount: int | None = None
    by_customer: bool = False
    code: str | None = None
    code_is: Literal["once", "counted"] | None = None


class Uses(Output):
    """All that an order used up of promotions.

    :ivar customer: key under which the customer is counted.
    :ivar is_first_order: whether it took the customer's first order, because that made something cheaper.
    """

    currency: str
    uses: tuple[Use, ...] = ()
    customer: str = Field(repr=False)
    is_first_order: bool = False
