"""GET /v1/products: list the products on sale, the newest first."""

from commerce.catalog import queries
from commerce.catalog.schemas import ShopProduct
from commerce.entrypoints.http import storefront
from commerce.entrypoints.params import Channel, Currency, Cursor, Limit
from commerce.kernel.paging import Page
from commerce.kernel.schema import Slug

api = storefront()


@api.get("/v1/products", shared=True)
def list_products(
    category: Slug | None = None,
    currency: Currency | None = None,
    channel: Channel | None = None,
    limit: Limit = 20,
    cursor: Cursor | None = None,
) -> Page[ShopProduct]:
    """Leave out what has no price in the currency, so that a page may be short and still go on."""
    return queries.products_on_sale(
        category=category, currency=currency, channel=channel, limit=limit, cursor=cursor, now=api.call().now
    )


handler = api.handler
