"""What is announced about invoices."""

from typing import ClassVar

from commerce.invoices.model import InvoiceKind
from commerce.kernel.money import Money
from commerce.kernel.outbox import Event


class InvoiceIssued(Event):
    """An invoice or a credit note was issued; it never changes."""

    type: ClassVar[str] = "invoices.issued"

    order_id: str
    number: str
    kind: InvoiceKind
    total: Money
