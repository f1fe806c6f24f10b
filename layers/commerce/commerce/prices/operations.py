"""Changes of price lists and price rules.

Each writes all of them, conditioned on the version that it read. A clash with another change is tried again from the
start; a caller who sent If-Match gets the 412 instead. What shoppers saw is kept for as long as a reduction may have to
be compared with it.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from commerce.kernel.call import Call
from commerce.kernel.errors import WriteConflict
from commerce.kernel.ids import new_id
from commerce.kernel.outbox import Event, announce
from commerce.kernel.retrying import again_after
from commerce.kernel.transactions import commit
from commerce.prices import staff_queries as queries
from commerce.prices.books import Book
from commerce.prices.events import PriceListDeleted, PriceListPut, PriceRulesPut
from commerce.prices.model import (
    MOST_LISTS,
    Adjustment,
    PastList,
    PriceList,
    PriceListNotFound,
    TooLarge,
    TooManyLists,
    in_order,
)
from commerce.prices.records import lists_write
from commerce.prices.rules import Bound, PastRule, PriceRule, RuleBand
from commerce.prices.rules import in_order as rules_in_order
from commerce.prices.schemas import (
    PutPriceList,
    PutPriceRule,
    PutPriceRules,
    StaffPriceList,
    StaffPriceLists,
    StaffPriceRules,
    shown_list,
)

AGGREGATE = "price-lists"
LARGEST_BOOK_BYTES = 100_000
KEPT = timedelta(days=180)
"""How long a list or rule that was changed or deleted is kept: what was shown in the thirty days before a reduction is
known for reductions of up to five months."""

KEPT_AT_LEAST = timedelta(days=31)
"""When there is no more room, what is older goes; then changes are refused."""

_again_after_a_clash = again_after(WriteConflict)


@_again_after_a_clash
def put_list(*, list_id: str, price_list: PutPriceList, call: Call) -> StaffPriceList:
    """Add a price list, or replace all of it but the prices of its SKUs.

    :raises StaleVersion: when `If-Match` named another version of lists and rules.
    :raises TooManyLists: when the shop has its full number.
    :raises TooLarge: when all together have no room for it.
    """
    book, version = queries.stored_book()
    call.check_version(version)
    before = next((one for one in book.lists if one.id == list_id), None)
    if before is None and len(book.lists) >= MOST_LISTS:
        raise TooManyLists
    changed = _list(list_id, price_list, key=before.key if before else new_id("pl"), now=call.now)
    past = book.past_lists
    if before is not None and before.prices_as(changed):
        changed = changed.model_copy(update={"since": before.since})
    elif before is not None:
        past = _with(past, before, now=call.now)
    others = tuple(one for one in book.lists if one.id != list_id)
    wanted = book.model_copy(update={"lists": (*others, changed), "past_lists": past})
    _replace(wanted, PriceListPut(list_id=list_id), version=version, resource=list_id, call=call)
    return StaffPriceList(**dict(shown_list(changed)), version=version + 1)


@_again_after_a_clash
def delete_list(*, list_id: str, call: Call) -> StaffPriceLists:
    """Delete a price list, and with it the prices that SKUs have in it. Orders keep what they were sold at.

    :raises PriceListNotFound: when there is none.
    :raises StaleVersion: when `If-Match` named another version of lists and rules.
    """
    book, version = queries.stored_book()
    call.check_version(version)
    before = next((one for one in book.lists if one.id == list_id), None)
    if before is None:
        detail = f"There is no price list '{list_id}'."
        raise PriceListNotFound(detail)
    left = tuple(one for one in book.lists if one.id != list_id)
    wanted = book.model_copy(update={"lists": left, "past_lists": _with(book.past_lists, before, now=call.now)})
    _replace(wanted, PriceListDeleted(list_id=list_id), version=version, resource=list_id, call=call)
    return StaffPriceLists(items=tuple(shown_list(one) for one in in_order(left)), version=version + 1)


@_again_after_a_clash
def put_rules(*, rules: PutPriceRules, call: Call) -> StaffPriceRules:
    """Replace all price rules.

    :raises StaleVersion: when `If-Match` named another version of lists and rules.
    :raises TooLarge: when all together have no room for them.
    """
    book, version = queries.stored_book()
    call.check_version(version)
    before = {rule.id: rule for rule in book.rules}
    after = [_rule(rule, now=call.now) for rule in rules.items]
    kept = [
        rule.model_copy(update={"since": before[rule.id].since})
        if rule.id in before and before[rule.id].prices_as(rule)
        else rule
        for rule in after
    ]
    same = {rule.id for rule in kept if rule.id in before and before[rule.id].prices_as(rule)}
    gone = [PastRule(was=rule, until=call.now) for rule in book.rules if rule.active and rule.id not in same]
    wanted = book.model_copy(update={"rules": tuple(kept), "past_rules": (*book.past_rules, *gone)})
    event = PriceRulesPut(rule_ids=sorted(rule.id for rule in kept))
    _replace(wanted, event, version=version, resource="price-rules", call=call)
    return StaffPriceRules(items=rules_in_order(kept), version=version + 1)


def list_put_again(*, resource: str, call: Call) -> StaffPriceList:  # noqa: ARG001 - the edge passes both.
    """Render the answer of a `put_list` that was done before.

    :raises PriceListNotFound: when the list was deleted since.
    """
    return queries.price_list(list_id=resource)


def list_deleted_again(*, resource: str, call: Call) -> StaffPriceLists:  # noqa: ARG001 - the edge passes both.
    """Render the answer of a `delete_list` that was done before."""
    return queries.price_lists()


def rules_put_again(*, resource: str, call: Call) -> StaffPriceRules:  # noqa: ARG001 - the edge passes both.
    """Render the answer of a `put_rules` that was done before."""
    return queries.price_rules()


def _replace(book: Book, event: Event, *, version: int, resource: str, call: Call) -> None:
    kept = _fitting(book, now=call.now)
    commit(
        [
            *lists_write(book=kept, seen_version=version, call=call),
            announce(event, aggregate=AGGREGATE, sequence=version + 1, call=call),
            call.once and call.once.row(resource),
        ]
    )


def _with(past: Sequence[PastList], before: PriceList, *, now: datetime) -> tuple[PastList, ...]:
    """Add a list that was in force until now; one that never was is forgotten."""
    begun = before.starts_at is None or before.starts_at < now
    ended = before.ends_at is not None and before.ends_at <= before.since
    return (*past, PastList(was=before, until=now)) if before.active and begun and not ended else tuple(past)


def _fitting(book: Book, *, now: datetime) -> Book:
    """Forget what is too old, and what is old where there is no room.

    :raises TooLarge: when what must be kept has no room.
    """
    for kept in (KEPT, KEPT_AT_LEAST):
        book = book.model_copy(
            update={
                "past_lists": tuple(past for past in book.past_lists if past.until > now - kept),
                "past_rules": tuple(past for past in book.past_rules if past.until > now - kept),
            }
        )
        if len(json.dumps(book.model_dump(mode="json", exclude_defaults=True)).encode()) <= LARGEST_BOOK_BYTES:
            return book
    raise TooLarge


def _list(list_id: str, new: PutPriceList, *, key: str, now: datetime) -> PriceList:
    given = {name: _frozen(getattr(new, name)) for name in type(new).model_fields if name != "adjustment"}
    adjustment = Adjustment(**dict(new.adjustment)) if new.adjustment is not None else None
    return PriceList(**given, id=list_id, key=key, since=now, adjustment=adjustment)


def _rule(new: PutPriceRule, *, now: datetime) -> PriceRule:
    plain = {name: _frozen(getattr(new, name)) for name in type(new).model_fields}
    plain["bands"] = tuple(RuleBand(**dict(band)) for band in sorted(new.bands, key=lambda band: band.at_least))
    plain |= {"floor": Bound(**dict(new.floor)), "ceiling": Bound(**dict(new.ceiling)), "since": now}
    return PriceRule(**plain)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
