"""What of a sale is still to be invoiced or credited, and the documents that do it. Pure: no I/O, no clock."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from commerce.invoices.lines import check, lines_of, union_of
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
    key_of,
)
from commerce.invoices.sale import Reversal, Sale, TaxTreatment
from commerce.invoices.series import Pattern
from commerce.kernel.money import exponent
from commerce.kernel.rounding import Rounding, rounded, shares

SENTENCES: dict[TaxTreatment, str] = {
    TaxTreatment.EXEMPT: "Exempt from tax.",
    TaxTreatment.REVERSE_CHARGE: "Reverse charge.",
    TaxTreatment.INTRA_COMMUNITY: "Exempt intra-Community supply: Article 138 of Directive 2006/112/EC.",
    TaxTreatment.EXPORT: "Exempt export.",
}
"""What an invoice says when something is not taxed (Directive 2006/112/EC, article 226, points 11 and 11a)."""

EXPORT_FROM_THE_UNION = "Exempt export: Article 146 of Directive 2006/112/EC."


class Due(NamedTuple):
    """A document that is to be issued: an invoice, or a credit note about a reversal."""

    kind: InvoiceKind
    amount: int
    reversal: Reversal | None = None


class Place(NamedTuple):
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
    check(sale)
    lines = lines_of(sale, seller=seller)
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
        rounding=sale.rounding,
        notes=_notes(
            groups,
            leaves_union=union_of(seller) is not None and sale.sent_to is not None,
            more=sale.notes,
            invoicing=invoicing,
        ),
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


def _grouped(lines: Iterable[DocumentLine]) -> tuple[TaxGroup, ...]:
    found: dict[str, list[DocumentLine]] = {}
    for line in lines:
        found.setdefault(key_of(line.taxes), []).append(line)
    return tuple(
        TaxGroup(
            taxes=tuple(
                first.model_copy(
                    update={
                        "net": sum(line.taxes[place].net for line in alike),
                        "amount": sum(line.taxes[place].amount for line in alike),
                    }
                )
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
            tax.model_copy(update={"net": tax.net - gone.net, "amount": tax.amount - gone.amount})
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
    bases = _bases(group, cut["net"])
    taxes = tuple(
        tax.model_copy(update={"net": bases[f"{place:02}"], "amount": cut[f"tax {place}"]})
        for place, tax in enumerate(group.taxes)
    )
    return TaxGroup(taxes=taxes, net=cut["net"], gross=gross)


def _bases(group: TaxGroup, net: int) -> dict[str, int]:
    """Return what each tax of a group is taken of in a part of it."""
    bases = {f"{place:02}": tax.net for place, tax in enumerate(group.taxes)}
    if sum(bases.values()) == group.net:
        return shares(net, bases)
    return {place: rounded(Fraction(base * net, group.net)) if base else 0 for place, base in bases.items()}


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
        tax=_exchanged(tax, rate=exchange.rate, source=sale.currency, target=exchange.currency, rounding=sale.rounding),
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
    already = _exchanged(before, rate=rate, source=source, target=target, rounding=invoice.rounding)
    together = _exchanged(before + tax, rate=rate, source=source, target=target, rounding=invoice.rounding)
    return national.model_copy(update={"tax": together - already})


def _exchanged(amount: int, *, rate: Fraction, source: str, target: str, rounding: Rounding) -> int:
    return rounded(amount * rate * Fraction(10) ** (exponent(target) - exponent(source)), rounding)


def _notes(
    groups: Iterable[TaxGroup], *, leaves_union: bool, more: Iterable[str], invoicing: Invoicing
) -> tuple[str, ...]:
    treatments = {tax.treatment for group in groups for tax in group.taxes}
    sentences = SENTENCES | ({TaxTreatment.EXPORT: EXPORT_FROM_THE_UNION} if leaves_union else {})
    said = [sentence for treatment, sentence in sentences.items() if treatment in treatments]
    return tuple(dict.fromkeys([*said, *more, *invoicing.notes]))


def _day(moment: datetime, invoicing: Invoicing) -> str:
    return _local(moment, invoicing).date().isoformat()


def _local(moment: datetime, invoicing: Invoicing) -> datetime:
    return moment.astimezone(ZoneInfo(invoicing.time_zone))
