"""What staff do with invoices: say how the shop invoices, and issue what an order lacks."""

from commerce.invoices import operations, queries, truth
from commerce.invoices.model import Invoicing, NothingToInvoice, NotSetUp
from commerce.invoices.records import InvoicingRow
from commerce.invoices.schemas import InvoiceList
from commerce.invoices.staff_schemas import InvoicingView, PutInvoicing
from commerce.kernel.call import Call
from commerce.kernel.ids import new_id
from commerce.kernel.transactions import Write, commit, put

LONGEST_SECONDS = 2.0
"""No further attempt at a number begins after that: the function has ten seconds."""


def put_invoicing(*, new: PutInvoicing, call: Call) -> InvoicingView:
    """Replace how the shop invoices. What was issued stays as it is; another pattern is another series.

    :raises StaleVersion: when `If-Match` named another version.
    :raises WriteConflict: when somebody else changed it at the same moment.
    """
    before = queries.invoicing()
    call.check_version(before.version)
    after = Invoicing.model_validate(new.model_dump() | {"version": before.version + 1})
    commit([_invoicing_write(after, call), call.once and call.once.row("invoicing")])
    return InvoicingView.of(after)


def invoicing_put_again(*, resource: str, call: Call) -> InvoicingView:  # noqa: ARG001 - the edge passes both.
    """Render the answer of a `put_invoicing` that was done before."""
    return InvoicingView.of(queries.invoicing())


def issue_for_order(*, order_id: str, call: Call) -> InvoiceList:
    """Issue what an order lacks: its invoice, also when it is not paid yet, and its credit notes.

    :raises OrderNotFound: when there is none.
    :raises NotSetUp: while nobody said who sells.
    :raises NothingToInvoice: when the order is not placed.
    """
    invoicing = queries.invoicing()
    sale = truth.sale_of(order_id=order_id, tax_currency=invoicing.tax_currency)
    if invoicing.seller is None:
        raise NotSetUp
    if sale.placed_at is None:
        raise NothingToInvoice
    operations.issue(
        order_id=order_id, invoicing=invoicing, call=call, at_once=True, longest_seconds=LONGEST_SECONDS, read=sale
    )
    if call.once is not None:
        call.once.record(order_id)
    return queries.summaries(order_id=order_id)


def issued_again(*, resource: str, call: Call) -> InvoiceList:  # noqa: ARG001 - the edge passes both.
    """Render the answer of an `issue_for_order` that was done before, as the order's documents are now."""
    return queries.summaries(order_id=resource)


def _invoicing_write(invoicing: Invoicing, call: Call) -> Write:
    row = InvoicingRow(
        pk="invoicing",
        sk="invoicing",
        version=invoicing.version,
        revision=new_id("rev"),
        document=invoicing.model_dump(mode="json", exclude={"version"}),
        updated_at=call.now,
        updated_by=str(call.actor),
    )
    seen = invoicing.version - 1
    return put(row, condition=InvoicingRow.version == seen if seen else InvoicingRow.pk.does_not_exist())
