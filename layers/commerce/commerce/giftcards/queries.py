"""What shoppers ask about a gift card by its code."""

from commerce.adapters.code_keys import code_keys
from commerce.giftcards import codes, lookups
from commerce.giftcards.errors import GiftCardNotFound
from commerce.giftcards.model import Card
from commerce.giftcards.records import ACCOUNT, AccountRecord
from commerce.giftcards.schemas import GiftCardBalance
from commerce.kernel.call import Call
from commerce.kernel.idempotency import Once
from commerce.kernel.reads import get
from commerce.kernel.transactions import commit


def card_id(*, code: str) -> str:
    """Return the id by which a cart remembers the card of this code, whether or not there is one. No read."""
    return codes.card_id(code, keys=code_keys())


def card_of(*, code: str, call: Call) -> Card:
    """Return the card of a code that a shopper typed in, so that a cart can remember its id.

    Each call counts against the caller's network. A code that was mistyped and one that never was look the same and
    take the same calls.

    :raises TooManyLookups: when the network asked too often, whether or not there is such a card.
    :raises GiftCardNotFound: when there is none.
    """
    return _tried(code, call, once=None)


def balance(*, code: str, call: Call) -> GiftCardBalance:
    """Return what is left on a card, to whoever has its code. It counts and refuses as `card_of` does."""
    return GiftCardBalance.of(_tried(code, call, once=call.once), now=call.now)


def balance_again(*, resource: str, call: Call) -> GiftCardBalance:
    """Answer a repeated question by how things are now. It does not count again.

    :raises GiftCardNotFound: never: there was one, and cards are not deleted.
    """
    return GiftCardBalance.of(_existing(_stored(resource)), now=call.now)


def _tried(code: str, call: Call, *, once: Once | None) -> Card:
    wanted = card_id(code=code)
    record = _stored(wanted)
    done = once.row(wanted) if once is not None and record is not None else None
    commit([lookups.counted(client_ip=call.client_ip, now=call.now), done])
    return _existing(record)


def _stored(wanted: str) -> AccountRecord | None:
    return get(AccountRecord, wanted, ACCOUNT)


def _existing(record: AccountRecord | None) -> Card:
    if record is None:
        raise GiftCardNotFound
    return record.card()
