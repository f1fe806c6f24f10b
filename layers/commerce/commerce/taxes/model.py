"""The tax rules of a shop: rates, registrations, exemptions, and where the shop is; and what follows from them.

One rule is chosen per level: of the rates of a level that fit a place, a class of goods and a day, the most exact one
counts, by postal code before region before country. Levels are added up (state 1, county 2, city 3), so a
region's own rate on level 1 replaces the country's, and a rate on level 2 comes on top.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal, NamedTuple, Self

from commerce.taxes.lines import STANDARD
from commerce.taxes.places import Place, PostalCodes, plain_code, region_by_name, short_region
from commerce.taxes.territories import member_state

RoundingLevel = Literal["line", "order"]
"""Where a tax becomes a whole number: at each line, or once for all lines of an order with the same rates."""

Exactness = tuple[bool, Fraction, bool]
"""How exactly a rate names a place: by postal codes, of how many (negative), by region."""

Shipping = str
"""How shipping is taxed: `highest_of_goods`, `proportional`, or a class of goods."""

HIGHEST_OF_GOODS = "highest_of_goods"
PROPORTIONAL = "proportional"

DAYS = ("starts_on", "ends_on")


class TaxRate(NamedTuple):
    """A rate with a name, for a class of goods, in an area, for a time.

    :param rate: a decimal number as text, `0.19`.
    :param level: rates of different levels are added up.
    :param compound: the rate is taken of the net amount and the taxes of the levels below it.
    :param postal_codes: runs of codes, of which one must hold the place's; none: the whole region or country.
    :param ends_on: the last day.
    """

    id: str
    name: str
    rate: str
    country: str
    region: str = ""
    postal_codes: tuple[PostalCodes, ...] = ()
    tax_class: str = STANDARD
    level: int = 1
    compound: bool = False
    starts_on: date | None = None
    ends_on: date | None = None

    def exactness(self, place: Place) -> Exactness | None:
        """Return how exactly the rate names a place, which compares; None when it does not fit at all."""
        if self.country != place.country or (self.region and self.region != place.region):
            return None
        held = [codes.share for codes in self.postal_codes if codes.holds(place.postal_code)]
        if self.postal_codes and not held:
            return None
        return bool(held), -min(held, default=Fraction(1)), bool(self.region)

    @property
    def fraction(self) -> Fraction:
        """Return the rate, exactly."""
        return Fraction(self.rate)


class Registration(NamedTuple):
    """Where the shop is registered and therefore charges tax: a country, or a region of it.

    :param reverse_charge: businesses there account for the tax themselves when they give a valid number of that
        country. Between member states of the EU that is so without saying.
    """

    country: str
    region: str = ""
    tax_id: str = ""
    reverse_charge: bool = False
    starts_on: date | None = None
    ends_on: date | None = None


class OneStopShop(NamedTuple):
    """The registration for the EU's one-stop shop.

    :param over_threshold: the shop charges the rates of the country that goods go to, because it sells more than the
        threshold across borders or has chosen to; else those of its own country.
    """

    country: str
    over_threshold: bool
    tax_id: str = ""


class CountryRules(NamedTuple):
    """What is other in one country than in the rest. None: it is not."""

    country: str
    prices_include_tax: bool | None = None
    rounding_level: RoundingLevel | None = None


class Exemption(NamedTuple):
    """A buyer who pays no tax: a customer, or whoever has a tax id; everywhere, or in one place."""

    id: str
    customer_id: str = ""
    tax_id: str = ""
    country: str = ""
    region: str = ""
    certificate: str = ""
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True)
class TaxRules:
    """All tax rules of a shop.

    :param home: where the shop is and sends from; the prices that are set for no country contain the tax of this
        place. None: they contain none.
    :param keeps_net: across borders the net price stays and the shopper pays the tax of their own country; else the
        price that is shown stays, and the tax is taken out of it.
    :param needs_online_check: a tax id counts only once its register has confirmed it.
    :param stripe_tax_codes: Stripe's codes of our classes of goods, and of `shipping`.
    """

    home: Place | None = None
    rates: tuple[TaxRate, ...] = ()
    registrations: tuple[Registration, ...] = ()
    one_stop_shop: OneStopShop | None = None
    countries: tuple[CountryRules, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    shipping: Shipping = STANDARD
    rounding_level: RoundingLevel = "line"
    keeps_net: bool = True
    needs_online_check: bool = False
    stripe_tax_codes: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _rates_by_country(self) -> Mapping[str, list[TaxRate]]:
        found: dict[str, list[TaxRate]] = {}
        for rate in self.rates:
            found.setdefault(rate.country, []).append(rate)
        return found

    def place(self, country: str, *, region: str | None = None, postal_code: str | None = None) -> Place:
        """Return a place by what people write: `us-ca`, `CA` or `California`; `sw1a 1aa`.

        Names of regions are looked up only in countries of which a rule tells regions apart.
        """
        code = short_region(country, region)
        if region and not code and country in self._with_regions:
            code = region_by_name(country, region)
        return Place(country=country, region=code, postal_code=plain_code(postal_code))

    @cached_property
    def _with_regions(self) -> frozenset[str]:
        told: tuple[TaxRate | Registration | Exemption, ...]
        told = (*self.rates, *self.registrations, *self.exemptions)
        return frozenset(each.country for each in told if each.region)

    def includes_tax(self, country: str | None, *, default: bool) -> bool:
        """Tell whether prices for a country include tax; `default` is the shop's rule, also for an unknown country."""
        rules = self._country(country)
        return default if rules is None or rules.prices_include_tax is None else rules.prices_include_tax

    def rounds_at(self, country: str | None) -> RoundingLevel:
        """Return where taxes of a country become whole numbers."""
        rules = self._country(country)
        return (rules and rules.rounding_level) or self.rounding_level

    def _country(self, country: str | None) -> CountryRules | None:
        return next((each for each in self.countries if each.country == country), None)

    def registration(self, place: Place, *, on: date) -> Registration | None:
        """Return the shop's registration in a place, that of a region before that of its country.

        A country's registration does not reach parts of it outside the EU's VAT territory, such as the Canary Islands.
        """
        found = [each for each in self.registrations if each.country == place.country and holds(each, on)]
        for each in found:
            if each.region and each.region == place.region:
                return each
        whole = Place(place.country)
        if member_state(whole) is not None and member_state(place) is None:
            return None
        return next((each for each in found if not each.region), None)

    def rates_at(self, place: Place, *, tax_class: str, on: date) -> tuple[TaxRate, ...]:
        """Return the rates that are added up for a class of goods in a place, by level.

        A level that has no rate of the class there has its standard rate.
        """
        best: dict[int, tuple[tuple[bool, Exactness], TaxRate]] = {}
        for rate in self._rates_by_country.get(place.country, ()):
            exactness = rate.exactness(place) if rate.tax_class in {tax_class, STANDARD} and holds(rate, on) else None
            if exactness is None:
                continue
            rank = (rate.tax_class == tax_class, exactness)
            rival = best.get(rate.level)
            if rival is None or rank > rival[0] or (rank == rival[0] and rate.id < rival[1].id):
                best[rate.level] = (rank, rate)
        return tuple(best[level][1] for level in sorted(best))

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read rules as they are stored. What a later version may add is left out."""
        parts = {
            "rates": tuple(_rate(each) for each in document.get("rates", ())),
            "registrations": tuple(_made(Registration, each) for each in document.get("registrations", ())),
            "countries": tuple(_made(CountryRules, each) for each in document.get("countries", ())),
            "exemptions": tuple(_made(Exemption, each) for each in document.get("exemptions", ())),
            "home": _made(Place, document["home"]) if document.get("home") else None,
            "one_stop_shop": _made(OneStopShop, document["one_stop_shop"]) if document.get("one_stop_shop") else None,
        }
        return _made(cls, {**document, **parts})


def holds(rule: TaxRate | Registration | Exemption, on: date) -> bool:
    """Tell whether a rule holds on a day."""
    begun = rule.starts_on is None or rule.starts_on <= on
    return begun and (rule.ends_on is None or on <= rule.ends_on)


def _rate(document: Mapping[str, Any]) -> TaxRate:
    codes = (PostalCodes(each["first"], each.get("last") or each["first"]) for each in document.get("postal_codes", ()))
    return _made(TaxRate, {**document, "postal_codes": tuple(codes)})


def _made[T](kind: type[T], document: Mapping[str, Any]) -> T:
    """Make a record of a document: days become dates, null its default, and what it does not know is passed over."""
    days = {name: date.fromisoformat(document[name]) for name in DAYS if document.get(name)}
    told = {**document, **days}
    return kind(**{name: told[name] for name in kind.__annotations__ if told.get(name) is not None})
