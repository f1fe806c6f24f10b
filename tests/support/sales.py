"""Sales to invoice, as the engine of invoices takes them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from commerce.invoices import engine
from commerce.invoices.model import Document, InvoiceKind, Invoicing, IssueWhen, Seller
from commerce.invoices.sale import Buyer, LineTax, Reversal, Sale, SaleLine, TaxTreatment, Tender
from commerce.kernel.rounding import rounded

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
SELLER = Seller(
    legal_name="Harbor Goods GmbH",
    line1="Kai 1",
    city="Hamburg",
    postal_code="20457",
    country="DE",
    tax_id="DE999999999",
    registration="Amtsgericht Hamburg HRB 1",
)
INVOICING = Invoicing(seller=SELLER, time_zone="Europe/Berlin")
BUYER = Buyer(name="Ada Byron", email="ada@example.com", country="DE", address=("Pier 1", "12345 Kiel", "DE"))


def vat(net: int, percent: int = 19, *, treatment: TaxTreatment = TaxTreatment.STANDARD) -> LineTax:
    """Return the VAT of a net amount."""
    rate = Fraction(percent, 100)
    return LineTax("VAT", treatment, rate, rounded(net * rate))


def taxed(net: int, percent: int = 19, **changes: Any) -> SaleLine:
    """Return a line of one article at this net price, with VAT on top."""
    tax = vat(net, percent, treatment=changes.pop("treatment", TaxTreatment.STANDARD))
    line = {"title": "Enamel mug", "sku": "MUG", "quantity": 1, "unit_price": net, "discount": 0, "net": net}
    return SaleLine(**{**line, "gross": net + tax.amount, "taxes": (tax,), **changes})


def untaxed(amount: int, **changes: Any) -> SaleLine:
    """Return a line of one article that is not taxed."""
    line = {"title": "Enamel mug", "sku": "MUG", "quantity": 1, "unit_price": amount, "discount": 0, "net": amount}
    return SaleLine(**{**line, "gross": amount, **changes})


def sale(*lines: SaleLine, **changes: Any) -> Sale:
    """Return a sale of these lines that was paid by card; a mug for 100.00 without any."""
    lines = lines or (taxed(10_000),)
    total = sum(line.gross for line in lines)
    told = {
        "order_id": "ord_1",
        "order_number": "1001",
        "currency": "EUR",
        "prices_include_tax": False,
        "placed_at": NOON,
        "supplied_at": NOON,
        "canceled": False,
        "buyer": BUYER,
        "ship_to": (),
        "lines": lines,
        "tax": sum(tax.amount for line in lines for tax in line.taxes),
        "total": total,
        "collected": total,
        "tenders": (Tender("card", total),),
    }
    return Sale(**{**told, **changes})


def back(amount: int, *, id: str = "ref_1", after: int = 1) -> Reversal:  # noqa: A002 - what it is called.
    """Return money that went back, so many hours after the sale."""
    return Reversal(id=id, amount=amount, reason="scratched", at=NOON + timedelta(hours=after))


def invoice(
    of: Sale,
    *,
    invoicing: Invoicing = INVOICING,
    seller: Seller = SELLER,
    at: datetime = NOON,
    position: int = 1,
) -> Document:
    """Return the invoice of a sale."""
    place = engine.place_at(invoicing, InvoiceKind.INVOICE, position=position, moment=at)
    return engine.invoice_of(of, invoicing=invoicing, seller=seller, place=place, issued_at=at)


def credit_notes(of: Sale, document: Document, *, invoicing: Invoicing = INVOICING) -> list[Document]:
    """Return all credit notes that a sale's invoice is due."""
    notes: list[Document] = []
    while (due := engine.next_due(of, issued=[document, *notes], when=IssueWhen.PAID)) is not None:
        place = engine.place_at(invoicing, InvoiceKind.CREDIT_NOTE, position=len(notes) + 1, moment=NOON)
        note = engine.credit_note_of(document, earlier=notes, due=due, invoicing=invoicing, place=place, issued_at=NOON)
        notes.append(note)
    return notes


def summed(documents: Sequence[Document]) -> dict[str, tuple[int, int, tuple[int, ...]]]:
    """Return net, gross and taxes of all documents together, by how they are taxed; nothing where there is nothing.

    Of each tax first its amount, then what it is taken of.
    """
    sums: dict[str, tuple[int, int, tuple[int, ...]]] = {}
    for group in (group for document in documents for group in document.groups):
        net, gross, taxes = sums.get(group.key, (0, 0, (0,) * 2 * len(group.taxes)))
        parts = [part for tax in group.taxes for part in (tax.amount, tax.net)]
        amounts = tuple(before + part for before, part in zip(taxes, parts, strict=True))
        sums[group.key] = (net + group.net, gross + group.gross, amounts)
    return {key: amounts for key, amounts in sums.items() if amounts[1]}
