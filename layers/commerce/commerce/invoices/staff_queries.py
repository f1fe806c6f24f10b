"""Staff's questions about invoices."""

from collections.abc import Sequence

from commerce.adapters.ssm import signing_keys
from commerce.invoices import queries
from commerce.invoices.engine import place_at
from commerce.invoices.model import InvoiceKind
from commerce.invoices.records import NumberRow, place_key, series_key
from commerce.invoices.schemas import InvoiceList, InvoiceSummary, InvoiceView
from commerce.invoices.series import place_of
from commerce.invoices.staff_schemas import InvoicingView
from commerce.kernel.call import Call
from commerce.kernel.downloads import Pdf
from commerce.kernel.money import Money
from commerce.kernel.paging import Page, cut, opened, sealed
from commerce.kernel.reads import get, listed
from commerce.orders import queries as orders


def invoicing() -> InvoicingView:
    """Return how the shop invoices; the defaults while nobody said so."""
    return InvoicingView.of(queries.invoicing())


def order_invoices(*, order_id: str) -> InvoiceList:
    """Return the documents of an order.

    :raises OrderNotFound: when there is none.
    """
    orders.whole_order(order_id=order_id)
    return queries.summaries(order_id=order_id)


def order_invoice(*, order_id: str, number: str) -> InvoiceView:
    """Return one document of an order.

    :raises InvoiceNotFound: when the order has no such document, or is none.
    """
    return InvoiceView.of(queries.document(order_id=order_id, number=number))


def order_pdf(*, order_id: str, number: str) -> Pdf:
    """Return one document of an order as a PDF.

    :raises InvoiceNotFound: when the order has no such document, or is none.
    """
    return queries.pdf(order_id=order_id, number=number)


def numbered(*, series: str, number: str, limit: int, cursor: str | None, call: Call) -> Page[InvoiceSummary]:
    """Return the documents of a series, the newest first, or the one that has a number.

    :param series: what its numbers begin with; empty: the present series of invoices.
    """
    if number:
        return Page(items=[_summary(row) for row in _with_number(number)], next_cursor=None)
    chosen = series or place_at(queries.invoicing(), InvoiceKind.INVOICE, position=1, moment=call.now).series
    scope, keys = f"invoices {call.actor} {series}", signing_keys()
    position = opened(cursor, scope=scope, keys=keys) if cursor else None
    pk, _, last = position.rpartition("|") if position else (series_key(chosen), "", "")
    found = NumberRow.query(pk, NumberRow.sk < last if last else None, scan_index_forward=False, limit=limit + 1)
    return cut(
        listed(found),
        limit=limit,
        shown=_summary,
        cursor=lambda row: sealed(f"{row.pk}|{row.sk}", scope=scope, keys=keys),
    )


def _with_number(number: str) -> Sequence[NumberRow]:
    place = place_of(number)
    row = get(NumberRow, series_key(place[0]), place_key(place[1])) if place else None
    return [row] if row is not None and row.number == number else []


def _summary(row: NumberRow) -> InvoiceSummary:
    return InvoiceSummary(
        number=row.number,
        kind=InvoiceKind(row.kind),
        order_id=row.order_id,
        order_number=row.order_number,
        issued_at=row.issued_at,
        issued_on=row.issued_on,
        total=Money(amount=int(row.total), currency=row.currency),
        customer_name=row.customer_name,
    )
