"""What time brings: the rest of a card that nobody used is written off, long after it expired."""

from commerce.giftcards.entries import Change, changed
from commerce.giftcards.events import GiftCardExpired
from commerce.giftcards.issuing import aggregate
from commerce.giftcards.model import WRITTEN_OFF_AFTER, GiftCardEntryKind
from commerce.giftcards.records import ACCOUNT, EXPIRING, AccountRecord, GiftCardRecord
from commerce.kernel import clock
from commerce.kernel.call import Call
from commerce.kernel.log import logger
from commerce.kernel.money import Money
from commerce.kernel.outbox import announce
from commerce.kernel.reads import get, listed
from commerce.kernel.transactions import Write, commit, update

PER_RUN = 500
"""The next run takes the rest."""


def write_off(*, call: Call) -> dict[str, int]:
    """Write off what is left on cards that expired 90 days ago, and count them. One that fails stops no other."""
    before = clock.text(call.now - WRITTEN_OFF_AFTER)
    due = listed(GiftCardRecord.expiring.query(EXPIRING, GiftCardRecord.gsi2sk <= before, limit=PER_RUN))
    done = [_is_written_off(row.pk, call=call) for row in due]
    return {"written_off": sum(done), "failed": len(done) - sum(done)}


def _is_written_off(card_id: str, *, call: Call) -> bool:
    try:
        record = get(AccountRecord, card_id, ACCOUNT)
        if record is not None and _is_due(record, call):
            commit(_written_off(record, call))
    except Exception:  # noqa: BLE001 - the next run tries again; the others need not wait for it.
        logger.exception("a gift card could not be written off", card_id=card_id)
        return False
    return True


def _is_due(record: AccountRecord, call: Call) -> bool:
    """Tell whether it is still as the index said: a refund may have come meanwhile."""
    return record.expires_at is not None and record.expires_at <= call.now - WRITTEN_OFF_AFTER


def _written_off(record: AccountRecord, call: Call) -> list[Write]:
    """Return the writes that empty a card, and take it off the clock's list until something comes back to it."""
    card = record.card()
    unlisted = [AccountRecord.gsi2pk.remove(), AccountRecord.gsi2sk.remove()]
    if not card.balance:
        same = AccountRecord.version == card.version
        return [update(AccountRecord(pk=card.id, sk=ACCOUNT), *unlisted, condition=same)]
    sequence = card.announced + 1
    change = Change(GiftCardEntryKind.EXPIRE, -card.balance, reference=clock.text(card.expires_at or call.now))
    event = GiftCardExpired(card_id=card.id, amount=Money(amount=card.balance, currency=card.currency))
    return [
        *changed(card, change, *unlisted, AccountRecord.announced.set(sequence), call=call),
        announce(event, aggregate=aggregate(card.id), sequence=sequence, call=call),
    ]
