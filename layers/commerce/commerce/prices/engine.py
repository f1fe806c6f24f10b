"""What one piece costs: pure, deterministic, and explained.

The catalog's price is the start. Of the price lists that are in force for the shopper and have a price for the SKU, one
is chosen: a list for customer groups before one for regions, before one for countries, before all others; then by the
priority that the merchant gave, then by id. A sale is passed over where it is not below the catalog's price. Where no
list is chosen, the first price rule that changes the catalog's price is. No order of creation matters.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Literal, NamedTuple

from commerce.kernel.money import MOST, Money, grain
from commerce.kernel.rounding import Towards, ended
from commerce.prices.exchange import Converted, Exchange
from commerce.prices.model import WHOLE, Adjustment, Entry, PriceList, Tier, in_order
from commerce.prices.rules import Facts, Lost, PriceRule, applied
from commerce.prices.rules import in_order as rules_in_order

Reason = Literal[
    "not_in_force",
    "country",
    "region",
    "channel",
    "customer_group",
    "no_price",
    "quantity",
    "not_below_catalog",
    "outranked",
]


class PriceRequest(NamedTuple):
    """What is to be priced, for whom, and when.

    :ivar country: ISO 3166-1, None when nobody knows; lists for countries then do not apply. So with the next two.
    :ivar region: ISO 3166-2 (`US-CA`).
    :ivar customer_groups: groups and segments of the shopper.
    """

    sku: str
    quantity: int
    currency: str
    now: datetime
    country: str | None = None
    region: str | None = None
    channel: str | None = None
    customer_groups: frozenset[str] = frozenset()


class Candidate(NamedTuple):
    """A price that was looked at, and why it is not the price.

    :ivar reason: None for the one that was chosen.
    """

    source: str
    amount: int | None
    reason: Reason | Lost | None
    message: str


class UnitPrice(NamedTuple):
    """What one piece costs.

    :ivar source: `catalog.price`, `list:<id>`, `list:<id>/tier:<min_quantity>`, `rule:<id>` or `exchange:<source>`.
    :ivar compare_at: the higher price that it is shown as reduced from.
    :ivar lowest_30_days: the lowest price of the thirty days before the reduction, where it is shown as reduced.
    :ivar converted: how it came from another currency.
    """

    amount: int
    currency: str
    source: str
    message: str
    compare_at: int | None = None
    lowest_30_days: int | None = None
    converted: Converted | None = None
    candidates: tuple[Candidate, ...] = ()

    @property
    def is_reduced(self) -> bool:
        """Tell whether it is shown as reduced."""
        return self.compare_at is not None


class _Offer(NamedTuple):
    """What a list asks for."""

    price_list: PriceList
    amount: int | None = None
    tier: Tier | None = None
    compare_at: int | None = None
    reason: Reason | None = None
    message: str = ""

    @property
    def source(self) -> str:
        own = f"list:{self.price_list.id}"
        return f"{own}/tier:{self.tier.min_quantity}" if self.tier and self.tier.min_quantity > 1 else own


def resolved(
    *,
    request: PriceRequest,
    base: Mapping[str, int],
    entries: Mapping[str, Entry],
    lists: Sequence[PriceList],
    rules: Sequence[PriceRule],
    facts: Facts,
    compare_at: Mapping[str, int] | None = None,
    exchange: Exchange | None = None,
) -> UnitPrice | None:
    """Return what one piece costs; None where the SKU has no price.

    :param base: the catalog's prices, by currency.
    :param entries: the SKU's own prices in lists, by the list's id.
    :param compare_at: the catalog's prices before a reduction, by currency.
    :param exchange: how to convert the price in the shop's currency where there is none; None where the shop does not.
    """
    catalog = base.get(request.currency)
    own = [one for one in in_order(lists) if one.currency == request.currency]
    offers = [_offer(one, request, entries.get(one.id), catalog) for one in own]
    chosen = next((offer for offer in offers if offer.reason is None), None)
    tried = tuple(_candidates(offers, chosen))
    if chosen is not None and chosen.amount is not None:
        price = _listed(request, chosen, chosen.amount, catalog)
        lost = (_outranked_catalog(catalog, request),) if catalog is not None else ()
        return replace(price, candidates=(*tried, *lost))
    if catalog is not None:
        price = _ruled(request, catalog, rules, facts, (compare_at or {}).get(request.currency))
        return replace(price, candidates=(*tried, *price.candidates))
    if exchange is None or request.currency == exchange.home:
        return None
    at_home = resolved(
        request=replace(request, currency=exchange.home),
        base=base,
        entries=entries,
        lists=lists,
        rules=rules,
        facts=facts,
        compare_at=compare_at,
    )
    return _exchanged(at_home, exchange, request, tried) if at_home is not None else None


def adjusted(adjustment: Adjustment, *, price: int, currency: str) -> int:
    """Return the catalog's price less the percentage, with the ending that the list wants."""
    exact = Fraction(price * (WHOLE - adjustment.off_basis_points), WHOLE)
    chargeable = grain(currency)
    rounding = adjustment.rounding
    if rounding is None:
        return ended(exact, step=1, grain=chargeable)
    amount = ended(exact, step=rounding.step, ending=rounding.ending, towards=rounding.towards, grain=chargeable)
    return amount if amount <= MOST else ended(exact, step=1, towards=Towards.DOWN, grain=chargeable)


