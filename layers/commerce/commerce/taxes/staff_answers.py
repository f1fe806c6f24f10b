"""Tax rules as staff read them, and what became of a sale that they tried."""

from typing import Literal

from pydantic import Field

from commerce.kernel.money import Money
from commerce.kernel.schema import Instant, Output
from commerce.taxes.lines import STANDARD
from commerce.taxes.model import RoundingLevel
from commerce.taxes.schemas import TaxedLine, TaxIdCheck


class PostalRunView(Output, extra="ignore"):
    """Postal codes by how they begin; `last` is null where `first` is all."""

    first: str
    last: str | None = None


class TaxRate(Output, extra="ignore"):
    """A rate of a class of goods in an area."""

    id: str
    name: str
    rate: str
    country: str
    region: str | None = None
    postal_codes: tuple[PostalRunView, ...] = ()
    tax_class: str = STANDARD
    level: int = 1
    compound: bool = False
    starts_on: str | None = None
    ends_on: str | None = None


class TaxRegistration(Output, extra="ignore"):
    """Where the shop is registered, and charges tax."""

    country: str
    region: str | None = None
    tax_id: str | None = None
    reverse_charge: bool = False
    starts_on: str | None = None
    ends_on: str | None = None


class OneStopShopView(Output, extra="ignore"):
    """The registration for the EU's one-stop shop."""

    country: str
    over_threshold: bool
    tax_id: str | None = None


class CountryTaxRules(Output, extra="ignore"):
    """What is other in one country."""

    country: str
    prices_include_tax: bool | None = None
    rounding_level: RoundingLevel | None = None


class TaxExemption(Output, extra="ignore"):
    """A buyer who pays no tax."""

    id: str
    customer_id: str | None = None
    tax_id: str | None = None
    country: str | None = None
    region: str | None = None
    certificate: str | None = None
    starts_on: str | None = None
    ends_on: str | None = None


class TaxPlace(Output, extra="ignore"):
    """Where the shop is."""

    country: str
    region: str | None = None
    postal_code: str | None = None


class TaxWarning(Output):
    """Something about the rules that is probably not meant."""

    code: str
    message: str


class StaffTaxRules(Output, extra="ignore"):
    """All tax rules of the shop."""

    home: TaxPlace | None = None
    rates: tuple[TaxRate, ...] = ()
    registrations: tuple[TaxRegistration, ...] = ()
    one_stop_shop: OneStopShopView | None = None
    countries: tuple[CountryTaxRules, ...] = ()
    exemptions: tuple[TaxExemption, ...] = ()
    shipping: str = STANDARD
    rounding_level: RoundingLevel = "line"
    keeps_net: bool = True
    needs_online_check: bool = False
    stripe_tax_codes: dict[str, str] = Field(default_factory=dict)
    warnings: tuple[TaxWarning, ...] = ()
    updated_at: Instant | None = Field(None, description="Null while there were never any rules.")
    version: int = Field(description="0 while there were never any rules.")


class TaxPreview(Output):
    """What a sale would be taxed."""

    provider: Literal["rules", "stripe_tax"]
    is_certain: bool = Field(description="false: Stripe Tax did not answer, and these are the taxes of the rules.")
    prices_include_tax: bool = Field(description="Whether prices include tax at the destination.")
    lines: tuple[TaxedLine, ...]
    net: Money
    tax: Money
    gross: Money
    tax_id: TaxIdCheck | None = Field(description="What is known of the buyer's tax id.")
