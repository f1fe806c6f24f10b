"""How invoices look from outside."""

from collections.abc import Callable
from functools import partial
from typing import Literal, Self

from pydantic import Field

from commerce.invoices.model import (
    Document,
    DocumentLine,
    InvoiceCustomer,
    InvoiceKind,
    InvoiceReference,
    NationalTax,
    PaidWith,
    Seller,
    TaxPart,
)
from commerce.invoices.sale import TaxTreatment
from commerce.kernel.money import Money
from commerce.kernel.schema import Instant, Output

ToMoney = Callable[[int], Money]


def in_currency(currency: str) -> ToMoney:
    """Return what makes money of amounts in a currency."""
    return partial(_money, currency)


def _money(currency: str, amount: int) -> Money:
    return Money(amount=amount, currency=currency)


class InvoiceSummary(Output):
    """An invoice or a credit note in a list."""

    number: str
    kind: InvoiceKind
    order_id: str
    order_number: str
    issued_at: Instant
    issued_on: str = Field(description="The date of issue in the shop's time zone.")
    total: Money
    customer_name: str

    @classmethod
    def of(cls, document: Document) -> Self:
        """Return how a document looks in a list."""
        return cls(
            number=document.number,
            kind=document.kind,
            order_id=document.order_id,
            order_number=document.order_number,
            issued_at=document.issued_at,
            issued_on=document.issued_on,
            total=_money(document.currency, document.total),
            customer_name=document.customer.name,
        )


class InvoiceList(Output):
    """The documents of an order, in the order in which they were issued."""

    items: tuple[InvoiceSummary, ...]
    next_cursor: None = Field(None, description="Always null: the list is answered whole.")


class InvoiceTax(Output):
    """One tax of a line, or of all lines that bear it."""

    title: str
    treatment: TaxTreatment
    rate: str = Field(description="In percent: `19`, `8.875`; empty where whoever computed the tax does not tell.")
    net: Money = Field(description="What the tax is taken of.")
    amount: Money

    @classmethod
    def of(cls, tax: TaxPart, money: ToMoney) -> Self:
        """Return how a tax looks from outside."""
        return cls(
            title=tax.title,
            treatment=tax.treatment,
            rate=tax.rate,
            net=money(tax.net),
            amount=money(tax.amount),
        )


class InvoiceLine(Output):
    """One line of a document."""

    kind: Literal["goods", "shipping", "other"]
    title: str
    sku: str | None
    quantity: int
    unit_price: Money = Field(description="As it was agreed: with tax where `prices_include_tax` says so.")
    unit_net: Money = Field(description="Without tax, rounded to a minor unit.")
    discount: Money = Field(description="What was taken off the line, with or without tax as `unit_price`.")
    discount_net: Money = Field(description="The same without tax.")
    restated: Money = Field(description="What the destination's tax changed of the price, with or without tax as it.")
    net: Money
    taxes: tuple[InvoiceTax, ...]
    gross: Money
    tax_rule: str = Field(description="The ids of the rates, joined by `+`, or what decided that there are none.")
    tax_reason: str = Field(description="Why it is taxed so, as in the cart; empty in credit notes about a part.")
    tax_country: str = Field(description="Whose tax it is (ISO 3166-1); empty where there is none.")

    @classmethod
    def of(cls, line: DocumentLine, money: ToMoney) -> Self:
        """Return how a line looks from outside."""
        return cls(
            kind=line.kind,
            title=line.title,
            sku=line.sku,
            quantity=line.quantity,
            unit_price=money(line.unit_price),
            unit_net=money(line.unit_net),
            discount=money(line.discount),
            discount_net=money(line.discount_net),
            restated=money(line.restated),
            net=money(line.net),
            taxes=tuple(InvoiceTax.of(tax, money) for tax in line.taxes),
            gross=money(line.gross),
            tax_rule=line.tax_rule,
            tax_reason=line.tax_reason,
            tax_country=line.tax_country,
        )


class InvoicePayment(Output):
    """What a part of the total was paid with."""

    kind: Literal["card", "gift_card", "credit"]
    amount: Money

    @classmethod
    def of(cls, paid: PaidWith, money: ToMoney) -> Self:
        """Return how a payment looks from outside."""
        return cls(kind=paid.kind, amount=money(paid.amount))


class InvoiceNationalTax(Output):
    """The tax in the currency in which it is owed."""

    amount: Money
    rate: str = Field(
        description="What one unit of the document's currency is worth in this one, as a fraction: `271/250`."
    )
    source: str
    at: Instant

    @classmethod
    def of(cls, tax: NationalTax) -> Self:
        """Return how the tax looks from outside."""
        return cls(amount=_money(tax.currency, tax.tax), rate=tax.rate, source=tax.source, at=tax.at)


class InvoiceView(Output):
    """An invoice, or a credit note whose amounts are taken off its invoice. It never changes."""

    number: str
    kind: InvoiceKind
    order_id: str
    order_number: str
    issued_at: Instant
    issued_on: str = Field(description="The date of issue in the shop's time zone.")
    supplied_on: str = Field(description="When it was sent or paid, whichever was first; of a credit note, refunded.")
    currency: str
    prices_include_tax: bool
    seller: Seller
    customer: InvoiceCustomer
    ship_to: tuple[str, ...] = Field(description="Where the goods went, where the bill went elsewhere.")
    lines: tuple[InvoiceLine, ...]
    taxes: tuple[InvoiceTax, ...] = Field(description="Of all lines, by rate.")
    untaxed: Money = Field(description="What of the net no tax is taken of.")
    net: Money
    tax: Money
    total: Money
    payments: tuple[InvoicePayment, ...]
    refers_to: InvoiceReference | None = Field(description="The invoice that a credit note amends.")
    reason: str | None
    national_tax: InvoiceNationalTax | None
    notes: tuple[str, ...]

    @classmethod
    def of(cls, document: Document) -> Self:
        """Return how a document looks from outside."""
        money = in_currency(document.currency)
        return cls(
            number=document.number,
            kind=document.kind,
            order_id=document.order_id,
            order_number=document.order_number,
            issued_at=document.issued_at,
            issued_on=document.issued_on,
            supplied_on=document.supplied_on,
            currency=document.currency,
            prices_include_tax=document.prices_include_tax,
            seller=document.seller,
            customer=document.customer,
            ship_to=document.ship_to,
            lines=tuple(InvoiceLine.of(line, money) for line in document.lines),
            taxes=tuple(InvoiceTax.of(tax, money) for tax in document.taxes),
            untaxed=money(document.untaxed),
            net=money(document.net),
            tax=money(document.tax),
            total=money(document.total),
            payments=tuple(InvoicePayment.of(paid, money) for paid in document.paid_with),
            refers_to=document.refers_to,
            reason=document.reason,
            national_tax=InvoiceNationalTax.of(document.national_tax) if document.national_tax else None,
            notes=document.notes,
        )
