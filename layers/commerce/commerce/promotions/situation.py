"""What a cart looks like to promotions, and what is known of codes and limits: plain values, read before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from commerce.kernel.rounding import Rounding
from commerce.promotions.known import KnownCode, KnownLimits


class Item(NamedTuple):
    """A line's goods.

    :ivar shelves: slugs of the categories that list them, and of all above.
    :ivar unit_price: minor units of the cart's currency.
    """

    sku: str
    product_id: str
    shelves: frozenset[str]
    quantity: int
    unit_price: int

    @property
    def total(self) -> int:
        """Return what the line costs before any promotion."""
        return self.unit_price * self.quantity


NOTHING_KNOWN = KnownLimits()


@dataclass(frozen=True)
class Situation:
    """A cart, at one moment, before any promotion.

    :ivar items: each SKU once, in any order.
    :ivar shipping: list price of the chosen method in minor units; 0 when none is chosen.
    :ivar region: as the address names it.
    :ivar orders_before: orders of this customer; None when nobody knows who it is.
    :ivar codes: the cart's codes, in any order.
    :ivar limits: what is left of limits, by promotion.
    :ivar gift_prices: what gifts would cost, by SKU, of those that can be given; None: all can, and are worth nothing.
    """

    currency: str
    now: datetime
    items: tuple[Item, ...] = ()
    shipping: int = 0
    country: str | None = None
    region: str | None = None
    channel: str | None = None
    customer_groups: frozenset[str] = frozenset()
    orders_before: int | None = None
    payment_method: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    codes: tuple[KnownCode, ...] = ()
    limits: Mapping[str, KnownLimits] = field(default_factory=dict)
    gift_prices: Mapping[str, int] | None = None
    rounding: Rounding = Rounding.HALF_UP

    @cached_property
    def by_sku(self) -> Mapping[str, Item]:
        """Return the items by SKU."""
        return {item.sku: item for item in self.items}

    def limits_of(self, promotion_id: str) -> KnownLimits:
        """Return what is left of a promotion's limits."""
        return self.limits.get(promotion_id, NOTHING_KNOWN)
