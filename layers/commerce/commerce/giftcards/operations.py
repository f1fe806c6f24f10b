"""What a checkout takes from gift cards and store credit, and what it gives back.

Each returns the writes for the transaction of the order's own change: two per card, and one event for all of them.
"""

from collections.abc import Iterable, Sequence

from commerce.giftcards.entries import Change, amounts, cards_of, changed, expiring_at
from commerce.giftcards.events import GiftCardsRedeemed, GiftCardsRefunded, GiftCardsReleased
from commerce.giftcards.model import REFUNDED_FOR, Card, GiftCardEntryKind, TenderPart
from commerce.kernel.call import Call
from commerce.kernel.outbox import announce
from commerce.kernel.transactions import Write


def redeemed(*, parts: Sequence[TenderPart], cards: Iterable[Card], order_id: str, call: Call) -> list[Write]:
    """Return the writes that take these parts from their cards for an order.

    The commit is refused with InsufficientBalance or WriteConflict when a card is not as it was read.

    :param cards: the cards that the parts were computed from.
    """
    if not parts:
        return []
    known = {card.id: card for card in cards}
    changes = [
        changed(
            known[part.account_id],
            Change(GiftCardEntryKind.REDEEM, -part.amount, reference=order_id, order_id=order_id),
            call=call,
        )
        for part in parts
    ]
    event = GiftCardsRedeemed(order_id=order_id, parts=amounts(parts, known))
    return [*_flat(changes), announce(event, aggregate=_payment_of(order_id), sequence=1, call=call)]


def released(*, parts: Sequence[TenderPart], order_id: str, call: Call) -> list[Write]:
    """Return the writes that give an unpaid order's parts back to their cards. One read of DynamoDB.

    A card that expired or was disabled meanwhile gets its part too, and stays what it is. The commit is refused with
    WriteConflict when a card changed since, or when this happened before.
    """
    if not parts:
        return []
    cards = cards_of(parts)
    changes = [
        changed(
            cards[part.account_id],
            Change(GiftCardEntryKind.RELEASE, part.amount, reference=order_id, order_id=order_id),
            call=call,
        )
        for part in parts
    ]
    event = GiftCardsReleased(order_id=order_id, parts=amounts(parts, cards))
    return [*_flat(changes), announce(event, aggregate=_payment_of(order_id), sequence=2, call=call)]


def refunded(*, parts: Sequence[TenderPart], refund_id: str, order_id: str, call: Call) -> list[Write]:
    """Return the writes that send a refund's parts back to their cards. One read of DynamoDB.

    A card that ends within a year, or has ended, can be used for a year from now on: what was paid with it is owed. On
    a disabled card the amount waits for staff. Refused as `released` is.
    """
    if not parts:
        return []
    cards = cards_of(parts)
    until = call.now + REFUNDED_FOR
    changes = []
    for part in parts:
        card = cards[part.account_id]
        change = Change(GiftCardEntryKind.REFUND, part.amount, reference=refund_id, order_id=order_id)
        longer = expiring_at(until) if card.expires_at is not None and card.expires_at < until else []
        changes.append(changed(card, change, *longer, call=call))
    event = GiftCardsRefunded(order_id=order_id, refund_id=refund_id, parts=amounts(parts, cards))
    return [*_flat(changes), announce(event, aggregate=f"gift_card_refund#{refund_id}", sequence=1, call=call)]


def _payment_of(order_id: str) -> str:
    return f"gift_card_payment#{order_id}"


def _flat(changes: Iterable[list[Write]]) -> list[Write]:
    return [write for writes in changes for write in writes]
