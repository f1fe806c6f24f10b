"""GET /v1/carts/{cart_id}: read a cart at today's prices."""

from commerce.carts import queries
from commerce.carts.schemas import CartView
from commerce.entrypoints.http import storefront
from commerce.entrypoints.params import Id

api = storefront()


@api.get("/v1/carts/{cart_id}")
def get_cart(cart_id: Id) -> CartView:
    """Say what the cart costs, how that came about, and what still stands in the way of a checkout."""
    return queries.cart_view(cart_id=cart_id, call=api.call())


handler = api.handler
