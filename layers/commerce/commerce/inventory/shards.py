"""Shards of a hot SKU: which of them units are taken from and put into.

A row of DynamoDB takes tens of sales a second, because transactions that meet at it are refused; a level that is split
over N rows takes N times as many. Everything here is pure: chance is handed in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from random import Random

from commerce.inventory.model import Allocation, Bucket, Level, LevelKey, Move

MOST = 16
WORTH_IT = 2
"""Units that each shard would have, from which on it is worth to even them out; below, buyers take from several."""


def spread(
    allocations: Iterable[Allocation], *, levels: Mapping[str, Sequence[Level]], seed: str
) -> tuple[Allocation, ...]:
    """Say which shards the units that were allocated come from; those of levels that are not split stay as they are.

    :param levels: what the units were allocated from, per SKU.
    :param seed: what chance is made of: something random of the order's own, such as its id.
    """
    split = {(level.sku, level.location): level for each in levels.values() for level in each if level.parts}
    if not split:
        return tuple(allocations)
    chance = Random(seed)  # noqa: S311 - it spreads load; nothing is kept secret by it.
    found: list[Allocation] = []
    for one in allocations:
        level = split.get((one.sku, one.location))
        if level is None:
            found.append(one)
            continue
        chosen = taken(one.quantity, available=available_by_shard(level), chance=chance)
        found += [one._replace(shard=shard, quantity=quantity) for shard, quantity in chosen.items()]
    return tuple(found)


def taken(quantity: int, *, available: Sequence[int], chance: Random) -> dict[int, int]:
    """Choose the shards that units come from: the fuller one of two that chance names, if it has them all.

    If it has not, any shard that has them all; if none has, the fewest shards that have them together. Two choices
    keep shards about equally full without anybody looking at all of them, and keep buyers apart.

    :return: units by shard; fewer than wanted only when there are fewer.
    """
    if len(available) == 1:
        return {0: quantity}
    one, other = chance.sample(range(len(available)), 2)
    fuller = one if available[one] >= available[other] else other
    if available[fuller] >= quantity:
        return {fuller: quantity}
    whole = [shard for shard, units in enumerate(available) if units >= quantity]
    if whole:
        return {chance.choice(whole): quantity}
    order = chance.sample(range(len(available)), len(available))
    return _emptied(quantity, available, sorted(order, key=lambda shard: -available[shard]))


def poured(quantity: int, *, available: Sequence[int]) -> dict[int, int]:
    """Return how many units each shard gets so that all are as even as can be without taking from any."""
    poorest = sorted(range(len(available)), key=lambda shard: (available[shard], shard))
    for count in range(len(poorest), 0, -1):
        lifted = poorest[:count]
        height, rest = divmod(quantity + sum(available[shard] for shard in lifted), count)
        if height >= available[lifted[-1]]:
            more = {shard: height + (place < rest) - available[shard] for place, shard in enumerate(lifted)}
            return {shard: units for shard, units in more.items() if units}
    return {}


def over_shards(move: Move, level: Level) -> list[Move]:
    """Spread one move of a location over the shards of its level; what is not there is left to the first one.

    Units that become available are poured over the shards; all others are counted where they are found.

    :param level: the location's level, as a query of all its rows found it.
    """
    if not level.parts:
        return [move]
    if move.source is None:
        is_available = move.target is Bucket.AVAILABLE
        sold_from = available_by_shard(level)[: level.shards]
        parts = poured(move.quantity, available=sold_from) if is_available else {0: move.quantity}
    else:
        held = [part[move.source] for part in level.parts]
        parts = _emptied(move.quantity, held, sorted(range(len(held)), key=lambda shard: -held[shard]))
        parts[0] = parts.get(0, 0) + move.quantity - sum(parts.values())
    return [replace(move, shard=shard, quantity=units) for shard, units in parts.items() if units]


def evening(key: LevelKey, *, available: Sequence[int], shards: int) -> list[Move]:
    """Return the moves that spread available units evenly over the first so many shards, and leave none in others.

    A unit leaves one shard for another; the sums of the location stay what they are.
    """
    total = sum(available)
    fullest = sorted(range(shards), key=lambda shard: (-_at(available, shard), shard))
    height, rest = divmod(total, shards)
    wanted = {shard: height + (place < rest) for place, shard in enumerate(fullest)}
    moves = []
    for shard in range(max(shards, len(available))):
        more = wanted.get(shard, 0) - _at(available, shard)
        if more:
            source, target = (None, Bucket.AVAILABLE) if more > 0 else (Bucket.AVAILABLE, None)
            moves.append(Move(key.sku, key.location, source, target, abs(more), shard))
    return moves


def is_uneven(available: Sequence[int], *, shards: int) -> bool:
    """Tell whether units should be moved: buyers cannot see some, or a shard has less than half of its share."""
    if any(available[shards:]):
        return True
    share = sum(available) // shards
    return share >= WORTH_IT and 2 * min(_at(available, shard) for shard in range(shards)) < share


def available_by_shard(level: Level) -> list[int]:
    """Return what is available in each part of a level, also in those that are no longer sold from."""
    return [part[Bucket.AVAILABLE] for part in level.parts] or [level.available]


def _emptied(quantity: int, held: Sequence[int], order: Iterable[int]) -> dict[int, int]:
    """Take units from shards in this order until there are enough."""
    found: dict[int, int] = {}
    for shard in order:
        units = min(quantity - sum(found.values()), held[shard])
        if units > 0:
            found[shard] = units
    return found


def _at(available: Sequence[int], shard: int) -> int:
    return available[shard] if shard < len(available) else 0
