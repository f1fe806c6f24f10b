"""Gift cards and store credit, what each pays of an order, and where a refund goes. Pure: no I/O, no clock.

A gift card belongs to whoever has its code. Store credit belongs to an e-mail address, and needs its code as well.
"""

from collections.abc import Iterable, Sequence
from copy import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from commerce.customers.model import email_key
from commerce.giftcards.errors import RefundNotSplittable

MOST_GIFT_CARDS, MOST_CREDITS = 5, 1
"""How many of each pay for one order: a transaction has a hundred actions."""

REFUNDED_FOR = timedelta(days=365)
"""What goes back onto a card can be used for so long, whatever the card's expiry was."""

WRITTEN_OFF_AFTER = timedelta(days=90)
"""So long after its expiry a card keeps its balance, in case a refund comes or staff were asked to be kind."""

NEVER = datetime.max.replace(tzinfo=UTC)


class GiftCardKind(StrEnum):
    """Whose the balance is: whoever's has the code, or one shopper's."""

    GIFT_CARD = "gift_card"
    STORE_CREDIT = "store_credit"


class GiftCardState(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"


class GiftCardEntryKind(StrEnum):
    """Why a balance changed."""

    ISSUE = "issue"
    REDEEM = "redeem"
    RELEASE = "release"
    REFUND = "refund"
    ADJUST = "adjust"
    EXPIRE = "expire"
    DISABLE = "disable"


class Unusable(StrEnum):
    """Why a card cannot pay."""

    UNKNOWN = "unknown"
    DISABLED = "disabled"
    EXPIRED = "expired"
    WRONG_CURRENCY = "wrong_currency"
    NOT_YOURS = "not_yours"
    EMPTY = "empty"


class Card(NamedTuple):
    """A card or credit as it was read.

    :param label: what people know it by, without giving its code away.
    :param spent: what paid for orders and did not come back. Put in = balance + spent + what was written off.
    :param email: whose it is (store credit), or whom it was sent to.
    :param version: grows by one with each change; the number of entries in its ledger.
    :param announced: the number of its own latest event.
    """

    id: str
    kind: GiftCardKind
    label: str
    currency: str
    balance: int
    spent: int = 0
    expires_at: datetime | None = None
    state: GiftCardState = GiftCardState.ACTIVE
    email: str | None = None
    version: int = 1
    announced: int = 1


class Tender(NamedTuple):
    """A card that a cart names, and why it cannot pay, if it cannot.

    :param card: as it is now; None when there is none with this id.
    """

    id: str
    card: Card | None
    problem: Unusable | None


class TenderPart(NamedTuple):
    """What one card pays of an order, or gets back of it, in minor units."""

    account_id: str
    kind: GiftCardKind
    label: str
    amount: int


class RefundSplit(NamedTuple):
    """Where a refund goes: an amount to the payment provider, and amounts to cards."""

    to_provider: int
    parts: tuple[TenderPart, ...] = ()

    @property
    def amount(self) -> int:
        """Return all of it."""
        return self.to_provider + sum(part.amount for part in self.parts)


def unusable(card: Card | None, *, currency: str, email: str | None, now: datetime) -> Unusable | None:
    """Tell why a card cannot pay in a cart of this currency and e-mail address; None when it can."""
    if card is None:
        return Unusable.UNKNOWN
    is_foreign = card.kind is GiftCardKind.STORE_CREDIT and (
        email is None or card.email is None or email_key(email) != email_key(card.email)
    )
    holds = {
        Unusable.NOT_YOURS: is_foreign,
        Unusable.DISABLED: card.state is GiftCardState.DISABLED,
        Unusable.EXPIRED: has_expired(card, now=now),
        Unusable.WRONG_CURRENCY: card.currency != currency,
        Unusable.EMPTY: card.balance <= 0,
    }
    return next((problem for problem, held in holds.items() if held), None)


def has_expired(card: Card, *, now: datetime) -> bool:
    """Tell whether the card's time is over; at the very moment of its expiry it is."""
    return card.expires_at is not None and card.expires_at <= now


def paid_by(
    *, due: int, cards: Iterable[Card], currency: str, now: datetime, least: int = 0, step: int = 1, beside: int = 0
) -> tuple[TenderPart, ...]:
    """Return what each card pays of an amount.

    Gift cards come first, then store credit; of each, what expires first, then by id. Five gift cards and one credit
    pay at most. What other currencies, expired, disabled or empty cards hold is passed over; whose a credit is was
    asked before (`unusable`).

    :param due: the total, less what the rules of the shop keep cards from paying.
    :param least: what the payment provider charges at least. When less than that would be left to pay, the last cards
        pay less, so that it is left.
    :param step: the provider charges multiples of this only.
    :param beside: what is to be paid without cards in any case, and is charged together with what they leave.
    """
    able = [
        card
        for card in cards
        if card.state is GiftCardState.ACTIVE
        and card.currency == currency
        and card.balance > 0
        and not has_expired(card, now=now)
    ]
    gift_cards = _in_turn(able, GiftCardKind.GIFT_CARD)[:MOST_GIFT_CARDS]
    credit = _in_turn(able, GiftCardKind.STORE_CREDIT)[:MOST_CREDITS]
    parts: list[TenderPart] = []
    left = due
    for card in (*gift_cards, *credit):
        amount = min(card.balance, left)
        if amount > 0:
            parts.append(TenderPart(account_id=card.id, kind=card.kind, label=card.label, amount=amount))
            left -= amount
    charged = left + beside
    return _leaving(_chargeable(charged, least=least, step=step) - charged, parts) if charged else tuple(parts)


def refund_split(
    *,
    amount: int,
    paid_by_provider: int,
    paid_by: Sequence[TenderPart],
    refunded_before: Iterable[RefundSplit] = (),
    step: int = 1,
) -> RefundSplit:
    """Return where a refund goes: back to where the money came from, the last to pay first.

    The provider paid what the cards had left over, so its card gets its money first, then store credit, then gift
    cards from the last to the first. After any sequence of refunds each holds what it would have, had the order been
    that much smaller, and the refunds of the whole order give each exactly what it paid.

    :param paid_by: as `paid_by` returned it.
    :param step: the provider sends back multiples of this only; the cards take the rest.
    :raises ValueError: when it is more than is left of what was paid, or nothing.
    :raises RefundNotSplittable: when the provider would have to send back no multiple of its step.
    """
    before = tuple(refunded_before)
    provider_left = paid_by_provider - sum(split.to_provider for split in before)
    taken = {part.account_id: 0 for part in paid_by}
    for part in (part for split in before for part in split.parts):
        taken[part.account_id] += part.amount
    room = {part.account_id: part.amount - taken[part.account_id] for part in paid_by}
    if not 0 < amount <= provider_left + sum(room.values()):
        message = f"{amount} cannot be refunded: {provider_left} and {sum(room.values())} are left"
        raise ValueError(message)
    to_provider = min(amount, provider_left)
    to_provider -= to_provider % step
    left = amount - to_provider
    parts: list[TenderPart] = []
    for part in reversed(paid_by):
        share = min(left, room[part.account_id])
        if share > 0:
            parts.append(replace(part, amount=share))
            left -= share
    if left:
        raise RefundNotSplittable
    return RefundSplit(to_provider=to_provider, parts=tuple(parts))


def _in_turn(cards: Iterable[Card], kind: GiftCardKind) -> list[Card]:
    return sorted((card for card in cards if card.kind is kind), key=lambda card: (card.expires_at or NEVER, card.id))


def _chargeable(left: int, *, least: int, step: int) -> int:
    """Return the smallest amount from this one on that the provider charges."""
    at_least = max(left, least)
    return at_least + -at_least % step


def _leaving(more: int, parts: Sequence[TenderPart]) -> tuple[TenderPart, ...]:
    """Return the parts when so much more shall be left to pay: the last ones pay less. What they cannot, stays."""
    kept = list(parts)
    while more > 0 and kept:
        last = kept.pop()
        if last.amount > more:
            kept.append(replace(last, amount=last.amount - more))
        more -= min(more, last.amount)
    return tuple(kept)
