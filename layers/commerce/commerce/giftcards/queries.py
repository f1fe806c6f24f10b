"""Questions about gift cards that shoppers' functions ask."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from commerce.adapters.code_keys import code_keys
from commerce.giftcards import codes, lookups
from commerce.giftcards.errors import GiftCardNotFound
from commerce.giftcards.model import Card, Tender, unusable
from commerce.giftcards.records import AccountRecord, account_read
from commerce.giftcards.schemas import GiftCardBalance
from commerce.kernel.call import Call
from commerce.kernel.reads import Answers, Read, get
from commerce.kernel.transactions import commit


def card_id(*, code: str) -> str:
    """Return the id by which a cart remembers the card of this code, whether or not there is one. No read.

    Whoever lets strangers try codes counts each try (`lookups.counted`).
    """
    return codes.card_id(code, keys=code_keys())


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


def balance(*, code: str, call: Call) -> GiftCardBalance:
    """Return what is left on a card, to whoever has its code. Each call counts against the caller's network.

    A code that was mistyped and one that never was look the same and take the same calls.

    :raises TooManyLookups: when the network asked too often, whether or not there is such a card.
    :raises GiftCardNotFound: when there is none.
    """
    wanted = card_id(code=code)
    record = get(AccountRecord, wanted, account_read(wanted).sk)
    done = call.once.row(wanted) if call.once and record is not None else None
    commit([lookups.counted(client_ip=call.client_ip, now=call.now), done])
    return _shown(record, now=call.now)


def balance_again(*, resource: str, call: Call) -> GiftCardBalance:
    """Answer a repeated question by how things are now. It does not count again."""
    return _shown(get(AccountRecord, resource, account_read(resource).sk), now=call.now)


def _shown(record: AccountRecord | None, *, now: datetime) -> GiftCardBalance:
    if record is None:
        raise GiftCardNotFound
    return GiftCardBalance.of(record.card(), now=now)
