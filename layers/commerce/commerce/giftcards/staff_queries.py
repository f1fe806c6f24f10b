"""Staff's questions about gift cards and store credit."""

from commerce.adapters.ssm import signing_keys
from commerce.giftcards.errors import GiftCardNotFound
from commerce.giftcards.model import GiftCardState
from commerce.giftcards.records import (
    ACCOUNT,
    AccountRecord,
    EntryRecord,
    entries_of,
    list_position,
    listed_under,
)
from commerce.giftcards.staff_schemas import GiftCardEntry, GiftCardLedger, StaffGiftCard
from commerce.kernel.call import Call
from commerce.kernel.paging import Page, cut, opened, sealed
from commerce.kernel.reads import get, listed


def account(*, card_id: str) -> AccountRecord:
    """Return the stored card as it is now; for this package.

    :raises GiftCardNotFound: when there is none.
    """
    record = get(AccountRecord, card_id, ACCOUNT)
    if record is None:
        detail = f"There is no gift card '{card_id}'."
        raise GiftCardNotFound(detail)
    return record


def gift_card(*, card_id: str, limit: int, cursor: str | None, call: Call) -> GiftCardLedger:
    """Return a card and a page of its entries, the newest first. An entry may follow its balance by a moment.

    :raises GiftCardNotFound: when there is none.
    """
    record = account(card_id=card_id)
    scope, keys = f"gift card entries {call.actor} {card_id}", signing_keys()
    position = opened(cursor, scope=scope, keys=keys) if cursor else None
    found = EntryRecord.query(
        entries_of(card_id),
        EntryRecord.gsi1sk < position if position else None,
        index_name="gsi1",
        scan_index_forward=False,
        limit=limit + 1,
    )
    page = cut(
        listed(found),
        limit=limit,
        shown=lambda row: GiftCardEntry.of(row, currency=record.currency),
        cursor=lambda row: sealed(f"{int(row.sequence):010d}", scope=scope, keys=keys),
    )
    return GiftCardLedger.of(record, items=page.items, next_cursor=page.next_cursor)


def gift_cards(*, state: GiftCardState, limit: int, cursor: str | None, call: Call) -> Page[StaffGiftCard]:
    """Return the cards of one state, the newest first."""
    scope, keys = f"gift cards {call.actor} {state}", signing_keys()
    position = opened(cursor, scope=scope, keys=keys) if cursor else None
    found = AccountRecord.query(
        listed_under(state),
        AccountRecord.gsi1sk < position if position else None,
        index_name="gsi1",
        scan_index_forward=False,
        limit=limit + 1,
    )
    return cut(
        listed(found),
        limit=limit,
        shown=StaffGiftCard.of,
        cursor=lambda row: sealed(list_position(issued_at=row.issued_at, card_id=row.pk), scope=scope, keys=keys),
    )
