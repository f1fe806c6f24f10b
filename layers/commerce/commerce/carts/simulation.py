"""What a cart would cost on any day, for any shopper: the price of carts, without a cart."""

from dataclasses import replace
from typing import Any

from commerce.carts import queries
from commerce.carts.model import Cart, CartLine, new_cart
from commerce.carts.staff_schemas import SimulatedPrice, SimulatePrice
from commerce.carts.views import view_of
from commerce.customers.model import PostalAddress
from commerce.kernel.call import Call
from commerce.kernel.config import settings
from commerce.kernel.reads import Answers, Read, fetch
from commerce.promotions import queries as promotions
from commerce.promotions.codes import CartCode
from commerce.taxes import queries as taxes

NOBODY = "a simulated cart"


def simulated(*, wanted: SimulatePrice, call: Call) -> SimulatedPrice:
    """Return what a cart like this would cost at that moment, and why; two reads of DynamoDB, and no write.

    Today's stock, stored prices and limits count: what is planned for that moment does, what will have happened by
    then does not.

    :raises CodeUnknown: when there is no such code.
    """
    reads: list[Read[Any]] = [read for code in wanted.codes for read in promotions.typed_code_reads(text=code)]
    answers = fetch([*queries.shop_reads(), *taxes.tax_id_reads(wanted.tax_id), *reads])
    terms = queries.terms(answers=answers)
    at = replace(call, now=wanted.at or call.now)
    priced = queries.priced(cart=_cart(wanted, answers, at), terms=terms, call=at)
    seen = view_of(priced, to_staff=True)
    return SimulatedPrice(
        at=at.now,
        currency=seen.currency,
        lines=seen.lines,
        totals=seen.totals,
        promotions=seen.promotions,
        shipping_option=seen.shipping_option,
        shipping_options=priced.shipping_options,
        shipping_tax=seen.shipping_tax,
        tax_id=seen.tax_id,
        problems=seen.problems,
        explanation=seen.explanation,
        pricing_hash=seen.pricing_hash,
    )


def _cart(wanted: SimulatePrice, answers: Answers, call: Call) -> Cart:
    cart = new_cart(cart_id=NOBODY, currency=wanted.currency or settings().shop_currency, now=call.now)
    quantities = dict[str, int]()
    for line in wanted.lines:
        quantities[line.sku] = quantities.get(line.sku, 0) + line.quantity
    codes: dict[str, CartCode] = {}
    for code in wanted.codes:
        typed = promotions.typed_code(text=code, answers=answers)
        codes[typed.code] = typed
    return cart.model_copy(
        update={
            "lines": tuple(CartLine(sku=sku, quantity=quantity) for sku, quantity in quantities.items()),
            "email": wanted.email,
            "shipping_address": _address(wanted),
            "shipping_method": wanted.shipping_method,
            "tax_id": taxes.tax_id_check(wanted.tax_id, answers=answers, now=call.now) if wanted.tax_id else None,
            "codes": tuple(codes.values()),
            "channel": wanted.channel,
            "customer_groups": tuple(sorted(set(wanted.customer_groups))),
            "attributes": wanted.attributes,
            "payment_method": wanted.payment_method,
        }
    )


def _address(wanted: SimulatePrice) -> PostalAddress | None:
    where = wanted.destination
    if where is None:
        return None
    return PostalAddress(
        name=NOBODY,
        line1="",
        city=where.city or "",
        region=where.region,
        postal_code=where.postal_code,
        country=where.country,
    )
