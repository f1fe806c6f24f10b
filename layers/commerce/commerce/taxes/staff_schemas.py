"""Tax rules as staff send them, and sales that they try."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator

from commerce.catalog.model import TaxClass
from commerce.customers.model import CountryCode
from commerce.kernel.money import MOST, CurrencyCode
from commerce.kernel.schema import Handle, Input, Line
from commerce.taxes.lines import STANDARD
from commerce.taxes.model import RoundingLevel
from commerce.taxes.places import plain_code
from commerce.taxes.tax_ids import NUMBER, read
from commerce.taxes.territories import MEMBERS

MOST_RATES = 1000
MOST_RUNS = 100
MOST_PLACES = 300
MOST_EXEMPTIONS = 500
MOST_ITEMS = 100
MOST_CLASSES = 50
MOST_LEVELS = 9


def _shortest(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _is_share(text: str) -> str:
    rate = Decimal(text)
    if rate > 1:
        percent, meant = (f"{rate.scaleb(places).normalize():f}" for places in (2, -2))
        message = f"a rate of {text} is {percent} per cent; {text} per cent is {meant}"
        raise ValueError(message)
    return text


def _is_day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError as error:
        message = "this is not a day"
        raise ValueError(message) from error
    return text


def _plain(text: str) -> str:
    plain = plain_code(text)
    if not plain:
        message = "this holds no letter and no digit"
        raise ValueError(message)
    return plain


def _normal(text: str) -> str:
    value = read(text).value
    if not NUMBER.fullmatch(value):
        message = "this holds other characters than letters and digits, or too few"
        raise ValueError(message)
    return value


Rate = Annotated[
    str, StringConstraints(pattern=r"^[0-9](\.[0-9]{1,6})?$"), AfterValidator(_shortest), AfterValidator(_is_share)
]
"""A rate as a decimal number with up to six places, 1 at most: `0.19` is 19 per cent."""

Day = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    AfterValidator(_is_day),
    Field(json_schema_extra={"format": "date"}),
]
"""A day: RFC 3339's full-date."""

Region = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,3}$")]
"""The part behind the country of an ISO 3166-2 code: `CA` of `US-CA`."""

CodeStart = Annotated[str, StringConstraints(max_length=12), AfterValidator(_plain)]
"""How a postal code begins; only letters and digits count."""

NumberText = Annotated[str, StringConstraints(min_length=3, max_length=40), AfterValidator(_normal)]
"""A tax id, kept in its normal form. Others than those that can be checked are kept too, in capitals and digits."""

StripeCode = Annotated[str, StringConstraints(pattern=r"^txcd_[0-9]{8}$")]


class _Placed(Input):
    """Something of a country or a region of it."""

    country: CountryCode
    region: Region | None = Field(None, description="ISO 3166-2 without the country: `CA` of `US-CA`.")

    @model_validator(mode="after")
    def _region_of_its_country(self) -> Self:
        _check_region(self.country, self.region)
        return self


class _Dated(Input):
    """Something that holds for a time."""

    starts_on: Day | None = Field(None, description="The first day (UTC); null: since ever.")
    ends_on: Day | None = Field(None, description="The last day (UTC); null: for ever.")

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            message = "ends_on lies before starts_on"
            raise ValueError(message)
        return self


def _check_region(country: str, region: str | None) -> None:
    # Its table of the world's regions takes 45 ms of CPU to load.
    import pycountry  # noqa: PLC0415

    regions: Any = pycountry.subdivisions
    if region is not None and regions.get(code=f"{country}-{region}") is None:
        message = f"{country}-{region} is not an ISO 3166-2 code"
        raise ValueError(message)


class PostalRun(Input):
    """Postal codes by how they begin: `{"first": "35"}`, or from `first` to `last`, equally long."""

    first: CodeStart
    last: CodeStart | None = None

    @model_validator(mode="after")
    def _is_a_run(self) -> Self:
        if self.last is not None and (len(self.last) != len(self.first) or self.last < self.first):
            message = "last must be as long as first, and not before it; only letters and digits count"
            raise ValueError(message)
        return self


class PutTaxRate(_Placed, _Dated):
    """A rate of a class of goods in an area."""

    id: Handle = Field(description="Your name for it; lines say by it which rate they bear.")
    name: Line = Field(description="What invoices call the tax: `VAT`, `MwSt.`, `California`.")
    rate: Rate = Field(description="A decimal number, 1 at most: `0.19` is 19 per cent.")
    postal_codes: list[PostalRun] = Field([], max_length=MOST_RUNS, description="None: the whole region or country.")
    tax_class: TaxClass = Field(STANDARD, description="The goods that bear it.")
    level: int = Field(1, ge=1, le=MOST_LEVELS, description="One rate of each level counts; levels are added up.")
    compound: bool = Field(default=False, description="Whether it is taken of the taxes of lower levels too.")


class PutRegistration(_Placed, _Dated):
    """Where the shop is registered, and charges tax."""

    tax_id: NumberText | None = Field(None, description="The shop's own number there, for invoices and registers.")
    reverse_charge: bool = Field(
        default=False, description="Whether businesses there with a valid tax id of that country account for the tax."
    )


class PutOneStopShop(Input):
    """The registration for the EU's one-stop shop."""

    country: CountryCode = Field(description="The member state that the shop is registered in for it.")
    over_threshold: bool = Field(
        description="true: consumers in other member states bear the rates of theirs (above EUR 10,000 a year, or by "
        "choice); false: those of the shop's own."
    )
    tax_id: NumberText | None = None

    @field_validator("country")
    @classmethod
    def _is_a_member(cls, country: str) -> str:
        if country not in MEMBERS:
            message = "this is not a member state of the EU"
            raise ValueError(message)
        return country


