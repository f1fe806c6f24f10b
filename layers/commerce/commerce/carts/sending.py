"""How a cart can be sent. Imported where the shop has shipping methods: others never load what computes them."""

from collections.abc import Sequence
from datetime import datetime

from commerce.carts.model import Cart
from commerce.shipping import engine
from commerce.shipping.offers import Question, holds, questions
from commerce.shipping.parcel import Parcel
from commerce.shipping.rules import ShippingRules
from commerce.shipping.zones import Destination


def questions_of(cart: Cart, *, rules: ShippingRules, parcel: Parcel) -> tuple[Question, ...]:
    """Return what carriers would be asked about a cart."""
    return questions(rules=rules, parcel=parcel, destination=_destination(cart), currency=cart.currency)


def ways(
    cart: Cart,
    *,
    rules: ShippingRules,
    parcel: Parcel,
    offers: engine.Offers | None,
    asked: Sequence[Question],
    now: datetime,
) -> tuple[engine.Option, ...]:
    """Return the ways in which a cart can be sent.

    :param offers: what carriers offered for it; None: the offer that it chose, if any.
    """
    return engine.options(
        methods=rules.methods,
        zones=rules.zones,
        parcel=parcel,
        destination=_destination(cart),
        currency=cart.currency,
        now=now,
        calendar=rules.calendar,
        offers=chosen_offer(cart, asked=asked, now=now) if offers is None else offers,
    )


def chosen_offer(cart: Cart, *, asked: Sequence[Question], now: datetime) -> engine.Offers:
    """Return the offer that a cart chose, by its method, while it holds."""
    choice = cart.shipping_choice
    offer = choice.offer if choice else None
    if offer is None:
        return {}
    question = next((each for each in asked if each.method_id == offer.method_id), None)
    return {offer.method_id: (offer,)} if holds(offer=offer, asked=question, now=now) else {}


def _destination(cart: Cart) -> Destination | None:
    address = cart.shipping_address
    if address is None:
        return None
    return Destination(address.country, address.region, address.postal_code, address.city)
