"""What of a sale is still to be invoiced or credited, and the documents that do it. Pure: no I/O, no clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from commerce.invoices.model import (
    Document,
    DocumentLine,
    InvoiceCustomer,
    InvoiceKind,
    InvoiceReference,
    Invoicing,
    IssueWhen,
    NationalTax,
    PaidWith,
    Seller,
    TaxGroup,
    TaxPart,
    UnbalancedSale,
    key_of,
)
from commerce.invoices.sale import LineTax, Reversal, Sale, SaleLine, TaxTreatment
from commerce.invoices.series import Pattern
from commerce.kernel.money import exponent
from commerce.kernel.rounding import rounded, shares

SENTENCES: dict[TaxTreatment, str] = {
    TaxTreatment.EXEMPT: "Exempt from tax.",
    TaxTreatment.REVERSE_CHARGE: "Reverse charge.",
    TaxTreatment.INTRA_COMMUNITY: "Exempt intra-Community supply: Article 138 of Directive 2006/112/EC.",
    TaxTreatment.EXPORT: "Exempt export: Article 146 of Directive 2006/112/EC.",
    TaxTreatment.OUTSIDE: "Outside the scope of the tax.",
}
"""What an invoice says when something is not taxed (Directive 2006/112/EC, article 226, points 11 and 11a)."""


@dataclass(frozen=True, slots=True)
class Due:
    """A document that is to be issued: an invoice, or a credit note about a reversal."""

    kind: InvoiceKind
    amount: int
    reversal: Reversal | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a series that nobody has taken."""

    series: str
    position: int
    number: str


def next_due(sale: Sale, *, issued: Sequence[Document], when: IssueWhen, at_once: bool = False) -> Due | None:
    """Return the document that the sale wants next; None when it has all of them.

    What is credited never exceeds what went back: a refund that failed after it was credited, and is made again, gets
    no second credit note.

    :param at_once: somebody asked for the invoice; it need not be paid.
    """
    invoice = next((each for each in issued if each.kind is InvoiceKind.INVOICE), None)
    if invoice is None:
        wanted = at_once or when is IssueWhen.PLACED or sale.is_paid
        is_a_sale = sale.placed_at is not None and not (sale.canceled and sale.collected < sale.total)
        return Due(InvoiceKind.INVOICE, sale.total) if wanted and is_a_sale else None
    notes = [each for each in issued if each.kind is InvoiceKind.CREDIT_NOTE]
    known = {note.reversal_id for note in notes}
    credited = sum(note.total for note in notes)
    owed = min(sum(each.amount for each in sale.reversals), invoice.total) - credited
    for reversal in sorted(sale.reversals, key=lambda each: (each.at, each.id)):
        if reversal.id not in known and (amount := min(reversal.amount, owed)) > 0:
            return Due(InvoiceKind.CREDIT_NOTE, amount, reversal)
    return None


def place_at(invoicing: Invoicing, kind: InvoiceKind, *, position: int, moment: datetime) -> Place:
    """Return a place in the series that is the present one at a moment: years begin in the shop's time zone."""
    pattern = Pattern.parsed(invoicing.numbers(kind))
    year = _local(moment, invoicing).year
    return Place(series=pattern.series(year), position=position, number=pattern.number(year, position))


def invoice_of(sale: Sale, *, invoicing: Invoicing, seller: Seller, place: Place, issued_at: datetime) -> Document:
    """Return the invoice of a sale.

    :raises UnbalancedSale: when its lines do not sum up to its total.
    """
    _check(sale)
    lines = tuple(_line(line, sale) for line in sale.lines)
    groups = _grouped(lines)
    tax = sum(group.gross - group.net for group in groups)
    return Document(
        number=place.number,
        series=place.series,
        position=place.position,
        kind=InvoiceKind.INVOICE,
        order_id=sale.order_id,
        order_number=sale.order_number,
        issued_at=issued_at,
        issued_on=_day(issued_at, invoicing),
        supplied_on=_day(sale.supplied_at or issued_at, invoicing),
        currency=sale.currency,
        prices_include_tax=sale.prices_include_tax,
        seller=seller,
        customer=InvoiceCustomer(
            name=sale.buyer.name,
            company=sale.buyer.company,
            tax_id=sale.buyer.tax_id,
            email=sale.buyer.email,
            country=sale.buyer.country,
            address=sale.buyer.address,
        ),
        ship_to=sale.ship_to,
        lines=lines,
        groups=groups,
        net=sale.total - tax,
        tax=tax,
        total=sale.total,
        paid_with=tuple(PaidWith(kind=tender.kind, amount=tender.amount) for tender in sale.tenders if tender.amount),
        national_tax=_national(sale, tax=tax, invoicing=invoicing),
        notes=_notes(groups, invoicing=invoicing, more=sale.notes),
    )


