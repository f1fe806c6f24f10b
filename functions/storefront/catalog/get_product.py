"""GET /v1/products/{slug_or_id}: show a product on sale."""

from commerce.catalog import queries
from commerce.catalog.schemas import ShopProduct
from commerce.entrypoints.http import storefront
from commerce.entrypoints.params import Channel, Currency, Id

api = storefront()


@api.get("/v1/products/{slug_or_id}", shared=True)
def get_product(slug_or_id: Id, currency: Currency | None = None, channel: Channel | None = None) -> ShopProduct:
    """Variants without a price in the currency are left out; a product that has none left is not found."""
    return queries.product_on_sale(slug_or_id=slug_or_id, currency=currency, channel=channel, now=api.call().now)


handler = api.handler
