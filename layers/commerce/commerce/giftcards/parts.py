"""What cards paid of an order, as orders and payments keep it."""

from typing import Self

from pydantic import Field

from commerce.giftcards.model import GiftCardKind, TenderPart
from commerce.kernel.money import Money
from commerce.kernel.schema import Output


class CardPart(Output, extra="ignore"):
    """What one gift card or store credit paid of an order, or got back of it."""

    id: str
    kind: GiftCardKind
    label: str = Field(description="The last four letters of the code, for display.")
    amount: Money

    @classmethod
    def of(cls, part: TenderPart, *, currency: str) -> Self:
        """Return a part as it is stored and answered."""
        amount = Money(amount=part.amount, currency=currency)
        return cls(id=part.account_id, kind=part.kind, label=part.label, amount=amount)

    def tender(self) -> TenderPart:
        """Return the part as gift cards count it."""
        return TenderPart(account_id=self.id, kind=self.kind, label=self.label, amount=self.amount.amount)
