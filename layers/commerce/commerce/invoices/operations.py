"""Issuing invoices and credit notes: what is due, in the next place of its series, in one transaction with its row.

A number is taken only by the row that has it, on the place after the last one: there is no counter that could move
without a document, so a series has no gap and no number twice, whoever crashes and whatever response is lost. Who
loses the race for a place reads again and tries the next one.
"""

from collections.abc import Sequence
from typing import NamedTuple

from commerce.invoices import engine, queries, truth
from commerce.invoices.events import InvoiceIssued
from commerce.invoices.model import Document, InvoiceKind, Invoicing, Seller
from commerce.invoices.records import (
    DocumentRow,
    NumberRow,
    WaitingRow,
    document_key,
    place_key,
    series_key,
)
from commerce.invoices.sale import Sale
from commerce.kernel.call import Call
from commerce.kernel.errors import CommerceError, Conflict, WriteConflict
from commerce.kernel.ids import new_id
from commerce.kernel.log import logger
from commerce.kernel.money import Money
from commerce.kernel.outbox import announce
from commerce.kernel.retrying import Patience, again_after
from commerce.kernel.transactions import Write, commit, create, delete, put, update
from commerce.outbox.schemas import Envelope

LONGEST_SECONDS = 20.0
"""No further attempt at a place begins after that: the worker's function has a minute."""

MOST_WAITING = 200
"""Orders that one run takes up: those that were not tried for longest. The next one takes the rest."""


class NotAllIssued(Conflict):
    code = "invoices.not_all_issued"
    title = "Some invoices could not be issued; they will be tried again"
    retryable = True


class Issuing(NamedTuple):
    """How documents of one order are issued.

    :param at_once: somebody asked for them; the order need not be paid.
    """

    seller: Seller
    invoicing: Invoicing
    at_once: bool
    longest_seconds: float


def on_order_event(*, event: Envelope, call: Call) -> None:
    """Issue what is due for the order that an event tells of. Repeating it issues nothing twice.

    What cannot be issued now is remembered, and tried again by `issue_waiting`.
    """
    order_id = event.data["order_id"]
    invoicing = queries.invoicing()
    if invoicing.seller is None or not invoicing.active:
        return
    try:
        issued = issue(order_id=order_id, invoicing=invoicing, call=call)
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not be forgotten.
        logger.exception("an order could not be invoiced", order_id=order_id)
        commit([_waiting(order_id, error, call=call)])
        return
    for document in issued:
        logger.info("issued", order_id=order_id, number=document.number, kind=document.kind)


def issue_waiting(*, call: Call) -> dict[str, int]:
    """Issue what could not be issued when it was its time, first for the orders that were not tried for longest.

    :raises NotAllIssued: when some still cannot, after all others were done: the invocation fails visibly.
    """
    invoicing = queries.invoicing()
    if invoicing.seller is None or not invoicing.active:
        return {"issued": 0}
    issued = failed = 0
    for row in queries.waiting(limit=MOST_WAITING):
        try:
            issued += len(issue(order_id=row.sk, invoicing=invoicing, call=call))
            commit([delete(row, condition=WaitingRow.revision == row.revision)])
        except Exception as error:  # noqa: BLE001 - one order does not keep the others waiting.
            logger.exception("an order could not be invoiced", order_id=row.sk)
            commit([_waiting(row.sk, error, call=call)])
            failed += 1
    if failed:
        detail = f"{failed} orders could not be invoiced; {issued} documents of others were issued."
        raise NotAllIssued(detail)
    return {"issued": issued}


def issue(
    *,
    order_id: str,
    invoicing: Invoicing,
    call: Call,
    at_once: bool = False,
    longest_seconds: float = LONGEST_SECONDS,
    read: Sale | None = None,
) -> list[Document]:
    """Issue all that is due for an order: its invoice, then its credit notes. Return what was issued.

    :param read: the sale as it was just read.
    :raises OrderNotFound: when there is none.
    :raises UnbalancedSale: when its amounts do not sum up.
    :raises WriteConflict: when others kept taking the places of the series.
    """
    if invoicing.seller is None:
        return []
    sale = read or truth.sale_of(order_id=order_id, tax_currency=invoicing.tax_currency)
    how = Issuing(invoicing.seller, invoicing, at_once, longest_seconds)
    issued: list[Document] = []
    more = True
    while more:
        documents, more = _next_issued(sale, how, call)
        issued += documents
    return issued