def credit_note_of(
    invoice: Document,
    *,
    earlier: Sequence[Document],
    due: Due,
    invoicing: Invoicing,
    place: Place,
    issued_at: datetime,
) -> Document:
    """Return the credit note about a reversal. Notes about all of an invoice sum up to it, tax by tax.

    The amount is shared out over what is taxed alike and was not credited yet.

    :param earlier: the credit notes that the invoice already has.
    """
    reversal = due.reversal
    assert reversal is not None, "a credit note is about a reversal"  # noqa: S101 - next_due made it so.
    groups = _shared(due.amount, _left(invoice, earlier))
    tax = sum(group.gross - group.net for group in groups)
    is_whole = not earlier and due.amount == invoice.total
    return invoice.model_copy(
        update={
            "number": place.number,
            "series": place.series,
            "position": place.position,
            "kind": InvoiceKind.CREDIT_NOTE,
            "reversal_id": reversal.id,
            "issued_at": issued_at,
            "issued_on": _day(issued_at, invoicing),
            "supplied_on": _day(reversal.at, invoicing),
            "lines": invoice.lines if is_whole else tuple(_credit_line(group, invoice) for group in groups),
            "groups": groups,
            "net": due.amount - tax,
            "tax": tax,
            "total": due.amount,
            "paid_with": (),
            "refers_to": InvoiceReference(number=invoice.number, issued_on=invoice.issued_on),
            "reason": reversal.reason,
            "national_tax": _in_the_same_currency(invoice, tax, before=sum(note.tax for note in earlier)),
        }
    )


def percent(rate: Fraction) -> str:
    """Return a rate in percent, with up to four decimals: `19`, `8.875`."""
    return decimals(rate * 100, places=4)


def decimals(number: Fraction, *, places: int) -> str:
    """Return a number with so many decimals at most, and no zeros at its end."""
    whole, rest = divmod(rounded(number * 10**places), 10**places)
    return f"{whole}.{rest:0{places}d}".rstrip("0").rstrip(".")


def _check(sale: Sale) -> None:
    for line in sale.lines:
        amounts = (line.quantity, line.unit_price, line.discount, line.net, *(tax.amount for tax in line.taxes))
        if min(amounts) < 0 or line.net + sum(tax.amount for tax in line.taxes) != line.gross:
            detail = f"The line '{line.sku or line.title}' does not sum up."
            raise UnbalancedSale(detail)
    total = sum(line.gross for line in sale.lines)
    tax = sum(tax.amount for line in sale.lines for tax in line.taxes)
    if (total, tax) != (sale.total, sale.tax):
        told = f"the total is {sale.total} with {sale.tax} of tax ({sale.currency}, minor units)"
        detail = f"The lines sum up to {total} with {tax} of tax, and {told}."
        raise UnbalancedSale(detail)


def _line(line: SaleLine, sale: Sale) -> DocumentLine:
    return DocumentLine(
        kind=line.kind,
        title=line.title,
        sku=line.sku,
        quantity=line.quantity,
        unit_price=line.unit_price,
        unit_net=_without_tax(line) if sale.prices_include_tax else line.unit_price,
        discount=line.discount,
        net=line.net,
        gross=line.gross,
        taxes=tuple(_part(tax) for tax in line.taxes),
    )


def _without_tax(line: SaleLine) -> int:
    return rounded(Fraction(line.unit_price) / (1 + sum((tax.rate for tax in line.taxes), Fraction())))


def _part(tax: LineTax) -> TaxPart:
    return TaxPart(title=tax.title, treatment=tax.treatment, rate=percent(tax.rate), amount=tax.amount)


