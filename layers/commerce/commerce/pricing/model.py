"""What a basket costs: whole minor units, one currency, and a trace that says where each amount came from.

    total = subtotal - discount + shipping (+ tax where prices exclude it)
    due   = total - gift cards - credit

The shop has no gift cards or credit yet; their amounts are zero, and their places are kept.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

from pydantic import Field

from commerce.catalog.model import Variant
from commerce.kernel.money import Money
from commerce.kernel.schema import Instant, Output
from commerce.prices.engine import UnitPrice
from commerce.prices.exchange import Converted
from commerce.promotions.engine import Evaluation
from commerce.taxes.engine import Taxed, TaxLine
from commerce.taxes.schemas import TaxedLine

HASH_VERSION = 3
"""Raised when the meaning of what is hashed changes, so that an old agreement is never taken for a new one."""

SHIPPING = "shipping"
"""The key of the shipping among what is taxed."""

Part = Literal["subtotal", "discount", "shipping", "tax", "contained_tax"]
SIGNS: dict[Part, int] = {"subtotal": 1, "discount": -1, "shipping": 1, "tax": 1, "contained_tax": 0}
"""How each part counts in the total. A tax that prices contain is shown, and not added again."""


@dataclass(frozen=True, slots=True)
class BasketLine:
    """A quantity of one variant, and what one piece of it costs.

    :ivar quantity: all pieces.
    :ivar gifts: those among them that promotions add; they cost as much, and are taken off again.
    """

    variant: Variant
    quantity: int
    price: UnitPrice
    gifts: int = 0

    @property
    def total(self) -> Money:
        """Return what the line costs before anything changes it."""
        return Money(amount=self.price.amount, currency=self.price.currency).times(self.quantity)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the basket is sent.

    :param list_price: what the method costs before anything makes it cheaper.
    """

    id: str
    title: str
    price: Money
    list_price: Money


class ExchangedPrice(Output):
    """How a price came from another currency."""

    amount: Money = Field(description="What it was.")
    rate: str = Field(description="Units of the new currency for one of the old, as a decimal number.")
    source: str
    at: Instant = Field(description="Of when the rate is.")

    @classmethod
    def of(cls, converted: Converted) -> Self:
        """Return it as it is answered and stored."""
        return cls(
            amount=Money(amount=converted.from_amount, currency=converted.from_currency),
            rate=converted.rate_text,
            source=converted.source,
            at=converted.at,
        )


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
    due: Money = Field(description="What is left to pay: total - gift cards - credit.")
    prices_include_tax: bool


class Step(Output):
    """One step of the price: replaying all of them gives the total."""

    part: Part = Field(description="The sum that it went into; `discount` is subtracted, `contained_tax` only shown.")
    subject: str = Field(description="What it is about: `lines.<sku>`, or `shipping_method`.")
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
    promotions: tuple[TriedPromotion, ...]
    trace: tuple[Step, ...]
    pricing_hash: str


def subtotal(*, currency: str, lines: Sequence[BasketLine]) -> Money:
    """Return what the lines cost together."""
    return Money(amount=sum(line.total.amount for line in lines), currency=currency)


def off_lines(*, lines: Sequence[BasketLine], promotions: Evaluation) -> dict[str, int]:
    """Return what promotions take off each line, gifts included, in minor units; by SKU."""
    off = {line.variant.sku: line.price.amount * line.gifts for line in lines}
    for discount in promotions.discounts:
        for sku, amount in discount.by_sku.items():
            off[sku] += amount
    return off


def off_shipping(*, promotions: Evaluation) -> int:
    """Return what promotions take off the shipping, in minor units."""
    return sum(discount.shipping for discount in promotions.discounts)


def quote(
    *,
    currency: str,
    lines: Sequence[BasketLine],
    delivery: Delivery | None,
    promotions: Evaluation,
    taxes: Taxed,
) -> Quote:
    """Price a basket, line by line in its order.

    :param taxes: of the lines by their SKU, and of the shipping under `SHIPPING`, on what promotions leave of them.
    """
    off = off_lines(lines=lines, promotions=promotions)
    quoted = tuple(_quoted(line, currency, off[line.variant.sku], taxes.lines[line.variant.sku]) for line in lines)
    sent = taxes.shipping.get(SHIPPING)
    trace = [*map(_price_step, lines)]
    if delivery is not None:
        trace.append(_delivery_step(delivery))
    trace += _promotion_steps(lines, promotions, currency)
    trace += _tax_steps(taxes, currency)
    totals = _totals(trace, currency=currency, prices_include_tax=taxes.prices_include_tax)
    return Quote(
        lines=quoted,
        shipping_tax=TaxedLine.of(sent, currency=currency, is_shipping=True) if sent is not None else None,
        totals=totals,
        promotions=_tried(lines, promotions),
        trace=tuple(trace),
        pricing_hash=_hash(quoted, delivery=delivery, totals=totals),
    )


def _quoted(line: BasketLine, currency: str, off: int, taxed: TaxLine) -> QuoteLine:
    price = line.price
    return QuoteLine(
        sku=line.variant.sku,
        quantity=line.quantity,
        gift_quantity=line.gifts,
        unit_price=Money(amount=price.amount, currency=currency),
        price_source=price.source,
        compare_at=_money(price.compare_at, currency),
        lowest_price_30_days=_money(price.lowest_30_days, currency),
        exchange=ExchangedPrice.of(price.converted) if price.converted is not None else None,
        total=line.total,
        discount=Money(amount=off, currency=currency),
        restated=Money(amount=taxed.restated, currency=currency),
        tax=TaxedLine.of(taxed, currency=currency, is_shipping=False),
    )


