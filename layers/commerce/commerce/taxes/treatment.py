"""Which country's tax a sale bears, and why: who is registered where, who buys, and where the goods go.

Between member states of the EU (https://europa.eu/youreurope/business/taxation/vat/cross-border-vat/index_en.htm):
consumers are charged the rates of the country that the goods go to once the shop is registered there or for the
one-stop shop and above the threshold (Directive 2006/112/EC, Articles 33 and 59c), else those of the shop's own.
Businesses with a valid number of another member state are charged none (Article 138); they account for it themselves.
"""

from datetime import date
from typing import NamedTuple

from commerce.taxes.lines import Buyer, Reason
from commerce.taxes.model import Exemption, TaxRules, holds
from commerce.taxes.places import Place
from commerce.taxes.territories import MEMBERS, member_state, taxed_as

NORTHERN_IRELAND = "XI"


class Treatment(NamedTuple):
    """How a sale is taxed.

    :param place: whose rates are charged; None: nothing is.
    :param rule: what decided where nothing is charged.
    """

    reason: Reason
    place: Place | None = None
    rule: str = ""


def treatment(rules: TaxRules, destination: Place, *, buyer: Buyer, on: date) -> Treatment:
    """Decide how a sale to a place is taxed."""
    destination = taxed_as(destination)
    exemption = _exemption(rules, destination, buyer=buyer, on=on)
    if exemption is not None:
        return Treatment("exempt", rule=f"exemption:{exemption.id}")
    home = taxed_as(rules.home) if rules.home is not None else None
    at_home = home is not None and rules.registration(home, on=on) is not None
    registration = rules.registration(destination, on=on)
    if at_home and _reverses_charge(rules, destination, buyer=buyer, on=on):
        return Treatment("reverse_charge", rule="reverse_charge")
    if registration is not None:
        return Treatment("rate", destination)
    if _goes_by_one_stop_shop(rules, destination):
        return Treatment("rate", destination)
    if home is None or not at_home:
        return Treatment("not_registered", rule="not_registered")
    if _trades_within_the_union(home, destination):
        return Treatment("below_threshold", home)
    reason: Reason = "not_registered" if _is_same_territory(home, destination) else "export"
    return Treatment(reason, rule=reason)


def _exemption(rules: TaxRules, destination: Place, *, buyer: Buyer, on: date) -> Exemption | None:
    """Return the exemption of a buyer that holds; of several, the first by id."""
    found = (
        each
        for each in rules.exemptions
        if holds(each, on)
        and (
            (each.customer_id and each.customer_id == buyer.customer_id)
            or (each.tax_id and each.tax_id == buyer.tax_id)
        )
        and each.country in {"", destination.country}
        and each.region in {"", destination.region}
    )
    return min(found, key=lambda each: each.id, default=None)


def _reverses_charge(rules: TaxRules, destination: Place, *, buyer: Buyer, on: date) -> bool:
    if buyer.tax_id is None or not buyer.tax_id_valid or rules.home is None:
        return False
    if rules.needs_online_check and not buyer.checked_online:
        return False
    if _trades_within_the_union(rules.home, destination):
        issuer = _issuer(buyer.tax_id)
        return issuer in MEMBERS | {NORTHERN_IRELAND} and issuer != member_state(rules.home)
    registration = rules.registration(destination, on=on)
    abroad = destination.country != rules.home.country
    reverses = registration is not None and registration.reverse_charge
    return abroad and reverses and _issuer(buyer.tax_id) == destination.country


def _goes_by_one_stop_shop(rules: TaxRules, destination: Place) -> bool:
    """Tell whether the one-stop shop has the rates of where goods go charged.

    A shop outside the EU that uses it (for imports) has no threshold: https://vat-one-stop-shop.ec.europa.eu/
    """
    if rules.one_stop_shop is None or member_state(destination) is None:
        return False
    home = member_state(rules.home) if rules.home is not None else None
    return home is None or (rules.one_stop_shop.over_threshold and home != member_state(destination))


def _trades_within_the_union(home: Place, destination: Place) -> bool:
    ours, theirs = member_state(home), member_state(destination)
    return ours is not None and theirs is not None and ours != theirs


def _is_same_territory(home: Place, destination: Place) -> bool:
    return home.country == destination.country and bool(member_state(home)) == bool(member_state(destination))


def _issuer(tax_id: str) -> str:
    """Return the country that gave a number out; Greece's begin with EL, Switzerland's with CHE."""
    return "GR" if tax_id.startswith("EL") else tax_id[:2]
