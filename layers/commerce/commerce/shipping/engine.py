"""What a parcel can be sent by, what that costs and why, and when it arrives. Pure: no reads, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Literal, NamedTuple

from commerce.kernel.money import Money, grain
from commerce.kernel.rounding import Rounding, rounded
from commerce.shipping.calendar import Calendar, Pace, Promise, promise
from commerce.shipping.model import ShippingMethod, in_order
from commerce.shipping.options import CarrierOffer
from commerce.shipping.parcel import Item, Parcel
from commerce.shipping.rates import Conditions, RateTable, Surcharge, Transit, amount_in
from commerce.shipping.zones import Destination, Zone, zones_of

ROUNDING = Rounding.HALF_UP
"""What becomes of the fractions of surcharges in basis points, the only ones that there are."""

WHOLE = 10_000
"""Basis points of the whole."""

Source = Literal["prices", "table", "carrier", "surcharge", "free_over"]
Reason = Literal[
    "inactive", "country", "zone", "currency", "amount", "weight", "quantity", "size", "goods", "no_rate", "no_offer"
]
Offers = Mapping[str, Sequence[CarrierOffer] | None]
"""What carriers offered, by method. None, or no entry: they did not answer, and the method's own rates hold."""


class Part(NamedTuple):
    """One part of a price, in minor units; what is taken off is negative."""

    source: Source
    title: str
    amount: int


class Option(NamedTuple):
    """A way to send the parcel.

    :ivar price: minor units; the sum of the parts, and never negative.
    :ivar list_price: what it costs before the amount of the goods makes it free.
    :ivar estimated: whether the price waits for the destination, and is the lowest of several.
    """

    id: str
    title: str
    method: ShippingMethod
    currency: str
    parts: tuple[Part, ...]
    promise: Promise | None = None
    estimated: bool = False
    offer: CarrierOffer | None = None

    @property
    def price(self) -> int:
        return sum(part.amount for part in self.parts)

    @property
    def list_price(self) -> int:
        return sum(part.amount for part in self.parts if part.source != "free_over")


class Refusal(NamedTuple):
    """Why a method is not there for a parcel."""

    method: ShippingMethod
    reason: Reason


class Case(NamedTuple):
    """The circumstances in which methods are looked at.

    :ivar places: ids of the zones that the destination lies in, the closest first.
    """

    parcel: Parcel
    destination: Destination | None
    places: tuple[str, ...]
    currency: str
    calendar: Calendar | None
    now: datetime

    def lies_in(self, zones: Iterable[str]) -> bool:
        """Tell whether the destination lies in one of these zones."""
        return any(zone in self.places for zone in zones)

    def closest[T: (RateTable, Transit)](self, parts: Sequence[T]) -> T | None:
        """Return the part for the closest zone that any of them names, else the one that names none."""
        for place in self.places:
            for part in parts:
                if part.zones is not None and place in part.zones:
                    return part
        return next((part for part in parts if part.zones is None), None)


class Base(NamedTuple):
    """A price before surcharges, and from which amounts on it falls away."""

    part: Part
    free_over: Sequence[Money]


def options(
    *,
    methods: Sequence[ShippingMethod],
    zones: Sequence[Zone],
    parcel: Parcel,
    destination: Destination | None,
    currency: str,
    now: datetime,
    calendar: Calendar | None,
    offers: Offers | None = None,
) -> tuple[Option, ...]:
    """Return the ways in which a parcel can be sent, in the shop's order.

    Neither the order of items, methods or zones nor that of their creation changes anything.

    :param destination: None while nobody knows; then no method is ruled out by it, and prices that depend on it are
        the lowest that there are.
    :param offers: what carriers offered for exactly this parcel.
    """
    places = zones_of(zones=zones, destination=destination) if destination else ()
    case = Case(parcel, destination, places, currency, calendar, now)
    found = considered(methods=methods, case=case, offers=offers)
    return tuple(each for each in found if isinstance(each, Option))


def considered(
    *, methods: Sequence[ShippingMethod], case: Case, offers: Offers | None = None
) -> tuple[Option | Refusal, ...]:
    """Return the ways in which a parcel can be sent, and for every other method why it is not there."""
    return tuple(each for method in in_order(methods) for each in _looked_at(method, case, offers or {}))


