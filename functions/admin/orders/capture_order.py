"""POST /v1/admin/orders/{order_id}/capture: capture an authorized payment."""

from commerce.checkout import staff_actions, staff_answers
from commerce.checkout.staff_schemas import StaffOrder
from commerce.entrypoints.http import admin
from commerce.entrypoints.params import DryRun, Id

api = admin("orders:write")


@api.post("/v1/admin/orders/{order_id}/capture", replay=staff_answers.order_again, takes_if_match=True)
def capture_order(order_id: Id, dry_run: DryRun = False) -> StaffOrder:
    return staff_actions.capture_order(order_id=order_id, dry_run=dry_run, call=api.call())


handler = api.handler
