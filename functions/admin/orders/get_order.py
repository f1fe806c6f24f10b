"""GET /v1/admin/orders/{order_id}: an order with its money and its timeline."""

from commerce.checkout import staff_answers
from commerce.checkout.staff_schemas import StaffOrder
from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id

api = admin("orders:read")


@api.get("/v1/admin/orders/{order_id}")
def get_order(order_id: Id) -> StaffOrder:
    return staff_answers.staff_order(order_id=order_id)


handler = api.handler
