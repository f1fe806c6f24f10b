"""POST /v1/admin/orders/{order_id}/cancel: cancel an order, free its stock and send its money back."""

from commerce.checkout import staff_actions
from commerce.checkout.staff_schemas import CancellationAnswer
from commerce.entrypoints.http import admin
from commerce.entrypoints.params import DryRun, Id
from commerce.orders.staff_schemas import NewCancellation

api = admin("orders:write")


@api.post("/v1/admin/orders/{order_id}/cancel", replay=staff_actions.cancel_again, takes_if_match=True)
def cancel_order(order_id: Id, body: NewCancellation | None = None, dry_run: DryRun = False) -> CancellationAnswer:
    return staff_actions.cancel_order(
        order_id=order_id, new=body or NewCancellation(), dry_run=dry_run, call=api.call()
    )


handler = api.handler
