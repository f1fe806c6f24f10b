"""What a basket would be offered: for staff who try their rates out."""

from datetime import datetime

from commerce.catalog import variants as catalog
from commerce.catalog.model import Variant
from commerce.kernel.config import settings
from commerce.kernel.errors import Fault, Invalid
from commerce.kernel.money import Money
from commerce.kernel.reads import fetch
from commerce.shipping import queries, quoting
from commerce.shipping.engine import Case, Option, Refusal, considered
from commerce.shipping.offers import questions
from commerce.shipping.parcel import parcel_of
from commerce.shipping.staff_schemas import (
    PreviewParcel,
    RefusedMethod,
    ShippingPreview,
    ShippingPreviewRequest,
)
from commerce.shipping.zones import Destination, zones_of


class NotSold(Invalid):
    code = "shipping.not_sold"
    title = "The shop does not sell this in this currency"


def preview(*, request: ShippingPreviewRequest, now: datetime) -> ShippingPreview:
    """Return what a shopper with this basket would be offered, and why not the rest; nothing is kept.

    :raises NotSold: for SKUs without a price in the currency.
    """
    skus = [line.sku for line in request.lines]
    answers = fetch([*queries.rules_reads(), *catalog.variant_reads(skus=skus)])
    rules = queries.rules(answers=answers)
    currency = request.currency or settings().shop_currency
    lines = _sold(request, catalog.variants(answers=answers, skus=skus), currency)
    amount = request.amount
    if amount is None:
        amount = sum(variant.prices[currency].amount * quantity for variant, quantity in lines)
    parcel = parcel_of(lines=lines, amount=amount)
    destination = Destination(**dict(request.destination)) if request.destination else None
    places = zones_of(zones=rules.zones, destination=destination) if destination else ()
    case = Case(parcel, destination, places, currency, rules.calendar, request.at or now)
    asked = questions(rules=rules, parcel=parcel, destination=destination, currency=currency)
    offers = quoting.fresh_offers(asked=asked if request.ask_carriers else (), now=now)
    found = considered(methods=rules.methods, case=case, offers=offers)
    answered = [each is not None for each in offers.values()]
    return ShippingPreview(
        parcel=PreviewParcel(
            quantity=parcel.quantity,
            weight_grams=parcel.weight_grams,
            volume_mm3=parcel.volume_mm3,
            amount=Money(amount=amount, currency=currency),
        ),
        zones=places,
        items=tuple(queries.shown(each) for each in found if isinstance(each, Option)),
        refused=tuple(
            RefusedMethod(id=each.method.id, title=each.method.title, reason=each.reason)
            for each in found
            if isinstance(each, Refusal)
        ),
        carriers="not_asked" if not answered else "answered" if all(answered) else "no_answer",
    )


def _sold(request: ShippingPreviewRequest, variants: dict[str, Variant], currency: str) -> list[tuple[Variant, int]]:
    faults = [
        Fault(param=f"lines.{place}.sku", code=NotSold.code, message=f"'{line.sku}' is not sold in {currency}.")
        for place, line in enumerate(request.lines)
        if line.sku not in variants or currency not in variants[line.sku].prices
    ]
    if faults:
        raise NotSold(faults[0].message, errors=tuple(faults))
    return [(variants[line.sku], line.quantity) for line in request.lines]
