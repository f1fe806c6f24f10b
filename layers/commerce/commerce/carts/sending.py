"""How a cart can be sent. Imported where the shop has shipping methods: others never load what computes them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from commerce.carts.model import Cart
from commerce.inventory.locations import Location
from commerce.shipping import engine
from commerce.shipping.calendar import Calendar, Promise
from commerce.shipping.offers import Question, holds, questions
from commerce.shipping.parcel import Parcel
from commerce.shipping.rules import ShippingRules
from commerce.shipping.zones import Destination


class Sites(NamedTuple):
    """Where a cart's goods can leave, and where they would leave if they were sent now.

    :ivar all: the locations that sell to it.
    :ivar leaving: those that the rule of allocation would take them from; none while there is too little.
    """

    all: Sequence[Location] = ()
    leaving: Sequence[Location] = ()


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
    sites: Sites,
) -> tuple[engine.Option, ...]:
    """Return the ways in which a cart can be sent.

    :param offers: what carriers offered for it; None: the offer that it chose, if any.
    :param sites: where its goods leave, by days of their own; what comes in several parcels arrives with the last.
    """

    def by(calendar: Calendar | None) -> tuple[engine.Option, ...]:
        return engine.options(
            methods=rules.methods,
            zones=rules.zones,
            parcel=parcel,
            destination=_destination(cart),
            currency=cart.currency,
            now=now,
            calendar=calendar,
            offers=chosen_offer(cart, asked=asked, now=now) if offers is None else offers,
        )

    found = by(rules.calendar)
    if not any(place.calendar is not None for place in sites.all):
        return found
    own = {place.id: by(_calendar(place, rules.calendar)) for place in sites.all}
    return tuple(_arriving(option, place, own, sites) for place, option in enumerate(found))


def _arriving(
    option: engine.Option, number: int, own: Mapping[str, Sequence[engine.Option]], sites: Sites
) -> engine.Option:
    """Return an option with the promise of the locations that its goods leave from."""
    point = option.method.pickup
    leaving = [point.location] if point is not None and point.location else [place.id for place in sites.leaving]
    promises = [own[place][number].promise for place in leaving if place in own]
    if not promises:
        return option
    known = [promise for promise in promises if promise is not None]
    if len(known) < len(promises):
        return option._replace(promise=None)
    latest = Promise(max(promise.earliest for promise in known), max(promise.latest for promise in known))
    return option._replace(promise=latest)


def _calendar(place: Location, of_shop: Calendar | None) -> Calendar | None:
    """Return a location's calendar; where goods are delivered is no matter of where they leave."""
    if place.calendar is None:
        return of_shop
    calendar = Calendar.model_validate(place.calendar)
    if of_shop is None:
        return calendar
    holidays = [*calendar.delivery_holidays, *of_shop.delivery_holidays]
    return calendar.model_copy(update={"delivery_holidays": holidays, "delivery_days": of_shop.delivery_days})


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
