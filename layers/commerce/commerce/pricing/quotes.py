"""Adding up a price: what each step of it is, the totals that the steps give, and the hash of what is agreed."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence

from commerce.kernel.money import Money
from commerce.prices.exchange import Converted
from commerce.pricing.basket import BasketLine, Bill, Delivery, Pays
from commerce.pricing.model import (
    PAYS,
    SHIPPING,
    SIGNS,
    CardPayment,
    ExchangedPrice,
    Part,
    Quote,
    QuoteLine,
    Step,
    Totals,
    TriedPrice,
    TriedPromotion,
)
from commerce.promotions.outcomes import Evaluation
from commerce.taxes.lines import Taxed, TaxLine
from commerce.taxes.schemas import TaxedLine

HASH_VERSION = 4
"""Raised when the meaning of what is hashed changes, so that an old agreement is never taken for a new one."""


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


def _by_nobody(bill: Bill) -> Sequence[CardPayment]:  # noqa: ARG001 - the shape of `Pays`.
    return ()


def quote(
    *,
    currency: str,
    lines: Sequence[BasketLine],
    delivery: Delivery | None,
    promotions: Evaluation,
    taxes: Taxed,
    pays: Pays = _by_nobody,
) -> Quote:
    """Price a basket, line by line in its order.

    :param taxes: of the lines by their SKU, and of the shipping under `SHIPPING`, on what promotions leave of them.
    :param pays: tells what gift cards and credit pay of the bill.
    """
    off = off_lines(lines=lines, promotions=promotions)
    quoted = tuple(_quoted(line, currency, off[line.variant.sku], taxes.lines[line.variant.sku]) for line in lines)
    sent = taxes.shipping.get(SHIPPING)
    trace = [*map(_price_step, lines)]
    if delivery is not None:
        trace.append(_delivery_step(delivery))
    trace += _promotion_steps(lines, promotions, currency)
    trace += _tax_steps(taxes, currency)
    payments = pays(_bill(trace, lines))
    trace += [_payment_step(payment, currency) for payment in payments]
    totals = _totals(trace, currency=currency, prices_include_tax=taxes.prices_include_tax)
    return Quote(
        lines=quoted,
        shipping_tax=TaxedLine.of(sent, currency=currency, is_shipping=True) if sent is not None else None,
        totals=totals,
        promotions=_tried(lines, promotions),
        payments=tuple(payments),
        trace=tuple(trace),
        pricing_hash=_hash(quoted, delivery=delivery, totals=totals, payments=payments),
    )


def _bill(trace: Sequence[Step], lines: Sequence[BasketLine]) -> Bill:
    cards = {f"lines.{line.variant.sku}" for line in lines if line.variant.gift_card}
    return Bill(
        total=sum(SIGNS[step.part] * step.amount.amount for step in trace),
        not_by_cards=sum(SIGNS[step.part] * step.amount.amount for step in trace if step.subject in cards),
    )


def _payment_step(payment: CardPayment, currency: str) -> Step:
    amount = Money(amount=payment.amount, currency=currency)
    return Step(
        part=payment.part,
        subject=f"gift_cards.{payment.id}",
        source=f"giftcards.{payment.part}",
        amount=amount,
        message=f"{'Store credit' if payment.part == 'credit' else 'Gift card'} {payment.label} pays {amount}.",
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
        exchange=_exchanged(price.converted) if price.converted is not None else None,
        total=line.total,
        discount=Money(amount=off, currency=currency),
        restated=Money(amount=taxed.restated, currency=currency),
        tax=TaxedLine.of(taxed, currency=currency, is_shipping=False),
    )


def _exchanged(converted: Converted) -> ExchangedPrice:
    return ExchangedPrice(
        amount=Money(amount=converted.from_amount, currency=converted.from_currency),
        rate=converted.rate_text,
        source=converted.source,
        at=converted.at,
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
    due = total + sum(sign * sums[part] for part, sign in PAYS.items())
    amounts = {part: Money(amount=sum_, currency=currency) for part, sum_ in sums.items()}
    return Totals(
        subtotal=amounts["subtotal"],
        discount=amounts["discount"],
        shipping=amounts["shipping"],
        tax=amounts["tax"] + amounts["contained_tax"],
        total=Money(amount=total, currency=currency),
        gift_cards=amounts["gift_card"],
        credit=amounts["credit"],
        due=Money(amount=due, currency=currency),
        prices_include_tax=prices_include_tax,
    )


def _hash(
    lines: Sequence[QuoteLine], *, delivery: Delivery | None, totals: Totals, payments: Sequence[CardPayment]
) -> str:
    agreed = {
        "version": HASH_VERSION,
        "lines": sorted(
            [line.sku, line.quantity, line.unit_price.amount, line.discount.amount, line.restated.amount]
            for line in lines
        ),
        "shipping": [delivery.id, delivery.price.amount] if delivery else None,
        "currency": totals.total.currency,
        "totals": totals.model_dump(mode="json"),
        "cards": sorted([payment.id, payment.amount] for payment in payments),
    }
    text = json.dumps(agreed, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
