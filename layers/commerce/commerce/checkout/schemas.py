"""What checkout is asked and answers."""

from typing import Literal, Self

from pydantic import Field, PrivateAttr

from commerce.kernel.money import Money
from commerce.kernel.schema import Input, Instant, Output
from commerce.orders.schemas import OrderView
from commerce.pricing.model import Totals


class NewCheckout(Input):
    """What the shopper agreed to pay; the checkout refuses to charge anything else."""

    expected_total: Money = Field(description="`totals.total` of the cart as the shopper saw it.")
    expected_due: Money | None = Field(
        None,
        description=(
            "`totals.due` of the cart as the shopper saw it: what is left to pay after gift cards and store credit. "
            "Without it and without `pricing_hash`, it is `expected_total`."
        ),
    )
    pricing_hash: str | None = Field(
        None, max_length=128, description="`pricing_hash` of the cart; when given, every part of the price must match."
    )

    def agrees_to(self, totals: Totals) -> bool:
        """Tell whether these are the total and the amount due that the shopper saw."""
        due = self.expected_due
        if due is None:
            due = self.expected_total if self.pricing_hash is None else totals.due
        return (self.expected_total, due) == (totals.total, totals.due)

    @property
    def told(self) -> str:
        """Return what the shopper expects, in words."""
        return f"{self.expected_total}" + (f", and to pay {self.expected_due}" if self.expected_due else "")


class PaymentInstructions(Output):
    """What the shopper's browser needs to pay."""

    provider: Literal["stripe"] = "stripe"
    intent_id: str
    client_secret: str = Field(repr=False)
    publishable_key: str


class CheckoutAnswer(Output):
    """The order, the token that opens it, and how to pay it; `payment` is null when nothing is to be paid now."""

    order: OrderView
    order_token: str = Field(repr=False, description="Send it as `Order-Token` to read the order.")
    payment: PaymentInstructions | None
    hold_expires_at: Instant
    _existed: bool = PrivateAttr(default=False)

    @property
    def existed(self) -> bool:
        """Tell whether the order had been made before this call."""
        return self._existed

    def as_existing(self) -> Self:
        """Return the answer marked as one of an order that was there."""
        self._existed = True
        return self
