"""DELETE /v1/admin/shipping-methods/{method_id}: delete a shipping method."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.shipping import operations
from commerce.shipping.schemas import StaffShippingMethods

api = admin("shipping:write")


@api.delete("/v1/admin/shipping-methods/{method_id}", replay=operations.method_deleted_again, takes_if_match=True)
def delete_shipping_method(method_id: Id) -> StaffShippingMethods:
    """Answer the methods that are left."""
    return operations.delete_method(method_id=method_id, call=api.call())


handler = api.handler
