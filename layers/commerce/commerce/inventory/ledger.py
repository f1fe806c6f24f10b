"""The audit: levels are the sum of the movements, and the history tells all of them, or it says where not."""

from collections import Counter, defaultdict
from typing import NamedTuple

from commerce.inventory.model import RECEIVED, Bucket, Level, LevelKey
from commerce.inventory.records import HistoryRecord, LevelRecord, MovementRecord, whole_table

NAMES = (*(str(bucket) for bucket in Bucket), RECEIVED)


class Difference(NamedTuple):
    """Something in the table that does not add up.

    :param what: a bucket, `received`, `buckets` (their sum or sign is wrong), or `history` (rows of a movement).
    :param where: the location (`main#3`: a shard of its level), or the movement's id for history.
    """

    sku: str
    where: str
    what: str
    expected: int
    found: int

    def __str__(self) -> str:
        return f"{self.sku} {self.where}: {self.what} is {self.found}, expected {self.expected}"


def differences(*, with_history: bool = True) -> tuple[Difference, ...]:
    """Compare levels, movements and history; nothing is returned when all is well.

    It reads the whole table and takes no snapshot: while stock moves, a difference counts only if it is seen again.
    A movement that is not projected yet lacks its history; say so with `with_history=False`.
    """
    levels: dict[LevelKey, Level] = {}
    sums: defaultdict[LevelKey, Counter[str]] = defaultdict(Counter)
    told: Counter[tuple[str, str, str]] = Counter()
    for row in whole_table():
        match row:
            case LevelRecord():
                level = row.level()
                levels[row.key] = level
            case MovementRecord():
                for move in (line.move() for line in row.moves):
                    sums[LevelKey(move.sku, move.location, move.shard)].update(move.changes)
                told.update((move.pk, row.id, _told(move)) for move in row.history())
            case HistoryRecord():
                told.subtract([(row.pk, row.movement_id, _told(row))])
    found = [*_level_differences(levels, sums), *(_history_differences(told) if with_history else ())]
    return tuple(sorted(found, key=lambda difference: (difference.sku, difference.where, difference.what)))


def _level_differences(levels: dict[LevelKey, Level], sums: defaultdict[LevelKey, Counter[str]]) -> list[Difference]:
    found: list[Difference] = []
    for key in levels.keys() | sums.keys():
        level = levels.get(key) or Level(sku=key.sku, location=key.location)
        where = f"{key.location}#{key.shard}" if key.shard else key.location
        found += [
            Difference(key.sku, where, name, expected=sums[key][name], found=getattr(level, name))
            for name in NAMES
            if sums[key][name] != getattr(level, name)
        ]
        if not level.is_sound:
            total = sum(level.in_bucket(bucket) for bucket in Bucket)
            found.append(Difference(key.sku, where, "buckets", expected=level.received, found=total))
    return found


def _history_differences(told: Counter[tuple[str, str, str]]) -> list[Difference]:
    """Return what the history lacks (expected 1) or makes up (expected 0)."""
    return [
        Difference(pk.partition("#")[2], movement_id, "history", expected=max(count, 0), found=max(-count, 0))
        for (pk, movement_id, _), count in told.items()
        if count
    ]


def _told(row: HistoryRecord) -> str:
    """Return everything that a history row says."""
    shard = f"#{int(row.shard)}" if row.shard else ""
    what = f"{row.source}>{row.target} {row.quantity} {row.reason}"
    return f"{row.sk} {row.location}{shard} {what} {row.reference} {row.actor}"
