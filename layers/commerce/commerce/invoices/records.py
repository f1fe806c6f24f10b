"""Rows of InvoicesTable. Private to this package.

invoicing   pk `invoicing`       sk `invoicing`                      how the shop invoices
document    pk order id          sk `invoice`, `credit-note#<reversal id>`
number      pk `series#<series>` sk ten-digit place in the series    which document has it
waiting     pk `waiting`         sk order id                         what could not be issued yet

The numbers of a series are its counter: the next one can be taken only by a row, and only once.
"""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from commerce.kernel.records import DocumentAttribute, InstantAttribute, Record, TableName

INVOICE = "invoice"


class InvoiceRow(Record):
    """The base of all rows."""

    class Meta:
        table_name = TableName("invoices_table")


class InvoicingRow(InvoiceRow):
    """How the shop invoices."""

    class Meta:
        table_name = TableName("invoices_table")

    version = NumberAttribute()
    revision = UnicodeAttribute()
    document = DocumentAttribute()
    updated_at = InstantAttribute()
    updated_by = UnicodeAttribute()


class DocumentRow(InvoiceRow):
    """An invoice or a credit note. `credits` counts the credit notes of an invoice, so that each sees those before."""

    class Meta:
        table_name = TableName("invoices_table")

    changed_later = frozenset({"credits"})

    document = DocumentAttribute()
    credits = NumberAttribute(default=0)


class NumberRow(InvoiceRow):
    """A number that is taken, with what a list shows of its document."""

    class Meta:
        table_name = TableName("invoices_table")

    number = UnicodeAttribute()
    kind = UnicodeAttribute()
    order_id = UnicodeAttribute()
    order_number = UnicodeAttribute()
    issued_at = InstantAttribute()
    issued_on = UnicodeAttribute()
    total = NumberAttribute()
    currency = UnicodeAttribute()
    customer_name = UnicodeAttribute()


class WaitingRow(InvoiceRow):
    """An order whose documents could not be issued when it was their time."""

    class Meta:
        table_name = TableName("invoices_table")

    revision = UnicodeAttribute()
    tried_at = InstantAttribute()
    why = UnicodeAttribute()


def document_key(reversal_id: str | None) -> str:
    """Return the sort key of an order's invoice, or of its credit note about a reversal."""
    return INVOICE if reversal_id is None else f"credit-note#{reversal_id}"


def series_key(series: str) -> str:
    """Return the partition key of a series' numbers."""
    return f"series#{series}"


def place_key(position: int) -> str:
    """Return the sort key of a place in a series."""
    return f"{position:010d}"
