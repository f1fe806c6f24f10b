"""POST /v1/admin/orders/{order_id}/refunds: send money back, all that can be or a part of it."""

from http import HTTPStatus

from commerce.checkout import staff_actions
from commerce.checkout.staff_schemas import RefundAnswer
from commerce.entrypoints.http import admin
from commerce.entrypoints.params import DryRun, Id
from commerce.orders.staff_schemas import NewRefund

api = admin("orders:write")


@api.post(
    "/v1/admin/orders/{order_id}/refunds",
    status=HTTPStatus.CREATED,
    replay=staff_actions.refund_again,
    takes_if_match=True,
)
def refund_order(order_id: Id, body: NewRefund, dry_run: DryRun = False) -> RefundAnswer:
    return staff_actions.refund_order(order_id=order_id, new=body, dry_run=dry_run, call=api.call())


handler = api.handler
