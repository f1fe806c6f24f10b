"""What carriers are asked for a parcel, and which of their answers still hold. Pure."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from commerce.adapters.carriers import CarriersUnavailable, Package, Place, Point, Rate
from commerce.shipping.model import CarrierRates, ShippingMethod, in_order
from commerce.shipping.options import CarrierOffer, CarrierPoint
from commerce.shipping.parcel import Parcel
from commerce.shipping.rules import ShippingRules
from commerce.shipping.windows import valid_until
from commerce.shipping.zones import Destination

MOST_OFFERS = 20
KEY_LETTERS = 24


class Question(NamedTuple):
    """What carriers are asked. Equal questions have one answer, whoever asks."""

    method_id: str
    rates: CarrierRates
    package: Package
    origin: Place
    destination: Place
    currency: str

    @property
    def key(self) -> str:
        """Return what names the question."""
        asked = [self.method_id, self.rates.model_dump(mode="json"), self.package._asdict(), self.destination._asdict()]
        text = json.dumps([*asked, self.currency], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:KEY_LETTERS]


def question(
    *, method: ShippingMethod, parcel: Parcel, destination: Destination | None, currency: str
) -> Question | None:
    """Return what carriers are asked for a parcel; None when it is not theirs, or they could not tell."""
    if method.carrier is None or not method.active or destination is None:
        return None
    grams = parcel.weight_grams + method.packaging_grams
    if not grams:
        return None
    origin = method.carrier.origin
    return Question(
        method_id=method.id,
        rates=method.carrier,
        package=Package(weight_grams=grams, sides_mm=parcel.stacked_mm),
        origin=Place(origin.country, origin.postal_code or "", origin.city, origin.region or ""),
        destination=Place(
            destination.country, destination.postal_code or "", destination.city or "", destination.region or ""
        ),
        currency=currency,
    )


def questions(
    *, rules: ShippingRules, parcel: Parcel, destination: Destination | None, currency: str
) -> tuple[Question, ...]:
    """Return what carriers are asked for a parcel, one question for each method that asks them."""
    asked = (
        question(method=method, parcel=parcel, destination=destination, currency=currency)
        for method in in_order(rules.methods)
    )
    return tuple(each for each in asked if each is not None)


def offers_of(*, asked: Question, window: int, rates: Sequence[Rate], points: Sequence[Point]) -> list[CarrierOffer]:
    """Return what carriers answered as offers, the cheapest first; none when no carrier goes there.

    :raises CarriersUnavailable: when they answered in other currencies only: nothing is converted here.
    """
    services = asked.rates.services
    wanted = [rate for rate in rates if services is None or rate.service in services]
    ours = [rate for rate in wanted if rate.currency == asked.currency]
    if wanted and not ours:
        detail = f"The carriers' rates are in {wanted[0].currency}, and the cart is in {asked.currency}."
        raise CarriersUnavailable(detail)
    ours.sort(key=lambda rate: (rate.amount, rate.service))
    places: list[tuple[Rate, Point | None]] = (
        [(rate, point) for rate in ours for point in points if not point.services or rate.service in point.services]
        if asked.rates.to_points
        else [(rate, None) for rate in ours]
    )
    return [
        CarrierOffer(
            id=f"{_prefix(asked)}{window}-{number}",
            method_id=asked.method_id,
            title=f"{rate.title}: {point.name}, {point.line1}" if point else rate.title,
            service=rate.service,
            amount=rate.amount,
            currency=rate.currency,
            days=rate.days,
            valid_until=valid_until(window),
            point=_shown(point) if point else None,
        )
        for number, (rate, point) in enumerate(places[:MOST_OFFERS])
    ]


def holds(*, offer: CarrierOffer, asked: Question | None, now: datetime) -> bool:
    """Tell whether an offer can still be ordered: it has not run out, and the same would be asked again."""
    return asked is not None and offer.id.startswith(_prefix(asked)) and now < offer.valid_until


def _prefix(asked: Question) -> str:
    return f"offer-{asked.key}-"


def _shown(point: Point) -> CarrierPoint:
    return CarrierPoint(
        id=point.id,
        name=point.name,
        line1=point.line1,
        city=point.city,
        postal_code=point.postal_code,
        country=point.country,
        metres=point.metres,
    )
