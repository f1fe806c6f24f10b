"""Price lists, rules and requests for tests."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from commerce.prices.engine import PriceRequest, UnitPrice, resolved
from commerce.prices.exchange import Exchange, Quoted, Rates
from commerce.prices.model import Adjustment, Entry, PriceList, PriceRounding, Tier
from commerce.prices.rules import Bound, Facts, PriceRule, RuleBand

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=400)


def price_list(list_id: str, **more: Any) -> PriceList:
    """A list that overrides, for everybody, in dollars."""
    own: dict[str, Any] = {"kind": "override", "currency": "USD", "since": LONG_AGO, "title": list_id.title()}
    return PriceList(id=list_id, key=f"pl_{list_id}", **(own | more))


def off(basis_points: int, **rounding: Any) -> Adjustment:
    """A percentage off."""
    return Adjustment(off_basis_points=basis_points, rounding=PriceRounding(**rounding) if rounding else None)


def entry(list_id: str, *tiers: tuple[int, int], compare_at: int | None = None) -> dict[str, Entry]:
    """The prices of the SKU in a list, as `{quantity: amount}` pairs."""
    own = tuple(Tier(min_quantity=quantity, amount=amount) for quantity, amount in tiers)
    return {list_id: Entry(of=f"pl_{list_id}", tiers=own, compare_at=compare_at)}


def rule(rule_id: str, *bands: tuple[int, int], **more: Any) -> PriceRule:
    """A rule by stock whose bounds are far away."""
    own: dict[str, Any] = {
        "title": rule_id.title(),
        "currency": "USD",
        "fact": "stock",
        "floor": Bound(basis_points=100),
        "ceiling": Bound(basis_points=100_000),
        "since": LONG_AGO,
    }
    changes = tuple(RuleBand(at_least=at, change_basis_points=change) for at, change in bands)
    return PriceRule(id=rule_id, bands=changes, **(own | more))


def request(**more: Any) -> PriceRequest:
    """One piece in dollars for a shopper of whom nothing is known."""
    own: dict[str, Any] = {"sku": "TEE", "quantity": 1, "currency": "USD", "now": NOW}
    return PriceRequest(**(own | more))


def exchange(rates: Mapping[str, str], *, home: str = "USD", base: str = "EUR", **more: Any) -> Exchange:
    """A shop that converts with rates of today."""
    fetched = {code: Fraction(rate) for code, rate in rates.items()}
    own: dict[str, Any] = {"endings": {}, "oldest": timedelta(days=7)} | more
    return Exchange(home=home, rates=Rates(source="ecb", base=base, at=NOW, fetched=fetched), **own)


def manual(rates: Mapping[str, str], *, home: str = "USD") -> Exchange:
    """A shop that converts with rates that staff wrote."""
    written = {code: (Quoted(Fraction(rate), home), NOW) for code, rate in rates.items()}
    return Exchange(home=home, rates=Rates(manual=written), endings={}, oldest=timedelta(days=7))


def price(**more: Any) -> UnitPrice | None:
    """Resolve the price of something that the catalog sells for ten dollars."""
    own: dict[str, Any] = {
        "request": request(),
        "base": {"USD": 1000},
        "entries": {},
        "lists": [],
        "rules": [],
        "facts": Facts(),
    }
    return resolved(**(own | more))
