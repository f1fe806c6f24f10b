"""POST /v1/admin/orders/{order_id}/fulfillments: send a parcel with all that is left, or some of it."""

from http import HTTPStatus

from commerce.checkout import dispatching, staff_answers
from commerce.checkout.staff_schemas import StaffOrder
from commerce.entrypoints.http import admin
from commerce.entrypoints.params import DryRun, Id
from commerce.orders.staff_schemas import NewFulfillment

api = admin("orders:write")


@api.post(
    "/v1/admin/orders/{order_id}/fulfillments",
    status=HTTPStatus.CREATED,
    replay=staff_answers.order_again,
    takes_if_match=True,
)
def dispatch_order(order_id: Id, body: NewFulfillment | None = None, dry_run: DryRun = False) -> StaffOrder:
    return dispatching.dispatch_order(order_id=order_id, new=body or NewFulfillment(), dry_run=dry_run, call=api.call())


handler = api.handler
