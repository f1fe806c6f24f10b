"""GET /v1/admin/orders: orders of one status, newest first; placed ones by default."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Cursor, Limit
from commerce.kernel.paging import Page
from commerce.orders import staff_queries
from commerce.orders.model import OrderStatus
from commerce.orders.staff_schemas import OrderSummary

api = admin("orders:read")


@api.get("/v1/admin/orders")
def list_orders(
    status: Annotated[OrderStatus, Query(description="Orders of this status.")] = OrderStatus.PLACED,
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Page[OrderSummary]:
    return staff_queries.summaries(status=status, limit=limit, cursor=cursor or None, call=api.call())


handler = api.handler