def _money(amount: int | None, currency: str) -> Money | None:
    return Money(amount=amount, currency=currency) if amount is not None else None


def _price_step(line: BasketLine) -> Step:
    return Step(
        part="subtotal",
        subject=f"lines.{line.variant.sku}",
        source=line.price.source,
        amount=line.total,
        message=f"{line.quantity} x {line.price.message}",
        tried=tuple(
            TriedPrice(
                source=each.source,
                amount=_money(each.amount, line.price.currency),
                reason=each.reason,
                message=each.message,
            )
            for each in line.price.candidates
            if each.reason is not None
        ),
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


def _promotion_steps(lines: Sequence[BasketLine], promotions: Evaluation, currency: str) -> Iterator[Step]:
    """Yield what promotions take off, line by line, then off the shipping; gifts at what they would cost."""

    def step(promotion_id: str, subject: str, amount: int, message: str) -> Step:
        off = Money(amount=amount, currency=currency)
        source = f"promotion:{promotion_id}"
        return Step(part="discount", subject=subject, source=source, amount=off, message=f"{message}: {off} off.")

    for discount in promotions.discounts:
        title = f"{discount.title} ({discount.code})" if discount.code else discount.title
        for sku in sorted(discount.by_sku):
            yield step(discount.promotion_id, f"lines.{sku}", discount.by_sku[sku], title)
        if discount.shipping:
            yield step(discount.promotion_id, "shipping_method", discount.shipping, title)
    prices = {line.variant.sku: line.price.amount for line in lines}
    for gift in promotions.gifts:
        message = f"{gift.quantity} x {gift.sku} as a gift"
        yield step(gift.promotion_id, f"lines.{gift.sku}", prices[gift.sku] * gift.quantity, message)


def _tried(lines: Sequence[BasketLine], promotions: Evaluation) -> tuple[TriedPromotion, ...]:
    prices = {line.variant.sku: line.price.amount for line in lines}
    given = dict[str, int]()
    for gift in promotions.gifts:
        given[gift.promotion_id] = given.get(gift.promotion_id, 0) + prices[gift.sku] * gift.quantity
    return tuple(
        TriedPromotion(
            promotion_id=each.promotion_id,
            title=each.title,
            code=each.code,
            applied=each.applied,
            reason=each.reason,
            message=each.message,
            amount=Money(
                amount=each.amount + (given.get(each.promotion_id or "", 0) if each.applied else 0),
                currency=promotions.currency,
            ),
            missing=each.missing,
        )
        for each in promotions.outcomes
    )


def _tax_steps(taxes: Taxed, currency: str) -> Iterator[Step]:
    """Yield what the destination changes of the prices, and the taxes; those that prices contain are not added."""
    subjects: Mapping[str, tuple[Part, TaxLine]] = {
        **{f"lines.{sku}": ("subtotal", line) for sku, line in taxes.lines.items()},
        **({"shipping_method": ("shipping", taxes.shipping[SHIPPING])} if taxes.shipping else {}),
    }
    for subject, (part, line) in subjects.items():
        if line.restated:
            yield Step(
                part=part,
                subject=subject,
                source="taxes.restated",
                amount=Money(amount=line.restated, currency=currency),
                message=f"The net price stays, with the tax of {line.country or 'nobody'} ({line.reason}).",
            )
    for subject, (_, line) in subjects.items():
        for rate in line.parts:
            amount = Money(amount=rate.tax, currency=currency)
            yield Step(
                part="contained_tax" if taxes.prices_include_tax else "tax",
                subject=subject,
                source=f"taxes.{line.reason}",
                amount=amount,
                message=f"{rate.name}: {amount}{', contained in the price' if taxes.prices_include_tax else ''}.",
            )


def _totals(trace: Sequence[Step], *, currency: str, prices_include_tax: bool) -> Totals:
    sums: dict[Part, int] = dict.fromkeys(SIGNS, 0)
    for step in trace:
        sums[step.part] += step.amount.amount
    total = sum(SIGNS[part] * sum_ for part, sum_ in sums.items())
    amounts = {part: Money(amount=sum_, currency=currency) for part, sum_ in sums.items()}
    return Totals(
        subtotal=amounts["subtotal"],
        discount=amounts["discount"],
        shipping=amounts["shipping"],
        tax=amounts["tax"] + amounts["contained_tax"],
        total=Money(amount=total, currency=currency),
        due=Money(amount=total, currency=currency),
        prices_include_tax=prices_include_tax,
    )


def _hash(lines: Sequence[QuoteLine], *, delivery: Delivery | None, totals: Totals) -> str:
    agreed = {
        "version": HASH_VERSION,
        "lines": sorted(
            [line.sku, line.quantity, line.unit_price.amount, line.discount.amount, line.restated.amount]
            for line in lines
        ),
        "shipping": [delivery.id, delivery.price.amount] if delivery else None,
        "currency": totals.total.currency,
        "totals": totals.model_dump(mode="json"),
    }
    text = json.dumps(agreed, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
