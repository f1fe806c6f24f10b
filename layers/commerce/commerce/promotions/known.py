"""What is known of codes and limits: plain values, as they were read."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple


class Shard(NamedTuple):
    """A part of a promotion's limits.

    :ivar uses: orders that are left in it.
    :ivar budget: minor units that are left in it, by currency.
    """

    number: int
    uses: int = 0
    budget: Mapping[str, int] = MappingProxyType({})


class KnownLimits(NamedTuple):
    """What is left of a promotion's limits.

    :ivar shards: the parts of what the shop shares; none where nothing is shared.
    :ivar customer_uses: how often this customer used it.
    :ivar older_uses: those among them that are counted under a signing key that no longer signs.
    """

    shards: tuple[Shard, ...] = ()
    customer_uses: int = 0
    older_uses: int = 0

    @property
    def uses(self) -> int:
        """Return how many orders are left."""
        return sum(shard.uses for shard in self.shards)

    def budget(self, currency: str) -> int:
        """Return how much is left in a currency."""
        return sum(shard.budget.get(currency, 0) for shard in self.shards)


class KnownCode(NamedTuple):
    """A code of the cart.

    :ivar code: normalized.
    :ivar promotion_id: None for a code that the shop does not know.
    :ivar uses_at_most: how often it works; None: as often as its promotion does.
    :ivar uses_left: how often it still works, where it is limited.
    """

    code: str
    promotion_id: str | None = None
    ends_at: datetime | None = None
    uses_at_most: int | None = None
    uses_left: int | None = None
