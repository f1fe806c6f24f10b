"""How cards come into being: by staff's word, or because an order sold them.

A code is made from the card's seed and a key (`codes`), so that it can be shown again to whoever repeats the request
that issued it, and written into a mail later, without being stored.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from commerce.adapters.code_keys import code_key_at, code_keys
from commerce.giftcards import codes
from commerce.giftcards.entries import Change, again_after_a_clash, changed, entry
from commerce.giftcards.events import GiftCardDisabled, GiftCardIssued
from commerce.giftcards.model import GiftCardEntryKind, GiftCardKind, GiftCardState
from commerce.giftcards.records import (
    ACCOUNT,
    EXPIRING,
    SOLD,
    AccountRecord,
    SoldRecord,
    account_read,
    list_position,
    listed_under,
    order_pk,
    sold_sk,
)
from commerce.kernel import clock
from commerce.kernel.call import Call
from commerce.kernel.config import settings
from commerce.kernel.ids import new_id
from commerce.kernel.money import Money
from commerce.kernel.outbox import announce
from commerce.kernel.reads import fetch, listed
from commerce.kernel.transactions import Write, commit, create

AT_ONCE = 24
"""Cards of one transaction: four writes each, of the hundred that there may be."""


class SoldUnits(NamedTuple):
    """Gift cards that a line of an order sold.

    :param amount: what is put on each.
    """

    sku: str
    quantity: int
    amount: Money


def new_account(
    *,
    kind: GiftCardKind,
    amount: Money,
    expires_at: datetime | None,
    call: Call,
    email: str | None = None,
    is_mailed: bool = False,
    note: str | None = None,
    order_id: str | None = None,
) -> AccountRecord:
    """Return the row of a new card. Its id follows from its code, and its code from a random seed."""
    seed, key = new_id("seed"), code_key_at(call.now)
    code = codes.made(seed=seed, key=key)
    card_id = codes.card_id(code, keys=code_keys())
    return AccountRecord(
        pk=card_id,
        sk=ACCOUNT,
        gsi1pk=listed_under(GiftCardState.ACTIVE),
        gsi1sk=list_position(issued_at=call.now, card_id=card_id),
        gsi2pk=EXPIRING if expires_at else None,
        gsi2sk=clock.text(expires_at) if expires_at else None,
        kind=str(kind),
        state=str(GiftCardState.ACTIVE),
        currency=amount.currency,
        initial=amount.amount,
        balance=amount.amount,
        spent=0,
        version=1,
        announced=1,
        expires_at=expires_at,
        seed=seed,
        key_number=key.number,
        last_four=code[-codes.GROUP :],
        email=email,
        is_mailed=is_mailed,
        note=note,
        order_id=order_id,
        issued_at=call.now,
        issued_by=str(call.actor),
    )


def issued(record: AccountRecord, *, call: Call) -> list[Write]:
    """Return the writes that issue a card: its row, its first entry and its event."""
    amount, order_id = int(record.balance), record.order_id
    change = Change(GiftCardEntryKind.ISSUE, amount, reference=order_id or "", order_id=order_id, note=record.note)
    event = GiftCardIssued(
        card_id=record.pk, kind=record.kind, amount=Money(amount=amount, currency=record.currency), order_id=order_id
    )
    return [
        create(record),
        entry(record.pk, change, sequence=1, balance_after=amount, call=call),
        announce(event, aggregate=aggregate(record.pk), sequence=1, call=call),
    ]


def code_of(record: AccountRecord) -> str:
    """Return a card's code as people read it."""
    key = next(key for key in code_keys() if key.number == int(record.key_number))
    return codes.shown(codes.made(seed=record.seed, key=key))


def expiry_by_default(now: datetime) -> datetime | None:
    """Return until when a card can be used that is issued now, by the shop's rule."""
    days = settings().gift_card_valid_days
    return now + timedelta(days=days) if days else None


def aggregate(card_id: str) -> str:
    """Return what a card's own events are counted under."""
    return f"gift_card#{card_id}"


@again_after_a_clash
def issued_for_order(*, order_id: str, sold: Sequence[SoldUnits], call: Call) -> int:
    """Issue the gift cards that an order sold, unless they are there; return how many were missing.

    Each unit gets one card, whoever asks, however often and at the same time: a row names the card of each unit.

    :raises WriteConflict: when others kept issuing the same cards.
    """
    missing = _missing(order_id, sold)
    for start in range(0, len(missing), AT_ONCE):
        batch = missing[start : start + AT_ONCE]
        commit(write for sku, unit, amount in batch for write in _sold(order_id, sku, unit, amount, call))
    return len(missing)


@again_after_a_clash
def disabled_for_order(*, order_id: str, reason: str, call: Call) -> int:
    """Disable the cards that an order sold and that still pay, with what is left on them; return how many.

    :raises WriteConflict: when others kept changing them.
    """
    active = [record for record in _cards_of_order(order_id) if record.state == GiftCardState.ACTIVE]
    for record in active:
        commit(disabled(record, reason=reason, order_id=order_id, call=call))
    return len(active)


def disabled(record: AccountRecord, *, reason: str, call: Call, order_id: str | None = None) -> list[Write]:
    """Return the writes after which a card pays no more. Its balance stays, for refunds and for people who look."""
    card = record.card()
    sequence = card.announced + 1
    change = Change(GiftCardEntryKind.DISABLE, 0, reference=order_id or "", order_id=order_id, note=reason)
    event = GiftCardDisabled(
        card_id=card.id,
        balance=Money(amount=card.balance, currency=card.currency),
        spent=Money(amount=card.spent, currency=card.currency),
        reason=reason,
        order_id=order_id,
    )
    actions = [
        AccountRecord.state.set(str(GiftCardState.DISABLED)),
        AccountRecord.gsi1pk.set(listed_under(GiftCardState.DISABLED)),
        AccountRecord.disabled_at.set(call.now),
        AccountRecord.disabled_reason.set(reason),
        AccountRecord.announced.set(sequence),
    ]
    return [
        *changed(card, change, *actions, call=call),
        announce(event, aggregate=aggregate(card.id), sequence=sequence, call=call),
    ]


def _missing(order_id: str, sold: Iterable[SoldUnits]) -> list[tuple[str, int, Money]]:
    there = {row.sk for row in _sold_rows(order_id)}
    return [
        (units.sku, unit, units.amount)
        for units in sold
        for unit in range(1, units.quantity + 1)
        if sold_sk(units.sku, unit) not in there
    ]


def _sold(order_id: str, sku: str, unit: int, amount: Money, call: Call) -> list[Write]:
    record = new_account(
        kind=GiftCardKind.GIFT_CARD,
        amount=amount,
        expires_at=expiry_by_default(call.now),
        is_mailed=True,
        order_id=order_id,
        call=call,
    )
    return [
        *issued(record, call=call),
        create(SoldRecord(pk=order_pk(order_id), sk=sold_sk(sku, unit), card_id=record.pk)),
    ]


def _sold_rows(order_id: str) -> list[SoldRecord]:
    return listed(SoldRecord.query(order_pk(order_id), SoldRecord.sk.startswith(SOLD), consistent_read=True))


def _cards_of_order(order_id: str) -> list[AccountRecord]:
    reads = [account_read(row.card_id) for row in _sold_rows(order_id)]
    answers = fetch(reads)
    return [record for read in reads if (record := answers.get(read)) is not None]
