"""What shoppers ask about gift cards, and what they are told."""

from datetime import datetime
from typing import Literal, Self

from pydantic import Field

from commerce.giftcards.codes import Code
from commerce.giftcards.model import Card, GiftCardKind, GiftCardState, has_expired
from commerce.kernel.money import Money
from commerce.kernel.schema import Input, Instant, Output

Status = Literal["active", "expired", "disabled"]


class BalanceQuestion(Input):
    """Which card is meant."""

    code: Code = Field(description="The code as it is printed: spaces, hyphens and case do not matter.")


class GiftCardBalance(Output):
    """What is left on a gift card or of store credit."""

    kind: GiftCardKind
    label: str = Field(description="The last four letters of the code, for display.")
    balance: Money
    expires_at: Instant | None = Field(description="From this moment on it cannot be used; null: never.")
    status: Status = Field(description="Only an active one pays.")

    @classmethod
    def of(cls, card: Card, *, now: datetime) -> Self:
        """Return a card as whoever has its code sees it."""
        ended: Status = "expired" if has_expired(card, now=now) else "active"
        return cls(
            kind=card.kind,
            label=card.label,
            balance=Money(amount=card.balance, currency=card.currency),
            expires_at=card.expires_at,
            status="disabled" if card.state is GiftCardState.DISABLED else ended,
        )
