"""What a basket costs: whole minor units, one currency, and a trace that says where each amount came from.

    total = subtotal - discount + shipping (+ tax where prices exclude it)
    due   = total - gift cards - credit

The shop has no discounts, taxes, gift cards or credit yet; their amounts are zero, and their places are kept.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from commerce.catalog.model import Variant
from commerce.kernel.money import Money
from commerce.kernel.schema import Output

HASH_VERSION = 1
"""Raised when the meaning of what is hashed changes, so that an old agreement is never taken for a new one."""

Part = Literal["subtotal", "discount", "shipping", "tax"]
SIGNS: dict[Part, int] = {"subtotal": 1, "discount": -1, "shipping": 1, "tax": 1}


@dataclass(frozen=True, slots=True)
class BasketLine:
    """A quantity of one variant, which must have a price in the basket's currency."""

    variant: Variant
    quantity: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the basket is sent.

    :param list_price: what the method costs before anything makes it cheaper.
    """

    id: str
    title: str
    price: Money
    list_price: Money


class QuoteLine(Output):
    """One line of a quote."""

    sku: str
    quantity: int
    unit_price: Money
    total: Money


class Totals(Output):
    """The sums of a quote."""

    subtotal: Money = Field(description="Sum of the lines.")
    discount: Money = Field(description="What is taken off the subtotal; zero or more.")
    shipping: Money
    tax: Money = Field(description="Added to the total only where prices exclude it.")
    total: Money = Field(description="subtotal - discount + shipping (+ tax where prices exclude it).")
    due: Money = Field(description="What is left to pay: total - gift cards - credit.")
    prices_include_tax: bool


class Step(Output):
    """One step of the price: replaying all of them gives the total."""

    part: Part = Field(description="The sum that it went into; `discount` is subtracted, the others are added.")
    subject: str = Field(description="What it is about: `lines.<sku>`, or `shipping_method`.")
    source: str = Field(description="The rule that set it, for example `catalog.price`.")
    amount: Money
    message: str = Field(description="The same, for a person.")


class Quote(Output):
    """What a basket costs, and why.

    `pricing_hash` names all that a shopper agrees to: lines, prices, shipping and totals. It does not depend on the
    order of the lines.
    """

    lines: tuple[QuoteLine, ...]
    totals: Totals
    trace: tuple[Step, ...]
    pricing_hash: str


def subtotal(*, currency: str, lines: Sequence[BasketLine]) -> Money:
    """Return what the lines cost together."""
    amount = sum(line.variant.prices[currency].amount * line.quantity for line in lines)
    return Money(amount=amount, currency=currency)


def quote(*, currency: str, lines: Sequence[BasketLine], delivery: Delivery | None, prices_include_tax: bool) -> Quote:
    """Price a basket, line by line in its order."""
    quoted = tuple(_quoted(line, currency) for line in lines)
    trace = [_price_step(line) for line in quoted]
    if delivery is not None:
        trace.append(_delivery_step(delivery))
    totals = _totals(trace, currency=currency, prices_include_tax=prices_include_tax)
    return Quote(
        lines=quoted,
        totals=totals,
        trace=tuple(trace),
        pricing_hash=_hash(quoted, delivery=delivery, totals=totals),
    )


def _quoted(line: BasketLine, currency: str) -> QuoteLine:
    unit_price = line.variant.prices[currency]
    return QuoteLine(
        sku=line.variant.sku,
        quantity=line.quantity,
        unit_price=unit_price,
        total=unit_price.times(line.quantity),
    )


def _price_step(line: QuoteLine) -> Step:
    return Step(
        part="subtotal",
        subject=f"lines.{line.sku}",
        source="catalog.price",
        amount=line.total,
        message=f"{line.quantity} x {line.unit_price}, the catalog's price.",
    )


def _delivery_step(delivery: Delivery) -> Step:
    is_reduced = delivery.price != delivery.list_price
    return Step(
        part="shipping",
        subject="shipping_method",
        source="shipping.free_over" if is_reduced else "shipping.price",
        amount=delivery.price,
        message=(
            f"{delivery.title}: {delivery.price} instead of {delivery.list_price}, the subtotal is high enough."
            if is_reduced
            else f"{delivery.title}: {delivery.price}."
        ),
    )


def _totals(trace: Sequence[Step], *, currency: str, prices_include_tax: bool) -> Totals:
    sums: dict[Part, int] = dict.fromkeys(SIGNS, 0)
    for step in trace:
        sums[step.part] += step.amount.amount
    counted = {part: sum_ for part, sum_ in sums.items() if part != "tax" or not prices_include_tax}
    total = sum(SIGNS[part] * sum_ for part, sum_ in counted.items())
    amounts = {part: Money(amount=sum_, currency=currency) for part, sum_ in sums.items()}
    return Totals(
        subtotal=amounts["subtotal"],
        discount=amounts["discount"],
        shipping=amounts["shipping"],
        tax=amounts["tax"],
        total=Money(amount=total, currency=currency),
        due=Money(amount=total, currency=currency),
        prices_include_tax=prices_include_tax,
    )


def _hash(lines: Sequence[QuoteLine], *, delivery: Delivery | None, totals: Totals) -> str:
    agreed = {
        "version": HASH_VERSION,
        "lines": sorted([line.sku, line.quantity, line.unit_price.amount, line.total.amount] for line in lines),
        "shipping": [delivery.id, delivery.price.amount] if delivery else None,
        "currency": totals.total.currency,
        "totals": totals.model_dump(mode="json"),
    }
    text = json.dumps(agreed, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
