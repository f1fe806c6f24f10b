"""Taxes that Stripe Tax computes, and what carts keep of it. Imported where the settings choose it.

Stripe Tax decides what is due where goods go. What prices contain is decided here: a price that was not set for the
destination reaches Stripe without the tax of the shop's home, so that the net is kept with either of them.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from cachetools import TTLCache

from commerce.adapters import stripe_tax
from commerce.adapters.json_http import NoAnswer
from commerce.adapters.stripe_tax import AnsweredLine, AnsweredPart, Asked, AskedLine, Calculation
from commerce.kernel import clock
from commerce.kernel.config import settings
from commerce.kernel.ids import new_id
from commerce.kernel.money import grain
from commerce.kernel.transactions import Write, put
from commerce.taxes.engine import net_of_home
from commerce.taxes.lines import Buyer, RatePart, Reason, Taxable, Taxed, TaxLine
from commerce.taxes.places import Place
from commerce.taxes.provider import Basket, Computed, by_rules
from commerce.taxes.records import CALCULATION, TaxCalculationRecord, calculation_key
from commerce.taxes.treatment import treatment

REMEMBERED_SECONDS = 600
_remembered: TTLCache[str, Calculation] = TTLCache(maxsize=256, ttl=REMEMBERED_SECONDS)

CHARGE = "charge:"
"""Begins the reference of a surcharge; no SKU has a colon."""

TAX_ID_TYPES = {"GB": "gb_vat", "CH": "ch_vat", "NO": "no_vat"}
"""Stripe's names for numbers of businesses; all others that we read are the EU's."""

REASONS: dict[str, Reason] = {
    "reverse_charge": "reverse_charge",
    "customer_exempt": "exempt",
    "not_collecting": "not_registered",
}
"""What Stripe's words for a line without tax are here; all others say that a rate was applied."""

CALCULATIONS_KEPT = timedelta(days=90)
"""As long as Stripe keeps them."""


def computed(basket: Basket, *, stored: Calculation | None, may_ask: bool) -> Computed:
    """Ask Stripe Tax, at most once for equal questions; the rules compute what it does not answer."""
    asked = _asked(basket)
    known = stored if stored is not None and stored.fingerprint == asked.fingerprint else None
    calculation = known or _remembered.get(asked.fingerprint)
    try:
        if calculation is None and not may_ask:
            return Computed(by_rules(basket), is_certain=False)
        calculation = calculation or stripe_tax.calculate(asked, now=basket.now)
        found = _by_stripe(basket, asked, calculation)
    except (NoAnswer, stripe_tax.Refused):
        return Computed(by_rules(basket), is_certain=False, may_be_charged=settings().tax_fallback == "rules")
    _remembered[asked.fingerprint] = calculation
    return Computed(found, provider="stripe_tax", calculation=calculation, is_new=known is None)


def document(calculation: Calculation) -> dict[str, Any]:
    """Return a calculation as it is stored."""
    return asdict(calculation)


def from_document(stored: Mapping[str, Any]) -> Calculation:
    """Read a calculation that was stored."""
    lines = [
        AnsweredLine(**{**line, "parts": tuple(AnsweredPart(**part) for part in line["parts"])})
        for line in stored["lines"]
    ]
    return Calculation(id=stored["id"], fingerprint=stored["fingerprint"], lines=tuple(lines))


def forget() -> None:
    """Forget what this process remembers, and how often Stripe failed."""
    _remembered.clear()
    stripe_tax.circuit.succeeded()


def _asked(basket: Basket) -> Asked:
    address = basket.address
    if address is None:
        message = "Stripe Tax is not asked before there is an address"
        raise ValueError(message)
    place = basket.rules.place(address.country, region=address.region, postal_code=address.postal_code)
    how = treatment(basket.rules, place, buyer=basket.buyer, on=basket.day)
    lines = [_asked_line(item, basket, place, how.reason) for item in basket.items]
    fields = {
        "country": address.country,
        "state": place.region or address.region or "",
        "postal_code": address.postal_code or "",
        "city": address.city or "",
        "line1": address.line1 or "",
        "line2": address.line2 or "",
    }
    return Asked(
        currency=basket.currency,
        lines=tuple(line for line in lines if line.reference != stripe_tax.SHIPPING),
        shipping=next((line for line in lines if line.reference == stripe_tax.SHIPPING), None),
        address={name: value for name, value in fields.items() if value},
        tax_id=_tax_id(basket.buyer),
        exempt=how.reason == "exempt",
        day=basket.day.isoformat(),
    )


