"""DELETE /v1/carts/{cart_id}/lines/{sku}: take a line out of a cart."""

from commerce.carts import operations
from commerce.carts.schemas import CartView
from commerce.entrypoints.http import storefront
from commerce.entrypoints.params import Id

api = storefront()


@api.delete("/v1/carts/{cart_id}/lines/{sku}", replay=operations.cart_again, takes_if_match=True)
def remove_cart_line(cart_id: Id, sku: Id) -> CartView:
    """Answer the cart without the line."""
    return operations.remove_line(cart_id=cart_id, sku=sku, call=api.call())


handler = api.handler
