"""A shop in Germany, and what it offers for a parcel."""

from datetime import UTC, datetime
from typing import Any

from commerce.customers.model import PostalAddress
from commerce.kernel.money import Money
from commerce.shipping.calendar import Calendar
from commerce.shipping.engine import Case, Option, Refusal, considered
from commerce.shipping.model import ShippingMethod
from commerce.shipping.parcel import Item, Parcel
from commerce.shipping.rates import Band, RateTable
from commerce.shipping.zones import Area, Destination, PostalCodes, Zone, zones_of

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ADDRESS = PostalAddress(name="Quay shop", line1="1 Quay", city="Portland", postal_code="04101", country="US")

ZONES = (
    Zone(id="de", title="Germany", areas=[Area(country="DE")]),
    Zone(
        id="de-islands",
        title="German islands",
        areas=[Area(country="DE", postal_codes=[PostalCodes(first="25849", last="25869"), PostalCodes(first="18565")])],
    ),
    Zone(id="eu", title="Neighbours", areas=[Area(country="AT"), Area(country="FR")]),
    Zone(id="world", title="Everywhere", areas=[]),
)
BERLIN, SYLT = Destination("DE", None, "10115"), Destination("DE", None, "25863")
VIENNA, TOKYO = Destination("AT", None, "1010"), Destination("JP", None, "100-0001")


def eur(amount: int) -> Money:
    return Money(amount=amount, currency="EUR")


def band(up_to: int | None, price: int, *, step: int | None = None, step_price: int = 0) -> Band:
    return Band(up_to=up_to, prices=[eur(price)], step=step, step_prices=[eur(step_price)] if step else [])


def table(*bands: Band, zones: list[str] | None = None, by: str = "weight", **fields: Any) -> RateTable:
    return RateTable.model_validate({"zones": zones, "by": by, "bands": list(bands), **fields})


def method(id_: str = "parcel", **fields: Any) -> ShippingMethod:
    return ShippingMethod(id=id_, title=id_.capitalize(), **fields)


def goods(
    grams: int | None = 1000, *, quantity: int = 1, sides: tuple[int, int, int] | None = None, **fields: Any
) -> Item:
    return Item(quantity=quantity, weight_grams=grams, sides_mm=sides, **fields)


def looked_at(
    one: ShippingMethod,
    *items: Item,
    amount: int = 5000,
    destination: Destination | None = BERLIN,
    currency: str = "EUR",
    calendar: Calendar | None = None,
    **offers: Any,
) -> tuple[Option | Refusal, ...]:
    places = zones_of(zones=ZONES, destination=destination) if destination else ()
    case = Case(Parcel(items or (goods(),), amount), destination, places, currency, calendar, NOW)
    return considered(methods=[one], case=case, **offers)


def price(one: ShippingMethod, *items: Item, **circumstances: Any) -> int | str:
    """Return what it costs, or why it is not there."""
    [found] = looked_at(one, *items, **circumstances)
    return found.price if isinstance(found, Option) else found.reason


def option(one: ShippingMethod, *items: Item, **circumstances: Any) -> Option:
    [found] = looked_at(one, *items, **circumstances)
    assert isinstance(found, Option)
    return found