def _asked_line(item: Taxable, basket: Basket, place: Place, reason: Reason) -> AskedLine:
    """Return what Stripe is asked of an item: at a price with the destination's tax in it, or without any."""
    rules, default = basket.rules, settings().prices_include_tax
    set_for = item.priced_for or (rules.home.country if rules.home is not None else None)
    code = rules.stripe_tax_codes.get(stripe_tax.SHIPPING if item.is_shipping else item.tax_class, "")
    if not rules.includes_tax(set_for, default=default):
        return AskedLine(_reference(item), item.amount, includes_tax=False, tax_code=code)
    is_final = set_for in {None, place.country} or not rules.keeps_net
    if is_final and reason not in {"reverse_charge", "exempt"}:
        return AskedLine(_reference(item), item.amount, includes_tax=True, tax_code=code)
    net = net_of_home(
        item,
        rules=rules,
        prices_include_tax=default,
        on=basket.day,
        rounding=settings().rounding_mode,
        grain=grain(basket.currency),
    )
    return AskedLine(_reference(item), net, includes_tax=False, tax_code=code)


def _reference(item: Taxable) -> str:
    if not item.is_shipping:
        return f"sku:{item.key}"
    return stripe_tax.SHIPPING if item.key == stripe_tax.SHIPPING else f"{CHARGE}{item.key}"


def _tax_id(buyer: Buyer) -> tuple[str, str] | None:
    if buyer.tax_id is None or not buyer.tax_id_valid:
        return None
    return TAX_ID_TYPES.get(buyer.tax_id[:2], "eu_vat"), buyer.tax_id


def _by_stripe(basket: Basket, asked: Asked, calculation: Calculation) -> Taxed:
    """Return Stripe's taxes in our words.

    :raises NoAnswer: when the calculation lacks a line.
    """
    told = {line.reference: line for line in calculation.lines}
    destination = basket.destination
    includes_tax = basket.rules.includes_tax(
        destination.country if destination is not None else None, default=settings().prices_include_tax
    )
    questions = {line.reference: line for line in (*asked.lines, *([asked.shipping] if asked.shipping else []))}
    lines: dict[bool, dict[str, TaxLine]] = {False: {}, True: {}}
    for item in sorted(basket.items, key=lambda item: item.key):
        reference = _reference(item)
        if reference not in told:
            raise NoAnswer("a line is missing")
        lines[item.is_shipping][item.key] = _line(
            item, questions[reference], told[reference], includes_tax=includes_tax
        )
    return Taxed(lines=lines[False], shipping=lines[True], prices_include_tax=includes_tax)


def _line(item: Taxable, question: AskedLine, answer: AnsweredLine, *, includes_tax: bool) -> TaxLine:
    net = question.amount - answer.tax if question.includes_tax else question.amount
    gross = net + answer.tax
    return TaxLine(
        key=item.key,
        amount=item.amount,
        charged=gross if includes_tax else net,
        net=net,
        tax=answer.tax,
        gross=gross,
        parts=tuple(RatePart(part.name, part.rate, part.tax) for part in answer.parts),
        country=answer.country,
        rule=f"stripe_tax:{answer.why}",
        reason=REASONS.get(answer.why, "rate"),
    )


def calculation_write(*, cart_id: str, calculation: Calculation, now: datetime) -> Write:
    """Return the write that keeps a cart's calculation, to go with any other change of the cart."""
    record = TaxCalculationRecord(
        pk=calculation_key(cart_id),
        sk=CALCULATION,
        calculation=json.dumps(document(calculation), separators=(",", ":")),
        calculated_at=now,
        revision=new_id("rev"),
        expires_ttl=clock.epoch(now + CALCULATIONS_KEPT),
    )
    return put(record)
