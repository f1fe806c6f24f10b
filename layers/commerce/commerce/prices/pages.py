"""How far product pages show the price lists of the shop."""

from datetime import datetime, timedelta
from typing import NamedTuple

from commerce.kernel.reads import get
from commerce.kernel.transactions import commit
from commerce.prices.records import PAGES, PagesRecord, pages_write


class Round(NamedTuple):
    """A round through all products.

    :ivar cursor: where it goes on; None at its beginning.
    """

    cursor: str | None


def due_round(*, now: datetime, every: timedelta) -> Round | None:
    """Return the round that is under way or due; None while the pages show what they should. One read.

    A round begins anew when lists or rules change in the middle of it.

    :param every: how long pages may be left alone though nothing changed.
    """
    record = get(PagesRecord, PAGES, PAGES)
    if record is None:
        return None
    wanted = int(record.wanted)
    if record.target and int(record.target) == wanted:
        return Round(record.cursor)
    is_old = record.done_at is None or now - record.done_at >= every
    return Round(None) if int(record.done) < wanted or is_old else None


def advance(version: int, cursor: str) -> None:
    """Remember how far the round for this version of the lists has come."""
    commit([pages_write(target=version, cursor=cursor, finished_at=None)])


def finish(version: int, *, now: datetime) -> None:
    """Remember that all pages show this version of the lists."""
    commit([pages_write(target=version, cursor=None, finished_at=now)])
