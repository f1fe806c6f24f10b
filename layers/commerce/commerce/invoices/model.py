"""Invoices and credit notes as they are kept: frozen when they are issued. Amounts are minor units of `currency`.

Contents: Council Directive 2006/112/EC on the common system of value added tax, articles 219 (a document that amends an
invoice is one), 226 (what stands on it), 230 (tax in the national currency): http://data.europa.eu/eli/dir/2006/112/oj
"""

from enum import StrEnum
from typing import Literal

from commerce.invoices.sale import TaxTreatment
from commerce.kernel.errors import Conflict, NotFound
from commerce.kernel.rounding import Rounding
from commerce.kernel.schema import Instant, Output


class InvoiceKind(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class IssueWhen(StrEnum):
    """When an order gets its invoice."""

    PAID = "paid"
    PLACED = "placed"


class InvoiceNotFound(NotFound):
    code = "invoices.not_found"
    title = "The order has no such invoice or credit note"


class NotSetUp(Conflict):
    code = "invoices.not_set_up"
    title = "Say who sells first: PUT /v1/admin/invoicing"


class NothingToInvoice(Conflict):
    code = "invoices.nothing_to_invoice"
    title = "An order gets an invoice once it is placed"


class UnbalancedSale(Conflict):
    """The order's parts do not sum up to its total: no invoice is better than a wrong one."""

    code = "invoices.unbalanced_sale"
    title = "The order's amounts do not sum up, so it cannot be invoiced"


class Seller(Output, extra="ignore"):
    """Who sells, as the law wants it on each invoice."""

    legal_name: str
    line1: str
    line2: str | None = None
    city: str
    region: str | None = None
    postal_code: str | None = None
    country: str
    tax_id: str | None = None
    registration: str | None = None
    email: str | None = None
    phone: str | None = None


class Invoicing(Output, extra="ignore"):
    """How the shop invoices. Nothing is issued without a seller, or while it is not active."""

    seller: Seller | None = None
    active: bool = True
    issue_when: IssueWhen = IssueWhen.PAID
    time_zone: str = "UTC"
    invoice_numbers: str = "INV-{year}-{number:06}"
    credit_note_numbers: str = "CN-{year}-{number:06}"
    tax_currency: str | None = None
    notes: tuple[str, ...] = ()
    version: int = 0

    def numbers(self, kind: InvoiceKind) -> str:
        """Return the pattern of a kind's numbers."""
        return self.invoice_numbers if kind is InvoiceKind.INVOICE else self.credit_note_numbers


class InvoiceCustomer(Output, extra="ignore"):
    """Who bought; the address is as it stands on an envelope."""

    name: str
    company: str | None = None
    tax_id: str | None = None
    email: str
    country: str
    address: tuple[str, ...]


class TaxPart(Output, extra="ignore"):
    """One tax of a line, or of all that bear it. `rate` is in percent: `19`, `8.875`; empty where nobody told.

    `net` is what the tax is taken of.
    """

    title: str
    treatment: TaxTreatment
    rate: str
    net: int
    amount: int


class DocumentLine(Output, extra="ignore"):
    """One line.

    `unit_price` and `discount` are as they were agreed, with tax where prices include it; `restated` is what the
    destination's tax changed of the rest. `unit_net` and `discount_net` are without tax, rounded to a minor unit.
    """

    kind: Literal["goods", "shipping", "other"] = "goods"
    title: str
    sku: str | None = None
    quantity: int
    unit_price: int
    unit_net: int
    discount: int
    discount_net: int = 0
    restated: int = 0
    net: int
    gross: int
    taxes: tuple[TaxPart, ...] = ()
    tax_rule: str = ""
    tax_reason: str = ""
    tax_country: str = ""


class TaxGroup(Output, extra="ignore"):
    """All lines that are taxed alike, of which credit notes take their shares; without `taxes`, those without."""

    taxes: tuple[TaxPart, ...]
    net: int
    gross: int

    @property
    def key(self) -> str:
        """Return what tells groups of a document apart."""
        return key_of(self.taxes)

    @property
    def untaxed(self) -> int:
        """Return what of the net no tax is taken of."""
        return max(0, self.net - sum(tax.net for tax in self.taxes))


class PaidWith(Output, extra="ignore"):
    """What a part of the total was paid with."""

    kind: Literal["card", "gift_card", "credit"]
    amount: int


class NationalTax(Output, extra="ignore"):
    """The tax in the currency that it is owed in. `rate`: how many of it are one of the document's, as `271/250`."""

    currency: str
    tax: int
    rate: str
    source: str
    at: Instant


class InvoiceReference(Output, extra="ignore"):
    """The invoice that a credit note amends."""

    number: str
    issued_on: str


class Document(Output, extra="ignore"):
    """An invoice, or a credit note whose amounts are to be taken off its invoice. It never changes.

    `issued_on` and `supplied_on` are dates in the shop's time zone.
    """

    number: str
    series: str
    position: int
    kind: InvoiceKind
    order_id: str
    order_number: str
    reversal_id: str | None = None
    issued_at: Instant
    issued_on: str
    supplied_on: str
    currency: str
    prices_include_tax: bool
    seller: Seller
    customer: InvoiceCustomer
    ship_to: tuple[str, ...] = ()
    lines: tuple[DocumentLine, ...]
    groups: tuple[TaxGroup, ...]
    net: int
    tax: int
    total: int
    paid_with: tuple[PaidWith, ...] = ()
    refers_to: InvoiceReference | None = None
    reason: str | None = None
    national_tax: NationalTax | None = None
    rounding: Rounding = Rounding.HALF_UP
    notes: tuple[str, ...] = ()

    @property
    def taxes(self) -> tuple[TaxPart, ...]:
        """Return the taxes by rate, as article 226(8) wants it: what each is taken of, and what it comes to."""
        found: dict[str, TaxPart] = {}
        for tax in (tax for group in self.groups for tax in group.taxes):
            known = found.get(key := key_of((tax,)))
            sums = {"net": known.net + tax.net, "amount": known.amount + tax.amount} if known else {}
            found[key] = tax.model_copy(update=sums)
        return tuple(found[key] for key in sorted(found))

    @property
    def untaxed(self) -> int:
        """Return what of the net no tax is taken of."""
        return sum(group.untaxed for group in self.groups)


def key_of(taxes: tuple[TaxPart, ...]) -> str:
    """Return what says how something is taxed; equal for what is taxed alike."""
    return " + ".join(f"{tax.treatment}:{tax.rate}:{tax.title}" for tax in taxes)
