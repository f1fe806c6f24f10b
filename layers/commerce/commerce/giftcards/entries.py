"""The one way a balance changes: an entry that names its cause, and the card's row on the version that was read.

The entry's key is its cause, so that a cause counts once. Its content does not depend on who writes it when, apart from
the time: a repeat after a lost response meets its own entry, and a second attempt is refused.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from pynamodb.expressions.update import Action

from commerce.giftcards.errors import InsufficientBalance
from commerce.giftcards.events import CardAmount
from commerce.giftcards.model import Card, GiftCardEntryKind, TenderPart
from commerce.giftcards.records import (
    ACCOUNT,
    EXPIRING,
    AccountRecord,
    EntryRecord,
    account_read,
    entries_of,
    entry_sk,
)
from commerce.kernel import clock
from commerce.kernel.call import Call
from commerce.kernel.errors import CommerceError, WriteConflict
from commerce.kernel.money import Money
from commerce.kernel.reads import fetch
from commerce.kernel.records import Record
from commerce.kernel.retrying import Patience, again_after
from commerce.kernel.transactions import Refusal, Write, create, update

again_after_a_clash = again_after(WriteConflict, patience=Patience(attempts=8, longest_wait=0.3, seconds=3))
"""Reads and decides anew when somebody else changed the card first, for three seconds: somebody waits for an answer."""

SPENDS = {GiftCardEntryKind.REDEEM, GiftCardEntryKind.RELEASE, GiftCardEntryKind.REFUND}
"""What orders take and give back: it moves `spent` too."""


class Change(NamedTuple):
    """A change of a balance, and why.

    :param amount: minor units with their sign; 0 where only the card's state changes.
    :param reference: what caused it, unique among the card's entries of this kind.
    :param param: what the caller sent that asks for the amount.
    """

    kind: GiftCardEntryKind
    amount: int
    reference: str
    order_id: str | None = None
    note: str | None = None
    param: str = "gift_cards"


def entry(card_id: str, change: Change, *, sequence: int, balance_after: int, call: Call) -> Write:
    """Return the write of an entry."""
    record = EntryRecord(
        pk=card_id,
        sk=entry_sk(change.kind, change.reference),
        gsi1pk=entries_of(card_id),
        gsi1sk=f"{sequence:010d}",
        sequence=sequence,
        kind=str(change.kind),
        amount=change.amount,
        balance_after=balance_after,
        reference=change.reference,
        order_id=change.order_id,
        note=change.note,
        actor=str(call.actor),
        occurred_at=call.now,
    )
    return create(record)


def changed(card: Card, change: Change, *actions: Action, call: Call) -> list[Write]:
    """Return the two writes that change a card as it was read.

    Refused with InsufficientBalance when less is on it by then, and with WriteConflict when it changed otherwise, or
    when the cause has had its effect: whoever asked reads anew and sees.
    """
    balance = card.balance + change.amount
    moves = [AccountRecord.balance.set(balance), AccountRecord.version.set(card.version + 1)]
    seen = AccountRecord.version == card.version
    if change.kind in SPENDS:
        moves.append(AccountRecord.spent.set(card.spent - change.amount))
    if change.amount < 0:
        seen &= AccountRecord.balance >= -change.amount
    elif change.kind in SPENDS:
        # Never more comes back than was taken.
        seen &= AccountRecord.spent >= change.amount
    return [
        entry(card.id, change, sequence=card.version + 1, balance_after=balance, call=call),
        update(AccountRecord(pk=card.id, sk=ACCOUNT), *moves, *actions, condition=seen, refused=_refusal(change)),
    ]


def expiring_at(moment: datetime) -> list[Action]:
    """Return what moves a card's expiry, and lets the clock find it then."""
    return [
        AccountRecord.expires_at.set(moment),
        AccountRecord.gsi2pk.set(EXPIRING),
        AccountRecord.gsi2sk.set(clock.text(moment)),
    ]


def cards_of(parts: Sequence[TenderPart]) -> dict[str, Card]:
    """Return the cards of these parts as they are now, in one read.

    :raises WriteConflict: when one is not there, which only a torn restore can bring about.
    """
    answers = fetch(account_read(part.account_id) for part in parts)
    records = [answers.get(account_read(part.account_id)) for part in parts]
    cards = {record.pk: record.card() for record in records if record is not None}
    if len(cards) < len(parts):
        raise WriteConflict
    return cards


def amounts(parts: Iterable[TenderPart], cards: dict[str, Card]) -> tuple[CardAmount, ...]:
    """Return the parts as an event tells them."""
    return tuple(
        CardAmount(card_id=part.account_id, amount=Money(amount=part.amount, currency=cards[part.account_id].currency))
        for part in parts
    )


def _refusal(change: Change) -> Refusal:
    def refused(old: Record | None) -> CommerceError:
        if not isinstance(old, AccountRecord) or old.balance + change.amount >= 0:
            return WriteConflict()
        card = old.card()
        return InsufficientBalance.of(
            label=card.label,
            balance=Money(amount=card.balance, currency=card.currency),
            wanted=Money(amount=-change.amount, currency=card.currency),
            param=change.param,
        )

    return refused
