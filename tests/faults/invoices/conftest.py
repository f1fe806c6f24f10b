"""Invoices on DynamoDB Local. What was sold is made up: the truth of orders has tests of its own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from unittest.mock import patch

import pytest

from commerce.invoices import operations, truth
from commerce.invoices.sale import Reversal, Sale
from commerce.invoices.staff_operations import put_invoicing
from commerce.invoices.staff_schemas import PutInvoicing
from commerce.kernel.call import system_call
from commerce.outbox.schemas import Envelope
from tests.support.invoices import SELLER
from tests.support.racing import staff_call
from tests.support.sales import NOON, sale, taxed

YEAR = NOON.year


@dataclass
class Shop:
    """A shop that invoices whatever it is told that it sold.

    :ivar reversals: what went back of each order.
    """

    tables: Any
    reversals: dict[str, tuple[Reversal, ...]] = field(default_factory=dict)

    def sale_of(self, *, order_id: str, tax_currency: str | None = None) -> Sale:
        lines = (taxed(10_000), taxed(333, 7))
        return sale(*lines, order_id=order_id, reversals=self.reversals.get(order_id, ()))

    def tell(self, order_id: str, *, at: datetime = NOON) -> None:
        """Deliver an event of an order to the worker."""
        event = Envelope(
            event_id=f"evt_{order_id}",
            type="orders.placed",
            version=1,
            aggregate=f"order#{order_id}",
            sequence=1,
            occurred_at=at,
            actor="system",
            data={"order_id": order_id},
        )
        operations.on_order_event(event=event, call=system_call(worker="test", now=at))

    def make_up(self) -> None:
        """Issue what waits, as the clock does."""
        operations.issue_waiting(call=system_call(worker="test", now=NOON))

    def rows(self) -> list[Mapping[str, Any]]:
        """Return all rows, consistently."""
        items: list[Mapping[str, Any]] = self.tables.scan(TableName="test-invoices", ConsistentRead=True)["Items"]
        return items

    def numbers(self, series: str) -> list[str]:
        """Return the numbers of a series in their order."""
        found = [row for row in self.rows() if row["pk"]["S"] == f"series#{series}"]
        return [row["number"]["S"] for row in sorted(found, key=lambda row: row["sk"]["S"])]

    def check(self, series: str, count: int) -> None:
        """Check that a series has exactly these numbers, each with its document, its row and one event."""
        expected = [f"{series}{position:06d}" for position in range(1, count + 1)]
        assert self.numbers(series) == expected
        documents = [row for row in self.rows() if "document" in row and row["pk"]["S"] != "invoicing"]
        held = [row["document"]["M"] for row in documents if row["document"]["M"]["series"]["S"] == series]
        assert sorted(document["number"]["S"] for document in held) == expected
        in_order = sorted(held, key=lambda document: document["number"]["S"])
        moments = [document["issued_at"]["S"] for document in in_order]
        assert moments == sorted(moments), "numbers follow the order of issue"
        told = self.tables.scan(TableName="test-outbox", ConsistentRead=True)["Items"]
        about = [row["pk"]["S"] for row in told if row["pk"]["S"].startswith(f"invoice#{series}")]
        assert sorted(about) == [f"invoice#{number}" for number in expected]

    def totals(self, order_id: str) -> dict[str, int]:
        """Return the totals of an order's documents, by their keys."""
        found = [row for row in self.rows() if row["pk"]["S"] == order_id]
        return {row["sk"]["S"]: int(row["document"]["M"]["total"]["N"]) for row in found}


@pytest.fixture
def shop(tables: Any) -> Iterator[Shop]:
    made = Shop(tables)
    new = PutInvoicing.model_validate({"seller": SELLER, "time_zone": "Europe/Berlin"})
    put_invoicing(new=new, call=staff_call())
    with patch.object(truth, "sale_of", made.sale_of):
        yield made
