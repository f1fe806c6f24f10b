"""PUT /v1/carts/{cart_id}/lines/{sku}: set the quantity of a SKU in a cart."""

from commerce.carts import operations
from commerce.carts.schemas import CartView, SetCartLine
from commerce.entrypoints.http import storefront
from commerce.entrypoints.params import Id

api = storefront()


@api.put("/v1/carts/{cart_id}/lines/{sku}", replay=operations.cart_again, takes_if_match=True)
def set_cart_line(cart_id: Id, sku: Id, body: SetCartLine) -> CartView:
    """Add the line if it is missing, change it if not; 0 removes it. More than there is in stock becomes a problem."""
    return operations.set_line(cart_id=cart_id, sku=sku, quantity=body.quantity, call=api.call())


handler = api.handler
