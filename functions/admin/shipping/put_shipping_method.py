"""PUT /v1/admin/shipping-methods/{method_id}: add or replace a shipping method."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.shipping import operations
from commerce.shipping.schemas import PutShippingMethod, StaffShippingMethod

api = admin("shipping:write")


@api.put("/v1/admin/shipping-methods/{method_id}", replay=operations.method_put_again, takes_if_match=True)
def put_shipping_method(method_id: Id, body: PutShippingMethod) -> StaffShippingMethod:
    """Take effect in carts at once; open checkouts keep the price that they froze."""
    return operations.put_method(method_id=method_id, method=body, call=api.call())


handler = api.handler
