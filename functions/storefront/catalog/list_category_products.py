"""GET /v1/categories/{slug}/products: list the products on sale in a category and all below it, the newest first."""

from commerce.catalog import queries
from commerce.catalog.schemas import ShopProduct
from commerce.entrypoints.http import storefront
from commerce.entrypoints.params import Channel, Currency, Cursor, Id, Limit
from commerce.kernel.paging import Page

api = storefront()


@api.get("/v1/categories/{slug}/products", shared=True)
def list_category_products(
    slug: Id,
    currency: Currency | None = None,
    channel: Channel | None = None,
    limit: Limit = 20,
    cursor: Cursor | None = None,
) -> Page[ShopProduct]:
    """Leave out what has no price in the currency, so that a page may be short and still go on."""
    return queries.products_on_sale(
        category=slug, currency=currency, channel=channel, limit=limit, cursor=cursor, now=api.call().now
    )


handler = api.handler
