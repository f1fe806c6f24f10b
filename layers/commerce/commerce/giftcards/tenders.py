"""The cards that a cart names, and what keeps them from paying."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from commerce.giftcards.model import Card, Tender, unusable
from commerce.giftcards.records import AccountRecord, account_read
from commerce.kernel.reads import Answers, Read


def card_reads(*, ids: Iterable[str]) -> list[Read[AccountRecord]]:
    """Return the reads that `cards` needs: one per card."""
    return [account_read(each) for each in ids]


def cards(
    *, answers: Answers, ids: Iterable[str], currency: str, email: str | None, now: datetime
) -> tuple[Tender, ...]:
    """Return the cards that a cart names, each with what keeps it from paying there, in the order of the ids."""
    found = {each: answers.get(account_read(each)) for each in ids}
    held = {each: record.card() if record is not None else None for each, record in found.items()}
    return tuple(
        Tender(id=each, card=card, problem=unusable(card, currency=currency, email=email, now=now))
        for each, card in held.items()
    )


def usable(tenders: Sequence[Tender]) -> tuple[Card, ...]:
    """Return the cards that can pay."""
    return tuple(each.card for each in tenders if each.card is not None and each.problem is None)
