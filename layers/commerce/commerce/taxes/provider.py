"""Who computes taxes: the shop's own rules, or Stripe Tax with the rules behind it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

from commerce.kernel.config import settings
from commerce.kernel.money import grain
from commerce.taxes.engine import taxed
from commerce.taxes.lines import CONSUMER, Buyer, Taxable, Taxed
from commerce.taxes.model import TaxRules
from commerce.taxes.places import Place

if TYPE_CHECKING:
    from commerce.adapters.stripe_tax import Calculation


class Address(NamedTuple):
    """Where goods go, to the door: what Stripe wants beyond a place."""

    country: str
    region: str | None = None
    postal_code: str | None = None
    city: str | None = None
    line1: str | None = None
    line2: str | None = None


class Basket(NamedTuple):
    """What is taxed, for whom, and when: all that a provider is told."""

    items: Sequence[Taxable]
    currency: str
    rules: TaxRules
    address: Address | None
    now: datetime
    buyer: Buyer = CONSUMER
    on: date | None = None

    @property
    def day(self) -> date:
        """Return the day whose rates count: that of `on`, else today (UTC)."""
        return self.on or self.now.date()

    @property
    def destination(self) -> Place | None:
        """Return where the goods go, as the rules tell places apart."""
        to = self.address
        return self.rules.place(to.country, region=to.region, postal_code=to.postal_code) if to is not None else None


class Computed(NamedTuple):
    """The taxes of a basket.

    :param provider: who computed them.
    :param is_certain: false when Stripe Tax did not answer: then these are the taxes of the rules.
    :param may_be_charged: whether a checkout may go on with them, which is a setting where they are not certain.
    :param calculation: Stripe's, to be stored with the cart and recorded when the order is placed.
    :param is_new: whether that calculation is another one than the one that was stored.
    """

    taxed: Taxed
    provider: Literal["rules", "stripe_tax"] = "rules"
    is_certain: bool = True
    may_be_charged: bool = True
    calculation: "Calculation | None" = None
    is_new: bool = False


def computed(basket: Basket, *, stored: "Calculation | None" = None, may_ask: bool = True) -> Computed:
    """Compute taxes by whom the settings name, within two seconds and a half.

    Stripe is asked at most once for equal questions: its answer is taken from `stored`, or from this process's memory.

    :param stored: the calculation that was stored with the cart, if any.
    :param may_ask: false for what is over: then the rules compute what nobody remembers.
    """
    if settings().tax_provider == "rules" or basket.address is None:
        return Computed(by_rules(basket))
    # The client of Stripe Tax, which only a shop that chose it needs.
    from commerce.taxes import stripe_provider  # noqa: PLC0415

    return stripe_provider.computed(basket, stored=stored, may_ask=may_ask)


def by_rules(basket: Basket) -> Taxed:
    """Compute taxes by the shop's own rules."""
    return taxed(
        items=basket.items,
        rules=basket.rules,
        destination=basket.destination,
        prices_include_tax=settings().prices_include_tax,
        buyer=basket.buyer,
        on=basket.day,
        rounding=settings().rounding_mode,
        grain=grain(basket.currency),
    )
