"""Rules of made-up shops, and sales in them."""

from datetime import date
from typing import Any

from commerce.kernel.rounding import Rounding
from commerce.taxes.engine import taxed
from commerce.taxes.lines import Buyer, Taxable, Taxed, TaxLine
from commerce.taxes.model import OneStopShop, Registration, TaxRate, TaxRules
from commerce.taxes.places import Place

TODAY = date(2026, 11, 23)


def rate(country: str, value: str, **fields: Any) -> TaxRate:
    """Return a rate whose id says what it is of."""
    parts = (country, fields.get("region"), fields.get("tax_class", "standard"), fields.get("level"))
    name = "-".join(str(part).lower() for part in parts if part)
    return TaxRate(**{"id": name, "name": f"Tax of {country}", "rate": value, "country": country, **fields})


def shop(home: str, *rates: TaxRate, registered: tuple[str, ...] = (), **fields: Any) -> TaxRules:
    """Return the rules of a shop that is registered at home, and in other countries."""
    registrations = tuple(Registration(country) for country in (home, *registered))
    return TaxRules(**{"home": Place(home), "rates": rates, "registrations": registrations, **fields})


GERMAN = shop(
    "DE",
    rate("DE", "0.19"),
    rate("DE", "0.07", tax_class="books"),
    rate("FR", "0.2"),
    rate("AT", "0.2"),
    one_stop_shop=OneStopShop("DE", over_threshold=True),
)
"""A shop in Germany that uses the one-stop shop."""

BUSINESS = Buyer(tax_id="FR61954506077", tax_id_valid=True)


def sale(rules: TaxRules, destination: Place | None, *items: Taxable, **fields: Any) -> Taxed:
    """Tax items at prices that include tax, unless said otherwise."""
    return taxed(
        **{
            "items": items,
            "rules": rules,
            "destination": destination,
            "prices_include_tax": True,
            "buyer": Buyer(),
            "on": TODAY,
            "rounding": Rounding.HALF_UP,
            **fields,
        }
    )


def line(rules: TaxRules, destination: Place | None, amount: int, **fields: Any) -> TaxLine:
    """Tax one piece of goods."""
    item = Taxable("A", amount, **{name: fields.pop(name) for name in ("tax_class", "priced_for") if name in fields})
    return sale(rules, destination, item, **fields).lines["A"]


def amounts(found: TaxLine) -> tuple[int, int, int]:
    """Return net, tax and gross."""
    return found.net, found.tax, found.gross
