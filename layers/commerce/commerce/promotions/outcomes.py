"""What came of a cart's promotions: plain values, in minor units."""

from collections.abc import Mapping
from typing import NamedTuple

from commerce.promotions.known import Shard


class Discount(NamedTuple):
    """What a promotion takes off, in minor units.

    :ivar by_sku: off lines; never zero, and never more than what a line costs.
    """

    promotion_id: str
    title: str
    code: str | None
    by_sku: Mapping[str, int]
    shipping: int

    @property
    def amount(self) -> int:
        """Return all of it."""
        return sum(self.by_sku.values()) + self.shipping


class Gift(NamedTuple):
    """Pieces of a SKU that are added at no price."""

    promotion_id: str
    sku: str
    quantity: int


class Outcome(NamedTuple):
    """What came of a promotion that was tried, or of a code.

    :ivar promotion_id: None for a code that the shop does not know.
    :ivar reason: stable code; `promotions.applied` where it applies.
    :ivar amount: minor units that it takes off.
    :ivar missing: pieces or minor units that are missing for it, where that is a number.
    :ivar title: the promotion's.
    """

    promotion_id: str | None
    code: str | None
    applied: bool
    reason: str
    message: str
    amount: int = 0
    missing: int = 0
    title: str | None = None


class Claim(NamedTuple):
    """What the order of this cart uses up of a promotion's limits.

    :ivar amount: minor units of its budget; None where it has none.
    :ivar uses: whether it is one of the promotion's uses.
    :ivar customer_most: how often the customer may use it under the signing key that now signs; None: not limited.
    :ivar code_uses_at_most: how often its code works; None: as often as the promotion.
    :ivar shards: what was known of the parts of its limits.
    """

    promotion_id: str
    code: str | None
    uses: bool
    amount: int | None
    customer_most: int | None
    code_uses_at_most: int | None
    shards: tuple[Shard, ...]


class Evaluation(NamedTuple):
    """All that promotions do to a cart.

    :ivar outcomes: one for each promotion that was tried and for each code, by priority and id, unknown codes last.
    :ivar claims: what the order uses up; of promotions with limits only.
    :ivar is_first_order: whether something is taken off for a first order.
    """

    currency: str
    discounts: tuple[Discount, ...] = ()
    gifts: tuple[Gift, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    claims: tuple[Claim, ...] = ()
    is_first_order: bool = False

    @property
    def amount(self) -> int:
        """Return what is taken off in all."""
        return sum(discount.amount for discount in self.discounts)
