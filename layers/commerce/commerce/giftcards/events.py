"""What gift cards and store credit announce. A card's own events are counted by card, payments by their order."""

from typing import ClassVar

from commerce.kernel.money import Money
from commerce.kernel.outbox import Event
from commerce.kernel.schema import Output


class CardAmount(Output):
    """What one card paid or got back."""

    card_id: str
    amount: Money


class GiftCardIssued(Event):
    """A gift card or store credit was issued. Its code stands nowhere but in the answer and in the mail."""

    type: ClassVar[str] = "giftcards.issued"

    card_id: str
    kind: str
    amount: Money
    order_id: str | None


class GiftCardAdjusted(Event):
    """Staff changed a balance; `delta` is by how much, with its sign."""

    type: ClassVar[str] = "giftcards.adjusted"

    card_id: str
    delta: Money
    balance: Money
    reason: str


class GiftCardDisabled(Event):
    """A card pays no more, because staff said so or because its order was canceled or refunded.

    `spent` is what it had paid by then and cannot be taken back from it.
    """

    type: ClassVar[str] = "giftcards.disabled"

    card_id: str
    balance: Money
    spent: Money
    reason: str
    order_id: str | None


class GiftCardExpired(Event):
    """What was left on a card was written off, 90 days after it expired."""

    type: ClassVar[str] = "giftcards.expired"

    card_id: str
    amount: Money


class GiftCardsRedeemed(Event):
    """Cards paid for an order, wholly or in part, when its checkout began."""

    type: ClassVar[str] = "giftcards.redeemed"

    order_id: str
    parts: tuple[CardAmount, ...]


class GiftCardsReleased(Event):
    """An order was closed unpaid: its cards got back what they had paid."""

    type: ClassVar[str] = "giftcards.released"

    order_id: str
    parts: tuple[CardAmount, ...]


class GiftCardsRefunded(Event):
    """A refund went back onto the cards that had paid."""

    type: ClassVar[str] = "giftcards.refunded"

    order_id: str
    refund_id: str
    parts: tuple[CardAmount, ...]