def chargeable_grams(*, method: ShippingMethod, parcel: Parcel) -> int:
    """Return the weight that counts: the goods' own or, where it is larger, that of their volume; and packaging."""
    if method.volumetric_divisor is None:
        return parcel.weight_grams + method.packaging_grams
    # Cubic millimetres are to cubic centimetres what grams are to kilograms.
    volumetric = -(-parcel.volume_mm3 // method.volumetric_divisor)
    return max(parcel.weight_grams, volumetric) + method.packaging_grams


def _looked_at(method: ShippingMethod, case: Case, offers: Offers) -> Sequence[Option | Refusal]:
    reason = _reason_against(method, case)
    if reason is None and method.kind == "carrier":
        offered = offers.get(method.id)
        if offered is not None:
            priced = [option for offer in offered if (option := _by_offer(method, offer, case)) is not None]
            return priced or [Refusal(method, "no_offer")]
        reason = "no_offer" if case.destination is None else None
    if reason is not None:
        return [Refusal(method, reason)]
    rated = _by_own_rates(method, case)
    return [rated if isinstance(rated, Option) else Refusal(method, rated)]


# ---- whether it is there -----------------------------------------------------------------------------------


def _reason_against(method: ShippingMethod, case: Case) -> Reason | None:
    """Return why a method is not there, whatever it costs. What nobody knows speaks against nothing."""
    if not method.active:
        return "inactive"
    if case.destination is not None:
        if method.countries is not None and case.destination.country not in method.countries:
            return "country"
        if method.zones is not None and not case.lies_in(method.zones):
            return "zone"
    return _broken_condition(method, method.conditions, case) if method.conditions else None


def _broken_condition(method: ShippingMethod, conditions: Conditions, case: Case) -> Reason | None:
    parcel = case.parcel
    least, most = amount_in(case.currency, conditions.min_amounts), amount_in(case.currency, conditions.max_amounts)
    checks: tuple[tuple[bool, Reason], ...] = (
        (case.lies_in(conditions.except_zones or ()), "zone"),
        (not _is_within(parcel.amount, least, most), "amount"),
        (
            not _is_within(
                chargeable_grams(method=method, parcel=parcel),
                conditions.min_weight_grams,
                conditions.max_weight_grams,
            ),
            "weight",
        ),
        (not _is_within(parcel.quantity, conditions.min_quantity, conditions.max_quantity), "quantity"),
        (any(_is_too_large(item, conditions) for item in parcel.items), "size"),
        (any(not _is_allowed(item, conditions) for item in parcel.items), "goods"),
    )
    return next((reason for is_broken, reason in checks if is_broken), None)


def _is_within(value: int, least: int | None, most: int | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def _is_too_large(item: Item, conditions: Conditions) -> bool:
    return _is_over(item.length_mm, conditions.max_length_mm) or _is_over(item.girth_mm, conditions.max_girth_mm)


def _is_over(value: int | None, bound: int | None) -> bool:
    return value is not None and bound is not None and value > bound


def _is_allowed(item: Item, conditions: Conditions) -> bool:
    shelves = set(item.shelves)
    return (
        (conditions.only_shelves is None or bool(shelves & set(conditions.only_shelves)))
        and not shelves & set(conditions.no_shelves or ())
        and (conditions.only_tax_classes is None or item.tax_class in conditions.only_tax_classes)
        and item.tax_class not in (conditions.no_tax_classes or ())
    )


# ---- what it costs -----------------------------------------------------------------------------------------


def _by_offer(method: ShippingMethod, offer: CarrierOffer, case: Case) -> Option | None:
    """Return a carrier's offer with what the shop adds to it; None when it is in another currency."""
    if offer.currency != case.currency:
        return None
    parts = _parts(method, Base(Part("carrier", offer.title, offer.amount), method.free_over), case)
    if parts is None:
        return None
    transit = (offer.days, offer.days) if offer.days is not None else None
    when = _promise(method, case, transit)
    return Option(offer.id, offer.title, method, case.currency, parts, promise=when, offer=offer)


def _by_own_rates(method: ShippingMethod, case: Case) -> Option | Reason:
    """Return the option by the closest table or the prices; the lowest of all while the destination is not known."""
    bases = [_base(method, table, case) for table in _tables(method, case)]
    found = [parts for base in bases if isinstance(base, Base) and (parts := _parts(method, base, case)) is not None]
    if not found:
        return next((base for base in bases if not isinstance(base, Base)), "currency")
    parts = min(found, key=lambda each: (sum(part.amount for part in each), [part.title for part in each]))
    return Option(
        method.id,
        method.title,
        method,
        case.currency,
        parts,
        promise=_promise(method, case, None),
        estimated=case.destination is None and _depends_on_destination(method),
    )


def _tables(method: ShippingMethod, case: Case) -> Sequence[RateTable | None]:
    """Return the tables that may hold; None stands for the method's prices."""
    tables = [table for table in method.tables if table.currency in {None, case.currency}]
    if case.destination is not None:
        return [case.closest(tables)]
    return [*tables, *([] if any(table.zones is None for table in tables) else [None])]


def _base(method: ShippingMethod, table: RateTable | None, case: Case) -> Base | Reason:
    if table is None:
        amount = amount_in(case.currency, method.prices)
        if amount is None:
            return "currency" if method.prices or not method.tables else "no_rate"
        return Base(Part("prices", method.title, amount), method.free_over)
    match table.by:
        case "weight":
            measured = chargeable_grams(method=method, parcel=case.parcel)
        case "quantity":
            measured = case.parcel.quantity
        case "amount":
            measured = case.parcel.amount
    below = 0
    for band in table.bands:
        if band.up_to is None or measured <= band.up_to:
            price = amount_in(case.currency, band.prices)
            if price is None:
                return "currency"
            per_step = amount_in(case.currency, band.step_prices) or 0
            steps = -(-(measured - below) // band.step) if band.step else 0
            return Base(Part("table", method.title, price + steps * per_step), table.free_over or method.free_over)
        below = band.up_to
    return "no_rate"


def _parts(method: ShippingMethod, base: Base, case: Case) -> tuple[Part, ...] | None:
    """Return the base, its surcharges, and what the amount of the goods takes off; None without a price for one."""
    parts = [base.part]
    waived = base.part.amount
    for surcharge in method.surcharges:
        pieces = _pieces(surcharge, case)
        if not pieces:
            continue
        amount = _surcharged(surcharge, base.part.amount, pieces, case)
        if amount is None:
            return None
        parts.append(Part("surcharge", surcharge.title, amount))
        waived += 0 if surcharge.even_when_free else amount
    bound = amount_in(case.currency, base.free_over)
    if bound is not None and case.parcel.amount >= bound and waived:
        parts.append(Part("free_over", method.title, -waived))
    return tuple(parts)


def _pieces(surcharge: Surcharge, case: Case) -> int:
    """Return how many pieces a surcharge is about; none when it is not about this destination."""
    if surcharge.zones is not None and not case.lies_in(surcharge.zones):
        return 0
    return sum(item.quantity for item in case.parcel.items if _is_about(surcharge, item))


def _is_about(surcharge: Surcharge, item: Item) -> bool:
    return (
        (surcharge.shelves is None or not set(surcharge.shelves).isdisjoint(item.shelves))
        and (surcharge.longer_than_mm is None or _is_over(item.length_mm, surcharge.longer_than_mm))
        and (surcharge.girth_over_mm is None or _is_over(item.girth_mm, surcharge.girth_over_mm))
        and (surcharge.heavier_than_grams is None or _is_over(item.weight_grams, surcharge.heavier_than_grams))
    )


def _surcharged(surcharge: Surcharge, base: int, pieces: int, case: Case) -> int | None:
    if surcharge.basis_points is not None:
        whole = base if surcharge.part_of == "price" else case.parcel.amount
        return rounded(Fraction(whole * surcharge.basis_points, WHOLE), ROUNDING, grain=grain(case.currency))
    price = amount_in(case.currency, surcharge.prices)
    return None if price is None else price * (pieces if surcharge.per == "item" else 1)


def _depends_on_destination(method: ShippingMethod) -> bool:
    parts: tuple[RateTable | Surcharge, ...] = (*method.tables, *method.surcharges)
    return any(part.zones is not None for part in parts)


# ---- when it arrives ---------------------------------------------------------------------------------------


def _promise(method: ShippingMethod, case: Case, days: tuple[int, int] | None) -> Promise | None:
    """Return when the parcel arrives; None when the shop or the carrier does not say how long it takes.

    :param days: what the carrier said; None: what the method says.
    """
    if case.calendar is None:
        return None
    transit = case.closest(method.transits)
    if days is None and transit is not None:
        days = (transit.min_days, transit.max_days)
    if method.pickup is None:
        country = case.destination.country if case.destination else None
        open_on, closed = method.delivery_days, frozenset[date]()
    else:
        country = method.pickup.address.country
        open_on = sorted({hours.weekday for hours in method.pickup.opening_hours}) or method.delivery_days
        closed = frozenset(day.date for day in method.pickup.closed_days)
        days = days or (0, 0)
    if days is None:
        return None
    pace = Pace(
        transit=days,
        handling_days=method.handling_days,
        cut_off=method.cut_off,
        delivery_days=open_on,
        closed=closed,
    )
    return promise(calendar=case.calendar, pace=pace, country=country, now=case.now)
