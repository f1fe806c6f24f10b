"""Stock in words and numbers: buckets, moves and levels."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple, Self

from commerce.kernel.schema import Output


class Bucket(StrEnum):
    """Where a unit that was received can be. Each unit is in exactly one."""

    AVAILABLE = "available"
    RESERVED = "reserved"
    COMMITTED = "committed"
    DISPATCHED = "dispatched"
    DAMAGED = "damaged"
    QUALITY_HOLD = "quality_hold"
    WRITTEN_OFF = "written_off"


RECEIVED = "received"
"""What the buckets of a level sum up to."""

ON_HAND = (Bucket.AVAILABLE, Bucket.RESERVED, Bucket.COMMITTED, Bucket.DAMAGED, Bucket.QUALITY_HOLD)


class Reason(StrEnum):
    """Why units moved."""

    RECEIVE = "receive"
    ADJUST = "adjust"
    SET = "set"
    COUNT = "count"
    RESERVE = "reserve"
    RELEASE = "release"
    SELL = "sell"
    DISPATCH = "dispatch"
    RETURN = "return"
    DAMAGE = "damage"
    HOLD = "hold"
    WRITE_OFF = "write_off"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    REBALANCE = "rebalance"


@dataclass(frozen=True, slots=True)
class Move:
    """Some units of a SKU at a location go from one bucket to another, or in or out of the location (None).

    :ivar shard: which part of a hot SKU's level they are counted in; 0: the only one, or the first.
    :raises ValueError: for a move of nothing, or from a bucket to itself.
    """

    sku: str
    location: str
    source: Bucket | None
    target: Bucket | None
    quantity: int
    shard: int = 0

    def __post_init__(self) -> None:
        if self.quantity < 1 or self.source == self.target:
            message = f"This moves nothing: {self}"
            raise ValueError(message)

    @property
    def changes(self) -> dict[str, int]:
        """Return by how much each bucket and `received` change."""
        changes: dict[str, int] = {}
        if self.source:
            changes[self.source] = -self.quantity
        if self.target:
            changes[self.target] = self.quantity
        if not (self.source and self.target):
            changes[RECEIVED] = sum(changes.values())
        return {str(name): change for name, change in changes.items()}


class LevelKey(NamedTuple):
    """Which level: a SKU at a location, or one shard of it."""

    sku: str
    location: str
    shard: int = 0


def summed(moves: Iterable[Move]) -> tuple[Move, ...]:
    """Join moves of the same units between the same buckets into one, in order of first appearance."""
    joined: dict[tuple[str, str, int, Bucket | None, Bucket | None], Move] = {}
    for move in moves:
        key = (move.sku, move.location, move.shard, move.source, move.target)
        same = joined.get(key)
        joined[key] = move if same is None else replace(move, quantity=same.quantity + move.quantity)
    return tuple(joined.values())


def net_changes(moves: Iterable[Move]) -> dict[LevelKey, dict[str, int]]:
    """Return what all moves together do to each level; what cancels out is left out."""
    changes: dict[LevelKey, dict[str, int]] = {}
    for move in moves:
        level = changes.setdefault(LevelKey(move.sku, move.location, move.shard), {})
        for name, quantity in move.changes.items():
            level[name] = level.get(name, 0) + quantity
    return {key: {name: quantity for name, quantity in level.items() if quantity} for key, level in changes.items()}


class Level(Output):
    """The stock of one SKU at one location.

    The buckets sum up to `received`, and none is negative, in every committed state.

    :ivar revision: grows by one with each change of a quantity; 0: never written.
    :ivar shards: over how many parts its available units are spread; 1: it is not split.
    :ivar parts: what each part of a split level holds, by bucket, in order of their numbers. Parts beyond `shards` are
        of a time when there were more; they hold what was reserved or sold from them. Empty: there is but one part.
    """

    sku: str
    location: str
    available: int = 0
    reserved: int = 0
    committed: int = 0
    dispatched: int = 0
    damaged: int = 0
    quality_hold: int = 0
    written_off: int = 0
    received: int = 0
    revision: int = 0
    low_stock_threshold: int | None = None
    shards: int = 1
    parts: tuple[Mapping[str, int], ...] = ()

    @property
    def on_hand(self) -> int:
        """Return how many units lie at the location."""
        return sum(self.in_bucket(bucket) for bucket in ON_HAND)

    @property
    def sold(self) -> int:
        """Return how many units belong to shoppers: paid for, sent or not."""
        return self.committed + self.dispatched

    @property
    def is_sound(self) -> bool:
        """Tell whether the buckets sum up to what was received and none is negative."""
        quantities = [self.in_bucket(bucket) for bucket in Bucket]
        return sum(quantities) == self.received and min(quantities) >= 0

    def in_bucket(self, bucket: Bucket) -> int:
        """Return how many units are in a bucket."""
        quantity: int = getattr(self, bucket)
        return quantity

    def after(self, changes: Mapping[str, int]) -> Self:
        """Return the level with these changes made, whether or not they may be."""
        quantities = {name: getattr(self, name) + quantity for name, quantity in changes.items()}
        return self.model_copy(update=quantities | {"revision": self.revision + 1})


class Allocation(NamedTuple):
    """So many units of a SKU are to come from this location, and there from this shard."""

    sku: str
    location: str
    quantity: int
    shard: int = 0
