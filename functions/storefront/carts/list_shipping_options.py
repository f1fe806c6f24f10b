"""GET /v1/carts/{cart_id}/shipping-methods: list the shipping methods that a cart can choose."""

from commerce.carts import shipping_options
from commerce.entrypoints.http import storefront
from commerce.entrypoints.params import Id
from commerce.kernel.paging import Page
from commerce.shipping.options import ShippingOption

api = storefront()


@api.get("/v1/carts/{cart_id}/shipping-methods")
def list_shipping_options(cart_id: Id) -> Page[ShippingOption]:
    """Price them for this cart. Before it has an address, those of all countries are listed."""
    return shipping_options.cart_shipping_options(cart_id=cart_id, call=api.call())


handler = api.handler