def concerns(price_list: PriceList, request: PriceRequest) -> tuple[Reason, str] | None:
    """Return why a list is not for this shopper; None when it is."""
    if price_list.customer_groups and not request.customer_groups & set(price_list.customer_groups):
        return "customer_group", "It is for other customer groups."
    if price_list.regions and request.region not in price_list.regions:
        return "region", "It is for other regions."
    if price_list.countries and request.country not in price_list.countries:
        return "country", "It is for other countries."
    if price_list.channels and request.channel not in price_list.channels:
        return "channel", "It is for other channels."
    return None


def asked(price_list: PriceList, *, entry: int | None, catalog: int | None) -> int | None:
    """Return what a list asks for: the SKU's own price in it, else the catalog's less its percentage."""
    if entry is not None:
        return entry
    if price_list.adjustment is None or catalog is None:
        return None
    return adjusted(price_list.adjustment, price=catalog, currency=price_list.currency)


def is_no_sale(price_list: PriceList, *, amount: int, catalog: int | None) -> bool:
    """Tell whether a sale is passed over because it is not below the catalog's price."""
    return price_list.kind == "sale" and catalog is not None and amount >= catalog


def _offer(price_list: PriceList, request: PriceRequest, entry: Entry | None, catalog: int | None) -> _Offer:
    if not price_list.is_on(request.now):
        return _Offer(price_list, reason="not_in_force", message="It is not in force.")
    other = concerns(price_list, request)
    if other is not None:
        return _Offer(price_list, reason=other[0], message=other[1])
    own = entry if entry is not None and entry.of == price_list.key else None
    tier = own.tier(request.quantity) if own is not None else None
    amount = asked(price_list, entry=tier.amount if tier else None, catalog=catalog)
    if amount is None and own is not None:
        first = own.tiers[0].min_quantity
        return _Offer(price_list, reason="quantity", message=f"Its prices begin with {first} pieces.")
    if amount is None:
        return _Offer(price_list, reason="no_price", message="It has no price for this article.")
    compared = own.compare_at if own is not None else None
    if is_no_sale(price_list, amount=amount, catalog=catalog):
        message = "It is a sale, and not below the catalog's price."
        return _Offer(price_list, amount, tier, compared, "not_below_catalog", message)
    return _Offer(price_list, amount, tier, compared)


