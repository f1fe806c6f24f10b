"""What is priced: goods, how they are sent, and who may pay a part of the bill."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from commerce.catalog.model import Variant
from commerce.kernel.money import Money
from commerce.prices.engine import UnitPrice
from commerce.pricing.model import CardPayment


class BasketLine(NamedTuple):
    """A quantity of one variant, and what one piece of it costs.

    :ivar quantity: all pieces.
    :ivar gifts: those among them that promotions add; they cost as much, and are taken off again.
    """

    variant: Variant
    quantity: int
    price: UnitPrice
    gifts: int = 0

    @property
    def total(self) -> Money:
        """Return what the line costs before anything changes it."""
        return Money(amount=self.price.amount, currency=self.price.currency).times(self.quantity)


class Delivery(NamedTuple):
    """How the basket is sent.

    :param list_price: what the method costs before anything makes it cheaper.
    """

    id: str
    title: str
    price: Money
    list_price: Money


class Bill(NamedTuple):
    """What is to be paid.

    :param not_by_cards: how much of it gift cards and credit may not pay: the gift cards among the goods.
    """

    total: int
    not_by_cards: int = 0


Pays = Callable[[Bill], Sequence[CardPayment]]
