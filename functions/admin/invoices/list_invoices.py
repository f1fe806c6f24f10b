"""GET /v1/admin/invoices: the documents of a series, the newest first, or the one that has a number."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Cursor, Limit
from commerce.invoices import staff_queries
from commerce.invoices.schemas import InvoiceSummary
from commerce.kernel.paging import Page

api = admin("invoices:read")


@api.get("/v1/admin/invoices")
def list_invoices(
    series: Annotated[str, Query(max_length=40, description="What its numbers begin with; else this year's.")] = "",
    number: Annotated[str, Query(max_length=60, description="The one document that has this number.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Page[InvoiceSummary]:
    """Answer the present series of invoices unless `series` names another, for example `CN-2026-`."""
    return staff_queries.numbered(series=series, number=number, limit=limit, cursor=cursor or None, call=api.call())


handler = api.handler