def _next_issued(sale: Sale, how: Issuing, call: Call) -> tuple[list[Document], bool]:
    """Issue the next document that is due, if any, in whatever place is free by then; tell whether more are due."""
    patience = Patience(attempts=None, longest_wait=0.5, seconds=how.longest_seconds)
    return again_after(WriteConflict, patience=patience)(_attempt)(sale, how, call)


def _attempt(sale: Sale, how: Issuing, call: Call) -> tuple[list[Document], bool]:
    stored = queries.stored_documents(order_id=sale.order_id)
    known = [each.document for each in stored]
    due = engine.next_due(sale, issued=known, when=how.invoicing.issue_when, at_once=how.at_once)
    if due is None:
        return [], False
    first = engine.place_at(how.invoicing, due.kind, position=1, moment=call.now)
    last = queries.last_number(series=first.series)
    position = int(last.sk) + 1 if last is not None else 1
    place = engine.place_at(how.invoicing, due.kind, position=position, moment=call.now)
    # Clocks of two processes differ a little; dates of a series never go back.
    issued_at = max(call.now, last.issued_at) if last is not None else call.now
    if due.kind is InvoiceKind.INVOICE:
        document = engine.invoice_of(sale, invoicing=how.invoicing, seller=how.seller, place=place, issued_at=issued_at)
        counted = None
    else:
        invoice = next(each for each in stored if each.document.kind is InvoiceKind.INVOICE)
        earlier = [each for each in known if each.kind is InvoiceKind.CREDIT_NOTE]
        document = engine.credit_note_of(
            invoice.document, earlier=earlier, due=due, invoicing=how.invoicing, place=place, issued_at=issued_at
        )
        counted = _counted(sale.order_id, before=invoice.credits)
    commit([*_taken(document, call), counted, _once(sale.order_id, call)])
    next_one = engine.next_due(sale, issued=[*known, document], when=how.invoicing.issue_when)
    return [document], next_one is not None


def _taken(document: Document, call: Call) -> Sequence[Write]:
    """Return the writes that issue a document: its row, its number's row, its event."""
    row = DocumentRow(
        pk=document.order_id,
        sk=document_key(document.reversal_id),
        document=document.model_dump(mode="json"),
    )
    number = NumberRow(
        pk=series_key(document.series),
        sk=place_key(document.position),
        number=document.number,
        kind=document.kind,
        order_id=document.order_id,
        order_number=document.order_number,
        issued_at=document.issued_at,
        issued_on=document.issued_on,
        total=document.total,
        currency=document.currency,
        customer_name=document.customer.name,
    )
    event = InvoiceIssued(
        order_id=document.order_id,
        number=document.number,
        kind=document.kind,
        total=Money(amount=document.total, currency=document.currency),
    )
    told = announce(event, aggregate=f"invoice#{document.number}", sequence=1, call=call)
    return [create(row), create(number), told]


def _counted(order_id: str, *, before: int) -> Write:
    """Return the write that refuses a credit note which did not see one that was issued before it."""
    row = DocumentRow(pk=order_id, sk=document_key(None))
    return update(row, DocumentRow.credits.set(before + 1), condition=DocumentRow.credits == before)


def _once(order_id: str, call: Call) -> Write | None:
    return call.once.row(order_id) if call.once is not None and not call.once.is_recorded else None


def _waiting(order_id: str, error: Exception, *, call: Call) -> Write:
    why = error.code if isinstance(error, CommerceError) else type(error).__name__
    return put(WaitingRow(pk="waiting", sk=order_id, revision=new_id("rev"), tried_at=call.now, why=why))
