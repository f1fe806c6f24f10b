"""Splitting the level of a hot SKU over shards, evening them out, and putting them together again.

All of it moves units between shards of one location, as part of the ledger: what a location has stays what it is.
"""

from collections.abc import Sequence

from commerce.inventory import contention as hot
from commerce.inventory import queries, shards, staff_queries
from commerce.inventory.errors import InsufficientStock, StaleShards
from commerce.inventory.model import Reason
from commerce.inventory.operations import available_is, move
from commerce.inventory.records import ContentionRecord, LevelRecord, level_row
from commerce.inventory.schemas import SplitLevels, StockView
from commerce.kernel.call import Call
from commerce.kernel.errors import WriteConflict
from commerce.kernel.log import logger
from commerce.kernel.transactions import Write, check, commit, update

ATTEMPTS = 8
FASTER = 4
"""By how much the shards of a SKU grow when it is too hot for those that it has."""

OVERTAKEN = (WriteConflict, InsufficientStock)
"""Somebody bought after we read."""


def set_shards(*, sku: str, new: SplitLevels, call: Call) -> StockView:
    """Spread the available units of a SKU over so many shards, at every location that sells or has a level.

    Each location is changed in a transaction of its own; a repeat after a failure goes on with those that are left.

    :raises UnknownSku: when no product has this SKU.
    :raises StaleShards: when the caller saw another number of shards.
    :raises WriteConflict: when buyers were faster each time.
    """
    stored = queries.known_levels(sku=sku)
    selling = [place.id for place in queries.stored_locations().all if place.active]
    locations = dict.fromkeys([*selling, *sorted(stored)])
    for location in locations:
        _set_at(location, sku=sku, new=new, call=call)
    if call.once:
        commit([call.once.row(sku)])
    return staff_queries.stock(sku=sku)


def shards_again(*, resource: str, call: Call) -> StockView:  # noqa: ARG001 - the edge's signature.
    """Answer a repeated change of the shards."""
    return staff_queries.stock(sku=resource)


def tend(*, sku: str, rows: Sequence[LevelRecord], contention: ContentionRecord | None, call: Call) -> None:
    """Split what too many buy at the same moment, and even out what is split.

    Whoever is overtaken by a buyer leaves it at that: the buyer's own movement brings the next one here.

    :param rows: all level rows of the SKU.
    """
    for found in queries.by_location(rows):
        now_in = found[0].split_into
        is_hot = hot.is_hot(contention, shards=now_in, now=call.now)
        wanted = min(now_in * FASTER, shards.MOST) if is_hot else now_in
        if not (wanted > now_in or shards.is_uneven(_available(found), shards=now_in)):
            continue
        try:
            commit(split_writes(found, into=wanted, call=call))
        except OVERTAKEN:
            logger.info("buyers were faster than the evening out of their shards", sku=sku)
            continue
        if wanted > now_in:
            logger.warning("a hot SKU was split", sku=sku, location=found[0].key.location, shards=wanted)
            hot.forget(sku=sku)


def _set_at(location: str, *, sku: str, new: SplitLevels, call: Call) -> None:
    for _ in range(ATTEMPTS):
        stored = queries.by_location(queries.stored_rows(sku=sku))
        rows = next((each for each in stored if each[0].key.location == location), [level_row(sku, location)])
        now_in = rows[0].split_into
        if now_in == new.shards and not any(_available(rows)[now_in:]):
            return
        if new.expected_shards is not None and now_in not in {new.expected_shards, new.shards}:
            detail = f"You saw {new.expected_shards} shards of {sku} at {location}, but there are {now_in} by now."
            raise StaleShards(detail, extra={"shards": now_in})
        try:
            commit(split_writes(rows, into=new.shards, call=call))
        except OVERTAKEN:
            continue
        return
    raise WriteConflict


def split_writes(rows: Sequence[LevelRecord], *, into: int, call: Call) -> list[Write]:
    """Return the writes that spread what is available evenly over so many shards; for this package.

    They hold only while each shard that gives units has them, and while nobody else splits the level.
    """
    first, now_in = rows[0], rows[0].split_into
    moves = shards.evening(first.key, available=_available(rows), shards=into)
    count = LevelRecord.shards
    writes = move(moves=moves, reason=Reason.REBALANCE, reference=f"{into} shards", call=call)
    same = count == now_in if now_in > 1 else count.does_not_exist()
    keys = level_row(*first.key)
    if into == now_in:
        return writes
    # Nobody would look again at what comes into a shard while it is given up.
    given_up = [(row, int(row.available)) for row in rows if row.key.shard >= into]
    emptied = [check(level_row(*row.key), available_is(units)) for row, units in given_up]
    return [*writes, *emptied, update(keys, count.set(into) if into > 1 else count.remove(), condition=same)]


def _available(rows: Sequence[LevelRecord]) -> list[int]:
    return shards.available_by_shard(queries.whole(rows))
