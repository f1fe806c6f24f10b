"""GET /v1/admin/payment-reviews: money that does not fit and waits for a person, oldest first."""

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Cursor, Limit
from commerce.kernel.paging import Page
from commerce.payments import queries
from commerce.payments.model import Review

api = admin("payments:read")


@api.get("/v1/admin/payment-reviews")
def list_reviews(
    state: Annotated[Literal["open", "resolved"], Query(description="Reviews in this state.")] = "open",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Page[Review]:
    return queries.reviews(state=state, limit=limit, cursor=cursor or None, call=api.call())


handler = api.handler
