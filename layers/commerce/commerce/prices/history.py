"""What shoppers saw: the price of a SKU over time, and the lowest of the thirty days before it was reduced.

Source: Directive 98/6/EC, article 6a (https://eur-lex.europa.eu/eli/dir/1998/6/2022-05-28): an announcement of a price
reduction indicates the lowest price applied during the thirty days before the reduction. Days are counted whole, so the
period is never shorter. Steps down count as reductions of their own: the exception of paragraph 5 is not used.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from commerce.prices.engine import PriceRequest, asked, concerns, is_no_sale
from commerce.prices.model import PriceList, SkuPrices
from commerce.prices.past import Past
from commerce.prices.rules import Facts, PriceRule, least
from commerce.prices.timeline import EVER, changes, lowest_of, millis, track_of, window_start


@dataclass(slots=True)
class _Shelf:
    """What holds at one moment of the past."""

    catalog: int | None = None
    own: dict[str, int | None] = field(default_factory=dict)
    lists: dict[str, PriceList] = field(default_factory=dict)
    rules: dict[str, PriceRule] = field(default_factory=dict)

    def price(self, key: str, currency: str, amounts: Sequence[int | None], back: int) -> None:
        """Take the amount so many places from the end, if there are so many."""
        if len(amounts) + back < 0:
            return
        if key == currency:
            self.catalog = amounts[back]
        else:
            self.own[key] = amounts[back]

    def shown(self) -> tuple[int | None, bool]:
        """Return the price that was shown before any rule, and whether it was the catalog's."""
        for price_list in sorted(self.lists.values(), key=lambda one: one.rank):
            amount = asked(price_list, entry=self.own.get(price_list.key), catalog=self.catalog)
            if amount is not None and not is_no_sale(price_list, amount=amount, catalog=self.catalog):
                return amount, False
        return self.catalog, True

    def lowest(self, cost: int | None) -> tuple[int | None, int | None]:
        """Return the price that was shown, and the lowest that rules could have made of it."""
        amount, is_catalogs = self.shown()
        if amount is None or not is_catalogs:
            return amount, amount
        return amount, min([amount, *(least(rule, price=amount, cost=cost) for rule in self.rules.values())])


def lowest_30_days(
    *,
    request: PriceRequest,
    base: int | None,
    since: datetime | None,
    prices: SkuPrices,
    past: Past,
    facts: Facts,
) -> int | None:
    """Return the lowest price of the thirty days before the present price began; None when there was none before.

    Counted for a single piece, for the shopper of the request, at its moment. A rule that could have lowered the
    price counts with the lowest that it could have made.

    :param base: the catalog's price now, and ever since `since` (None: always) where the SKU has no timeline of it.
    """
    amounts = _amounts(request.currency, base, since, prices)
    steps = list(_steps(request, amounts, past=past, facts=facts))
    now = millis(request.now)
    seen = [step for step in steps if step[0] <= now]
    if not seen:
        return None
    last = len(seen) - 1
    while last > 0 and seen[last - 1][1] == seen[-1][1]:
        last -= 1
    began = seen[last][0]
    before = [(since, lowest) for since, _, lowest in seen[:last]]
    return lowest_of(before, start=window_start(_moment(request, began)), end=began + 1)


def _moment(request: PriceRequest, at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, request.now.tzinfo)


def _steps(
    request: PriceRequest, amounts: Mapping[int, Mapping[str, list[int | None]]], *, past: Past, facts: Facts
) -> Iterator[tuple[int, int | None, int | None]]:
    """Yield when what was shown changed: the moment, the price, and the lowest that rules could have made of it.

    What happened to a price within a day shares a moment: each of its amounts was shown, one after the other.
    """
    shelf, cost = _Shelf(), facts.costs.get(request.currency)
    terms = _Terms()
    _collect_lists(terms, request, past)
    _collect_rules(terms, request, past, facts)
    for at in sorted({*terms.begin, *terms.end, *amounts}):
        terms.hold(shelf, at)
        tracks = amounts.get(at, {})
        rounds = max(map(len, tracks.values()), default=1)
        for number in range(rounds):
            for key, values in tracks.items():
                shelf.price(key, request.currency, values, number - rounds)
            yield at, *shelf.lowest(cost)


@dataclass(slots=True)
class _Terms:
    """The lists and rules that begin and end at a moment."""

    begin: dict[int, dict[str, PriceList | PriceRule]] = field(default_factory=lambda: defaultdict(dict))
    end: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, one: PriceList | PriceRule, begins: datetime, ends: datetime | None) -> None:
        if ends is not None and ends <= begins:
            return
        at = millis(begins)
        self.begin[at][f"{name} {at}"] = one
        if ends is not None:
            self.end[millis(ends)].append(f"{name} {at}")

    def hold(self, shelf: _Shelf, at: int) -> None:
        for name in self.end.get(at, ()):
            shelf.lists.pop(name, None)
            shelf.rules.pop(name, None)
        for name, one in self.begin.get(at, {}).items():
            if isinstance(one, PriceList):
                shelf.lists[name] = one
            else:
                shelf.rules[name] = one


def _collect_lists(terms: _Terms, request: PriceRequest, past: Past) -> None:
    versions = [*((one, None) for one in past.lists), *((one.was, one.until) for one in past.past_lists)]
    for one, until in versions:
        if one.active and one.currency == request.currency and concerns(one, request) is None:
            begins = max(one.since, one.starts_at or one.since)
            ends = min((moment for moment in (one.ends_at, until) if moment is not None), default=None)
            terms.add(one.key, one, begins, ends)


def _collect_rules(terms: _Terms, request: PriceRequest, past: Past, facts: Facts) -> None:
    versions = [*((one, None) for one in past.rules), *((one.was, one.until) for one in past.past_rules)]
    for one, until in versions:
        if one.concerns(sku=request.sku, currency=request.currency, shelves=facts.shelves):
            terms.add(f"rule {one.id}", one, one.since, until)


def _amounts(
    currency: str, base: int | None, since: datetime | None, prices: SkuPrices
) -> dict[int, dict[str, list[int | None]]]:
    """Return by moment, and by the key of a list or the currency, the amounts that held from then on."""
    found: dict[int, dict[str, list[int | None]]] = defaultdict(lambda: defaultdict(list))
    for key, dots in sorted(prices.timeline.items()):
        for at, amount in changes(track_of(dots)):
            found[at][key].append(amount)
    if currency not in prices.timeline:
        found[millis(since) if since is not None else EVER][currency].append(base)
    return found