def _grouped(lines: Iterable[DocumentLine]) -> tuple[TaxGroup, ...]:
    found: dict[str, list[DocumentLine]] = {}
    for line in lines:
        found.setdefault(key_of(line.taxes), []).append(line)
    return tuple(
        TaxGroup(
            taxes=tuple(
                first.model_copy(update={"amount": sum(line.taxes[place].amount for line in alike)})
                for place, first in enumerate(alike[0].taxes)
            ),
            net=sum(line.net for line in alike),
            gross=sum(line.gross for line in alike),
        )
        for _, alike in sorted(found.items())
    )


def _left(invoice: Document, earlier: Iterable[Document]) -> tuple[TaxGroup, ...]:
    """Return what of the invoice's groups is not credited."""
    left = {group.key: group for group in invoice.groups}
    for group in (group for note in earlier for group in note.groups):
        before = left[group.key]
        taxes = tuple(
            tax.model_copy(update={"amount": tax.amount - gone.amount})
            for tax, gone in zip(before.taxes, group.taxes, strict=True)
        )
        left[group.key] = TaxGroup(taxes=taxes, net=before.net - group.net, gross=before.gross - group.gross)
    return tuple(left.values())


def _shared(amount: int, left: Sequence[TaxGroup]) -> tuple[TaxGroup, ...]:
    parts = shares(amount, {group.key: group.gross for group in left})
    return tuple(_cut(group, parts[group.key]) for group in left if parts[group.key])


def _cut(group: TaxGroup, gross: int) -> TaxGroup:
    """Return a part of a group: each tax in proportion. Parts that use a group up sum up to it."""
    weights = {"net": group.net} | {f"tax {place}": tax.amount for place, tax in enumerate(group.taxes)}
    cut = shares(gross, weights)
    taxes = tuple(tax.model_copy(update={"amount": cut[f"tax {place}"]}) for place, tax in enumerate(group.taxes))
    return TaxGroup(taxes=taxes, net=cut["net"], gross=gross)


def _credit_line(group: TaxGroup, invoice: Document) -> DocumentLine:
    return DocumentLine(
        kind="other",
        title=f"Part of invoice {invoice.number}",
        quantity=1,
        unit_price=group.gross if invoice.prices_include_tax else group.net,
        unit_net=group.net,
        discount=0,
        net=group.net,
        gross=group.gross,
        taxes=group.taxes,
    )


def _national(sale: Sale, *, tax: int, invoicing: Invoicing) -> NationalTax | None:
    exchange = sale.exchange
    if exchange is None or sale.currency == invoicing.tax_currency or exchange.currency != invoicing.tax_currency:
        return None
    return NationalTax(
        currency=exchange.currency,
        tax=_exchanged(tax, rate=exchange.rate, source=sale.currency, target=exchange.currency),
        rate=str(exchange.rate),
        source=exchange.source,
        at=exchange.at,
    )


def _in_the_same_currency(invoice: Document, tax: int, *, before: int) -> NationalTax | None:
    """Return a credit note's tax in the national currency at the rate of its invoice; all notes sum up to the invoice.

    :param before: the tax that was credited earlier.
    """
    national = invoice.national_tax
    if national is None:
        return None
    rate, source, target = Fraction(national.rate), invoice.currency, national.currency
    already = _exchanged(before, rate=rate, source=source, target=target)
    together = _exchanged(before + tax, rate=rate, source=source, target=target)
    return national.model_copy(update={"tax": together - already})


def _exchanged(amount: int, *, rate: Fraction, source: str, target: str) -> int:
    return rounded(amount * rate * Fraction(10) ** (exponent(target) - exponent(source)))


def _notes(groups: Iterable[TaxGroup], *, invoicing: Invoicing, more: Iterable[str]) -> tuple[str, ...]:
    treatments = {tax.treatment for group in groups for tax in group.taxes}
    said = [sentence for treatment, sentence in SENTENCES.items() if treatment in treatments]
    return tuple(dict.fromkeys([*said, *more, *invoicing.notes]))


def _day(moment: datetime, invoicing: Invoicing) -> str:
    return _local(moment, invoicing).date().isoformat()


def _local(moment: datetime, invoicing: Invoicing) -> datetime:
    return moment.astimezone(ZoneInfo(invoicing.time_zone))
