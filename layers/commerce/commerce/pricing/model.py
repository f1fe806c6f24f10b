"""What a basket costs: whole minor units, one currency, and a trace that says where each amount came from.

    total = subtotal - discount + shipping (+ tax where prices exclude it)
    due   = total - gift cards - credit

Each amount is a step of the trace, and replaying the steps gives both.
"""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field, model_validator

from commerce.kernel.money import Money
from commerce.kernel.schema import Instant, Output
from commerce.taxes.schemas import TaxedLine

SHIPPING = "shipping"
"""The key of the shipping among what is taxed."""

Part = Literal["subtotal", "discount", "shipping", "tax", "contained_tax", "gift_card", "credit"]
SIGNS: dict[Part, int] = {
    "subtotal": 1,
    "discount": -1,
    "shipping": 1,
    "tax": 1,
    "contained_tax": 0,
    "gift_card": 0,
    "credit": 0,
}
"""How each part counts in the total. A tax that prices contain is shown, and not added again."""

PAYS: dict[Part, int] = {"gift_card": -1, "credit": -1}
"""How each part counts in what is due, beside the total."""


@dataclass(frozen=True, slots=True)
class CardPayment:
    """What a gift card or store credit pays, in minor units."""

    id: str
    part: Literal["gift_card", "credit"]
    label: str
    amount: int


class ExchangedPrice(Output):
    """How a price came from another currency."""

    amount: Money = Field(description="What it was.")
    rate: str = Field(description="Units of the new currency for one of the old, as a decimal number.")
    source: str
    at: Instant = Field(description="Of when the rate is.")


class TriedPrice(Output):
    """A price that was looked at and is not the price, and why."""

    source: str
    amount: Money | None
    reason: str
    message: str


class TriedPromotion(Output):
    """A promotion that was tried, or a code, and what came of it."""

    promotion_id: str | None = Field(description="Null for a code that the shop does not know.")
    title: str | None
    code: str | None
    applied: bool
    reason: str = Field(description="Stable code; `promotions.applied` where it applies.")
    message: str
    amount: Money = Field(description="What it takes off; gifts are worth what they would cost.")
    missing: int = Field(description="Pieces or minor units that are missing for it, where that is a number.")


class QuoteLine(Output):
    """One line of a quote."""

    sku: str
    quantity: int
    gift_quantity: int = Field(description="Pieces among them that promotions give.")
    unit_price: Money
    price_source: str = Field(description="Where the price came from: `catalog.price`, `list:<id>`, `rule:<id>`.")
    compare_at: Money | None = Field(description="The higher price that it is shown as reduced from.")
    lowest_price_30_days: Money | None = Field(description="The lowest price of the 30 days before the reduction.")
    exchange: ExchangedPrice | None = Field(description="How the price came from another currency.")
    total: Money = Field(description="unit_price x quantity.")
    discount: Money = Field(description="What promotions take off the total.")
    restated: Money = Field(description="What the destination's tax changes of a price that was set for elsewhere.")
    tax: TaxedLine


class Totals(Output):
    """The sums of a quote."""

    subtotal: Money = Field(description="Sum of the lines, as the destination's tax restates them.")
    discount: Money = Field(description="What promotions take off the lines and the shipping; zero or more.")
    shipping: Money
    tax: Money = Field(description="Of the goods and the shipping; added to the total only where prices exclude it.")
    total: Money = Field(description="subtotal - discount + shipping (+ tax where prices exclude it).")
    gift_cards: Money = Field(description="What gift cards pay of the total.")
    credit: Money = Field(description="What store credit pays of the total.")
    due: Money = Field(description="What is left to pay: total - gift cards - credit.")
    prices_include_tax: bool

    @model_validator(mode="before")
    @classmethod
    def _without_cards(cls, values: Any) -> Any:
        """Read totals that were stored before there were gift cards."""
        if isinstance(values, dict) and "total" in values and "gift_cards" not in values:
            total = Money.model_validate(values["total"])
            return {**values, "gift_cards": Money.zero(total.currency), "credit": Money.zero(total.currency)}
        return values


class Step(Output):
    """One step of the price: replaying all of them gives the total, and what is due."""

    part: Part = Field(
        description=(
            "The sum that it went into; `discount` is subtracted, `contained_tax` only shown. `gift_card` and `credit` "
            "pay: they make what is due from the total."
        )
    )
    subject: str = Field(description="What it is about: `lines.<sku>`, `shipping_method`, or `gift_cards.<id>`.")
    source: str = Field(description="The rule that set it, for example `catalog.price`.")
    amount: Money
    message: str = Field(description="The same, for a person.")
    tried: tuple[TriedPrice, ...] = Field((), description="Other prices that were looked at, and why they are not it.")


class Quote(Output):
    """What a basket costs, and why.

    `pricing_hash` names all that a shopper agrees to: lines, prices, shipping and totals. It does not depend on the
    order of the lines.
    """

    lines: tuple[QuoteLine, ...]
    shipping_tax: TaxedLine | None
    totals: Totals
    payments: tuple[CardPayment, ...]
    promotions: tuple[TriedPromotion, ...]
    trace: tuple[Step, ...]
    pricing_hash: str