def _candidates(offers: Sequence[_Offer], chosen: _Offer | None) -> Iterator[Candidate]:
    for offer in offers:
        if offer is chosen:
            yield Candidate(offer.source, offer.amount, None, "It is the price.")
        elif offer.reason is None and chosen is not None:
            message = f"The price list '{chosen.price_list.title}' goes before it."
            yield Candidate(offer.source, offer.amount, "outranked", message)
        else:
            yield Candidate(offer.source, offer.amount, offer.reason, offer.message)


def _listed(request: PriceRequest, offer: _Offer, amount: int, catalog: int | None) -> UnitPrice:
    price_list = offer.price_list
    compared = offer.compare_at
    if compared is None and price_list.kind == "sale":
        compared = catalog
    source, money = offer.source, _money(amount, request)
    from_on = f", from {offer.tier.min_quantity} pieces on" if offer.tier and offer.tier.min_quantity > 1 else ""
    return UnitPrice(
        amount=amount,
        currency=request.currency,
        source=source,
        message=f"{money}, the price list '{price_list.title}'{from_on}.",
        compare_at=compared if compared is not None and compared > amount else None,
    )


def _outranked_catalog(catalog: int, request: PriceRequest) -> Candidate:
    return Candidate("catalog.price", catalog, "outranked", f"{_money(catalog, request)}: a price list goes before it.")


@dataclass(slots=True)
class _Trial:
    """The rules tried on a catalog price."""

    candidates: list[Candidate] = field(default_factory=list)
    chosen: Candidate | None = None


def _ruled(
    request: PriceRequest, catalog: int, rules: Sequence[PriceRule], facts: Facts, compare_at: int | None
) -> UnitPrice:
    """Return the catalog's price, changed by the first rule that changes it."""
    trial = _Trial()
    for rule in rules_in_order([rule for rule in rules if rule.active and rule.currency == request.currency]):
        source = f"rule:{rule.id}"
        if trial.chosen is not None:
            trial.candidates.append(Candidate(source, None, "outranked", f"'{trial.chosen.source}' goes before it."))
            continue
        outcome = applied(rule, sku=request.sku, price=catalog, facts=facts)
        candidate = Candidate(source, outcome.amount, outcome.lost, outcome.message)
        trial.candidates.append(candidate)
        if outcome.amount is not None:
            trial.chosen = candidate
    own = Candidate("catalog.price", catalog, None, f"{_money(catalog, request)}, the catalog's price.")
    if trial.chosen is not None:
        own = replace(own, reason="outranked")
    winner = trial.chosen or own
    amount = winner.amount if winner.amount is not None else catalog
    return UnitPrice(
        amount=amount,
        currency=request.currency,
        source=winner.source,
        message=winner.message,
        compare_at=compare_at if compare_at is not None and compare_at > amount else None,
        candidates=(*trial.candidates, own),
    )


def _exchanged(
    at_home: UnitPrice, exchange: Exchange, request: PriceRequest, tried: tuple[Candidate, ...]
) -> UnitPrice | None:
    """Return a price of the shop's currency in another one; None where it cannot be converted."""
    converted = exchange.converted(at_home.amount, request.currency, now=request.now)
    if converted is None or converted.amount > MOST:
        return None
    compared = None
    if at_home.compare_at is not None:
        higher = exchange.converted(at_home.compare_at, request.currency, now=request.now)
        compared = higher.amount if higher is not None and higher.amount > converted.amount else None
    home = Money(amount=at_home.amount, currency=exchange.home)
    return UnitPrice(
        amount=converted.amount,
        currency=request.currency,
        source=f"exchange:{converted.source}",
        message=f"{_money(converted.amount, request)} for {home}, at {converted.rate_text} from {converted.source}.",
        compare_at=compared,
        converted=replace(converted, of=at_home.source),
        candidates=(*tried, *at_home.candidates),
    )


def _money(amount: int, request: PriceRequest) -> str:
    return str(Money(amount=amount, currency=request.currency))
