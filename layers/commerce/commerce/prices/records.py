"""The prices table: one item with all lists and rules, one with the exchange rates, one for the pages' projection."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition

from commerce.kernel.call import Call
from commerce.kernel.ids import new_id
from commerce.kernel.reads import Read
from commerce.kernel.records import InstantAttribute, OptionalInstantAttribute, Record, TableName
from commerce.kernel.transactions import Refusal, Write, check, put, update

if TYPE_CHECKING:
    from commerce.prices.books import Book, RateBook

LISTS = "price-lists"
RATES = "exchange-rates"
PAGES = "pages"


class PricesRecord(Record):
    class Meta:
        table_name = TableName("prices_table")


class ListsRecord(PricesRecord):
    """pk and sk: `price-lists`."""

    version = NumberAttribute()
    revision = UnicodeAttribute()
    book = JSONAttribute()
    updated_at = InstantAttribute()
    updated_by = UnicodeAttribute()


class RatesRecord(PricesRecord):
    """pk and sk: `exchange-rates`."""

    version = NumberAttribute()
    revision = UnicodeAttribute()
    book = JSONAttribute()
    updated_at = InstantAttribute()
    updated_by = UnicodeAttribute()


class PagesRecord(PricesRecord):
    """pk and sk: `pages`. How far the product pages show the lists: `wanted` is the version that they should show.

    `cursor` and `target` belong to a round that is under way; `done` and `done_at` to the last one that was finished.
    """

    wanted = NumberAttribute(default=0)
    target = NumberAttribute(null=True)
    cursor = UnicodeAttribute(null=True)
    done = NumberAttribute(default=0)
    done_at = OptionalInstantAttribute()


def lists_read() -> Read[ListsRecord]:
    """Return the read of all lists and rules."""
    return Read(ListsRecord, LISTS, LISTS)


def rates_read() -> Read[RatesRecord]:
    """Return the read of the exchange rates."""
    return Read(RatesRecord, RATES, RATES)


def lists_write(*, book: "Book", seen_version: int, call: Call) -> list[Write]:
    """Return the writes that replace all lists and rules, and ask for the pages to show them."""
    record = ListsRecord(
        pk=LISTS,
        sk=LISTS,
        version=seen_version + 1,
        revision=new_id("rev"),
        book=book.model_dump(mode="json", exclude_defaults=True),
        updated_at=call.now,
        updated_by=str(call.actor),
    )
    pages = update(PagesRecord(pk=PAGES, sk=PAGES), PagesRecord.wanted.set(seen_version + 1))
    return [put(record, condition=_unchanged(ListsRecord, seen_version)), pages]


def lists_unmoved(*, seen_version: int, refused: Refusal) -> Write:
    """Return the condition that nobody changed the lists and rules since they were read."""
    return check(ListsRecord(pk=LISTS, sk=LISTS), _unchanged(ListsRecord, seen_version), refused=refused)


def rates_write(*, book: "RateBook", seen_version: int, call: Call) -> Write:
    """Return the write that replaces the exchange rates."""
    record = RatesRecord(
        pk=RATES,
        sk=RATES,
        version=seen_version + 1,
        revision=new_id("rev"),
        book=book.model_dump(mode="json"),
        updated_at=call.now,
        updated_by=str(call.actor),
    )
    return put(record, condition=_unchanged(RatesRecord, seen_version))


def pages_write(*, target: int, cursor: str | None, finished_at: datetime | None) -> Write:
    """Return the write that remembers how far a round has come."""
    pages = PagesRecord(pk=PAGES, sk=PAGES)
    if finished_at is None:
        steps: list[Any] = [PagesRecord.target.set(target)]
        steps.append(PagesRecord.cursor.set(cursor) if cursor is not None else PagesRecord.cursor.remove())
        return update(pages, *steps)
    return update(
        pages,
        PagesRecord.done.set(target),
        PagesRecord.done_at.set(finished_at),
        PagesRecord.target.remove(),
        PagesRecord.cursor.remove(),
    )


def _unchanged(kind: type[ListsRecord | RatesRecord], seen_version: int) -> Condition:
    return kind.version == seen_version if seen_version else kind.pk.does_not_exist()
