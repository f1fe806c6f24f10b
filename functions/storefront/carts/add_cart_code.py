"""POST /v1/carts/{cart_id}/codes: put a promotion's code into a cart."""

from commerce.carts import operations
from commerce.carts.schemas import AddCode, CartView
from commerce.entrypoints.http import storefront
from commerce.entrypoints.params import Id

api = storefront()


@api.post("/v1/carts/{cart_id}/codes", replay=operations.cart_again, takes_if_match=True)
def add_cart_code(cart_id: Id, body: AddCode) -> CartView:
    """Keep a code that takes nothing off (yet), too; `promotions` says why."""
    return operations.add_code(cart_id=cart_id, code=body.code, call=api.call())


handler = api.handler
