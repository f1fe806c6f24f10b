"""Questions about invoices."""

from collections.abc import Sequence
from typing import NamedTuple

from commerce.invoices.model import Document, InvoiceNotFound, Invoicing
from commerce.invoices.records import DocumentRow, InvoicingRow, NumberRow, WaitingRow, series_key
from commerce.invoices.schemas import InvoiceList, InvoiceSummary, InvoiceView
from commerce.kernel.downloads import Pdf
from commerce.kernel.reads import get, listed
from commerce.orders import queries as orders


class StoredDocument(NamedTuple):
    """A document, and how many credit notes it had when it was read."""

    document: Document
    credits: int


def invoicing() -> Invoicing:
    """Return how the shop invoices; the defaults, without a seller, while nobody said so."""
    row = get(InvoicingRow, "invoicing", "invoicing")
    if row is None:
        return Invoicing()
    return Invoicing.model_validate(row.document | {"version": int(row.version)})


def stored_documents(*, order_id: str) -> list[StoredDocument]:
    """Return the documents of an order in one Query, in the order in which they were issued."""
    rows = listed(DocumentRow.query(order_id, consistent_read=True))
    found = [StoredDocument(Document.model_validate(row.document), int(row.credits)) for row in rows]
    return sorted(
        found, key=lambda each: (each.document.issued_at, each.document.kind != "invoice", each.document.position)
    )


def last_number(*, series: str) -> NumberRow | None:
    """Return the last number that is taken of a series, with its place; None when it has none."""
    rows = listed(NumberRow.query(series_key(series), consistent_read=True, scan_index_forward=False, limit=1))
    return rows[0] if rows else None


def waiting(*, limit: int) -> Sequence[WaitingRow]:
    """Return the orders that wait for their documents and were not tried for longest.

    All are read, 200 bytes each, so that those which never succeed do not hide the others.
    """
    rows = listed(WaitingRow.query("waiting", consistent_read=True))
    return sorted(rows, key=lambda row: (row.tried_at, row.sk))[:limit]


def shoppers_invoices(*, order_id: str, token: str) -> InvoiceList:
    """Return the documents of an order to whoever holds its token.

    :raises OrderNotFound: when there is no such order, or the token is another's.
    """
    orders.shoppers_order(order_id=order_id, token=token)
    return summaries(order_id=order_id)


def shoppers_invoice(*, order_id: str, number: str, token: str) -> InvoiceView:
    """Return one document of an order to whoever holds its token.

    :raises OrderNotFound: when there is no such order, or the token is another's.
    :raises InvoiceNotFound: when the order has no such document.
    """
    orders.shoppers_order(order_id=order_id, token=token)
    return InvoiceView.of(document(order_id=order_id, number=number))


def shoppers_pdf(*, order_id: str, number: str, token: str) -> Pdf:
    """Return one document of an order as a PDF to whoever holds the order's token.

    :raises OrderNotFound: when there is no such order, or the token is another's.
    :raises InvoiceNotFound: when the order has no such document.
    """
    orders.shoppers_order(order_id=order_id, token=token)
    return pdf(order_id=order_id, number=number)


def summaries(*, order_id: str) -> InvoiceList:
    """Return the documents of an order, as a list shows them."""
    return InvoiceList(items=tuple(InvoiceSummary.of(each.document) for each in stored_documents(order_id=order_id)))


def document(*, order_id: str, number: str) -> Document:
    """Return one document of an order.

    :raises InvoiceNotFound: when the order has no such document, or is none.
    """
    found = (each.document for each in stored_documents(order_id=order_id) if each.document.number == number)
    document = next(found, None)
    if document is None:
        raise InvoiceNotFound
    return document


def pdf(*, order_id: str, number: str) -> Pdf:
    """Return one document of an order as a PDF, rendered from its row: the same bytes each time.

    :raises InvoiceNotFound: when the order has no such document, or is none.
    """
    found = document(order_id=order_id, number=number)
    # It brings the PDF library's half a second of CPU, which only a page that is shown should pay.
    from commerce.invoices.pages import rendered  # noqa: PLC0415

    return Pdf(name=f"{found.number}.pdf", content=rendered(found))
