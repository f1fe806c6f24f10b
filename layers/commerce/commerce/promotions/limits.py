"""How the shop's own limits are spread over parts, so that no counter is shared by all checkouts. Pure.

Each part has its own share of the limit, and is used on the condition that enough is left in it. So the sum can never
pass the limit. Where no part has enough and all together have, the missing is moved into one of them first; so the last
use, and the last of a budget, can be had.
"""

import zlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from commerce.kernel.rounding import shares
from commerce.promotions.known import Shard

SHARDS = 4
"""One row takes some tens of checkouts a second."""

NUMBERS = tuple(range(SHARDS))


class Need(NamedTuple):
    """What one order takes.

    :ivar uses: 1, or 0 where uses are not limited.
    :ivar amount: minor units of the budget in this currency; 0 where there is none.
    """

    uses: int
    amount: int
    currency: str

    def fits(self, shard: Shard) -> bool:
        """Tell whether a part has enough left."""
        return shard.uses >= self.uses and shard.budget.get(self.currency, 0) >= self.amount


class Gathering(NamedTuple):
    """What is moved out of parts (and into one of them) so that it has enough.

    :ivar changes: uses and minor units that each part gets; those that give have less than zero.
    """

    into: int
    changes: Mapping[int, tuple[int, int]]


def part_for(need: Need, shards: Sequence[Shard], *, order_id: str) -> int | None:
    """Return a part that has enough, another one for other orders; None when there is none."""
    fitting = sorted(shard.number for shard in shards if need.fits(shard))
    return fitting[zlib.crc32(order_id.encode()) % len(fitting)] if fitting else None


def gathering(need: Need, shards: Sequence[Shard]) -> Gathering | None:
    """Return how one part gets enough from the others; None when all together have too little."""
    if not shards:
        return None
    richest = sorted(shards, key=lambda shard: (-shard.budget.get(need.currency, 0), -shard.uses, shard.number))
    into, givers = richest[0], richest[1:]
    uses, amount = need.uses - into.uses, need.amount - into.budget.get(need.currency, 0)
    changes: dict[int, tuple[int, int]] = {}
    for giver in givers:
        given = (_given(uses, giver.uses), _given(amount, giver.budget.get(need.currency, 0)))
        if any(given):
            changes[giver.number] = (-given[0], -given[1])
            uses, amount = uses - given[0], amount - given[1]
    if uses > 0 or amount > 0:
        return None
    total = (-sum(change[0] for change in changes.values()), -sum(change[1] for change in changes.values()))
    return Gathering(into=into.number, changes={into.number: total, **changes})


def spread(change: int, left: Mapping[int, int]) -> Mapping[int, int] | None:
    """Return what each part gets of a limit's change; None when more is taken than is left.

    :param left: what is left in each part.
    """
    if change >= 0:
        given = shares(change, {str(number): 1 for number in left})
        return {number: given[str(number)] for number in left}
    if -change > sum(left.values()):
        return None
    taken = shares(-change, {str(number): amount for number, amount in left.items()})
    return {number: -taken[str(number)] for number in left}


def _given(missing: int, has: int) -> int:
    return min(max(0, missing), has)
