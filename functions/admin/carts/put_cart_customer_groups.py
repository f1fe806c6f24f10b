"""PUT /v1/admin/carts/{cart_id}/customer-groups: say which groups of customers a cart's shopper belongs to."""

from commerce.carts import operations
from commerce.carts.schemas import CartView, PutCustomerGroups
from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id

api = admin("orders:write")


@api.put("/v1/admin/carts/{cart_id}/customer-groups", replay=operations.cart_again, takes_if_match=True)
def put_cart_customer_groups(cart_id: Id, body: PutCustomerGroups) -> CartView:
    """Answer the cart at the prices of these groups; none takes the shopper out of all."""
    return operations.put_customer_groups(cart_id=cart_id, groups=body.customer_groups, call=api.call())


handler = api.handler
