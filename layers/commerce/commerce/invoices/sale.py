"""What an invoice is made of: a sale as it was agreed and paid, and what went back. Minor units of one currency.

Engines know nothing of orders and payments: `truth.py` alone makes these from what is stored.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from commerce.kernel.rounding import Rounding
from commerce.taxes.places import Place


class TaxTreatment(StrEnum):
    """Why a tax is what it is. The words stand for codes of UNCL5305, as EN 16931 uses them.

    Source: https://docs.peppol.eu/poacc/billing/3.0/codelist/UNCL5305/
    """

    STANDARD = "standard"
    """S: a rate, full or reduced."""
    ZERO = "zero"
    """Z: taxed at nothing."""
    EXEMPT = "exempt"
    """E: exempt from tax."""
    REVERSE_CHARGE = "reverse_charge"
    """AE: the buyer owes the tax."""
    INTRA_COMMUNITY = "intra_community"
    """K: a supply to a taxable person in another member state."""
    EXPORT = "export"
    """G: goods leave the tax's territory."""


@dataclass(frozen=True, slots=True)
class LineTax:
    """One tax of one line.

    :param rate: the part of the net that it is, 19/100 for 19 %; None where whoever computed it does not tell.
    :param net: the part of the line's net that it is taken of, as shipping may bear the rates of all goods in
        proportion; None: all of it.
    """

    title: str
    treatment: TaxTreatment
    rate: Fraction | None
    amount: int
    net: int | None = None


@dataclass(frozen=True, slots=True)
class SaleLine:
    """Goods, shipping or another charge. `net + taxes = gross`, after the discount.

    :param unit_price: what was agreed for one, with or without tax as the sale says, before the discount.
    :param discount: what is taken off the line, in the same way; zero or more.
    :param restated: what the destination's tax changed of the rest, in the same way.
    :param rule: what decided how it is taxed: the ids of rates, joined by `+`, or the reason that there are none.
    :param country: whose tax it is; empty: nobody's.
    """

    title: str
    quantity: int
    unit_price: int
    discount: int
    net: int
    gross: int
    sku: str | None = None
    kind: Literal["goods", "shipping", "other"] = "goods"
    taxes: tuple[LineTax, ...] = ()
    restated: int = 0
    rule: str = ""
    reason: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who bought."""

    name: str = field(repr=False)
    email: str = field(repr=False)
    country: str
    address: tuple[str, ...] = field(repr=False)
    company: str | None = None
    tax_id: str | None = None


@dataclass(frozen=True, slots=True)
class Tender:
    """What a part of the total was paid with."""

    kind: Literal["card", "gift_card", "credit"]
    amount: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one unit of the sale's currency is worth in the currency that the seller's tax is owed in."""

    currency: str
    rate: Fraction
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reversal:
    """Money of the sale that went back, or that a canceled sale will never bring.

    :param id: tells reversals of a sale apart; a refund's own id.
    """

    id: str
    amount: int
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sale:
    """An order that was placed, as an invoice tells of it. Its lines sum up to its total, their taxes to its tax.

    :param collected: what of the total arrived, by whatever means.
    :param supplied_at: when it was delivered or paid in advance, whichever was first.
    :param sent_to: where goods were sent, as taxes tell places apart; None where nothing was sent.
    :param rounding: the shop's when the order was made.
    :param notes: sentences that the law wants, beyond those that the taxes' treatments bring along.
    """

    order_id: str
    order_number: str
    currency: str
    prices_include_tax: bool
    placed_at: datetime | None
    supplied_at: datetime | None
    canceled: bool
    buyer: Buyer
    ship_to: tuple[str, ...] = field(repr=False)
    lines: tuple[SaleLine, ...]
    tax: int
    total: int
    collected: int
    tenders: tuple[Tender, ...]
    reversals: tuple[Reversal, ...] = ()
    exchange: Exchange | None = None
    sent_to: Place | None = None
    rounding: Rounding = Rounding.HALF_UP
    notes: tuple[str, ...] = ()

    @property
    def is_paid(self) -> bool:
        """Tell whether all of it arrived."""
        return self.collected >= self.total