class PutCountryRules(Input):
    """What is other in one country. Null: as everywhere."""

    country: CountryCode
    prices_include_tax: bool | None = None
    rounding_level: RoundingLevel | None = None


class PutExemption(_Dated):
    """A buyer who pays no tax."""

    id: Handle
    customer_id: Handle | None = None
    tax_id: NumberText | None = None
    country: CountryCode | None = Field(None, description="Where it holds; null: everywhere.")
    region: Region | None = None
    certificate: Line | None = Field(None, description="What proves it, for your own records.")

    @model_validator(mode="after")
    def _is_somebodys(self) -> Self:
        if self.customer_id is None and self.tax_id is None:
            message = "name a customer_id or a tax_id"
            raise ValueError(message)
        if self.region is not None and self.country is None:
            message = "a region needs its country"
            raise ValueError(message)
        _check_region(self.country or "", self.region)
        return self


class PutPlace(_Placed):
    """Where the shop is."""

    postal_code: CodeStart | None = None


class PutTaxRules(Input):
    """All tax rules of the shop, put whole."""

    home: PutPlace | None = Field(
        None,
        description="Where the shop is and sends from. Prices that include tax contain that of this place; null: they "
        "are final everywhere.",
    )
    rates: list[PutTaxRate] = Field([], max_length=MOST_RATES)
    registrations: list[PutRegistration] = Field([], max_length=MOST_PLACES)
    one_stop_shop: PutOneStopShop | None = None
    countries: list[PutCountryRules] = Field([], max_length=MOST_PLACES)
    exemptions: list[PutExemption] = Field([], max_length=MOST_EXEMPTIONS)
    shipping: TaxClass = Field(
        STANDARD,
        description="How shipping and surcharges are taxed: as a class, or `proportional` to the goods, or as the "
        "`highest_of_goods`.",
    )
    rounding_level: RoundingLevel = Field(
        "line", description="`line`: each line's tax is rounded; `order`: once for all lines with the same rates."
    )
    keeps_net: bool = Field(
        default=True,
        description="true: across borders the net price stays and the shopper's own tax comes on top; false: what is "
        "shown stays.",
    )
    needs_online_check: bool = Field(
        default=False, description="Whether a tax id counts only once its register has confirmed it."
    )
    stripe_tax_codes: dict[TaxClass, StripeCode] = Field(
        {}, max_length=MOST_CLASSES, description="Stripe's codes of your classes, and of `shipping`; for Stripe Tax."
    )

    @model_validator(mode="after")
    def _is_unambiguous(self) -> Self:
        found = {
            "two rates are called": _twice([rate.id for rate in self.rates]),
            "two exemptions are called": _twice([each.id for each in self.exemptions]),
            "a country stands twice:": _twice([each.country for each in self.countries]),
            "there are two registrations in": _twice(
                [f"{each.country} {each.region or ''}" for each in self.registrations]
            ),
            "for the same goods, places and days there are the rates": next(_rivals(self.rates), None),
        }
        for what, which in found.items():
            if which is not None:
                message = f"{what} {which}".strip()
                raise ValueError(message)
        return self


def _twice(names: Sequence[str]) -> str | None:
    return next((name for name, times in Counter(names).items() if times > 1), None)


def _rivals(rates: Sequence[PutTaxRate]) -> Iterator[str]:
    """Find rates of which nobody could tell which one counts: the same area, class and level at the same time."""
    alike: dict[tuple[object, ...], list[PutTaxRate]] = {}
    for rate in rates:
        areas = [(run.first, run.last or run.first) for run in rate.postal_codes] or [("", "")]
        for area in areas:
            alike.setdefault((rate.country, rate.region, area, rate.tax_class, rate.level), []).append(rate)
    for group in alike.values():
        days = sorted((rate.starts_on or "", rate.ends_on or "9999-12-31", rate.id) for rate in group)
        for (_, ends, one), (starts, _, other) in pairwise(days):
            if starts <= ends and one != other:
                yield f"'{one}' and '{other}'"


# ---- what staff try ----------------------------------------------------------------------------------------


class PreviewItem(Input):
    """Something to be taxed."""

    key: Handle = Field(description="A SKU, or `shipping`.")
    amount: int = Field(ge=0, le=MOST, description="Whole minor units, after discounts.")
    tax_class: TaxClass = STANDARD
    is_shipping: bool = False
    priced_for: CountryCode | None = Field(None, description="The country that the price was set for, if for one.")


class PreviewAddress(Input):
    """Where it goes."""

    country: CountryCode
    region: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] | None = None
    postal_code: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20)] | None = None
    city: Line | None = None
    line1: Line | None = None


class PreviewTaxes(Input):
    """A sale that never happens."""

    currency: CurrencyCode
    items: list[PreviewItem] = Field(min_length=1, max_length=MOST_ITEMS)
    address: PreviewAddress | None = Field(None, description="Null: nobody knows yet.")
    customer_id: Handle | None = None
    tax_id: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)] | None = None
    on: Day | None = Field(None, description="The day of the sale; null: today.")

    @model_validator(mode="after")
    def _names_each_item_once(self) -> Self:
        twice = _twice([f"{item.key} {'(shipping)' if item.is_shipping else ''}".strip() for item in self.items])
        if twice is not None:
            message = f"two items are called {twice}"
            raise ValueError(message)
        return self
