"""Questions about the catalog."""

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from commerce.adapters.ssm import signing_keys
from commerce.catalog.model import Category, in_order
from commerce.catalog.records import (
    CATEGORY,
    PRODUCT,
    ProductCopy,
    ProductRecord,
    all_categories,
    listing_page,
    product_key,
    shelf_key,
    slug_key,
    status_key,
)
from commerce.catalog.schemas import (
    ShopCategory,
    ShopProduct,
    shop_product,
)
from commerce.kernel.config import settings
from commerce.kernel.errors import NotFound
from commerce.kernel.paging import Page, opened, sealed
from commerce.kernel.reads import get, listed
from commerce.prices import rate_queries
from commerce.prices.exchange import Exchange


class ProductNotFound(NotFound):
    code = "catalog.product_not_found"
    title = "There is no such product"


class CategoryNotFound(NotFound):
    code = "catalog.category_not_found"
    title = "There is no such category"


class Shopper(NamedTuple):
    """For whom pages are.

    :ivar channel: through which channel they buy; None: the shop's own storefront.
    :ivar exchange: how prices become others; None where they do not.
    """

    currency: str
    channel: str | None
    exchange: Exchange | None
    now: datetime


def product_on_sale(*, slug_or_id: str, currency: str | None, channel: str | None, now: datetime) -> ShopProduct:
    """Return an active product as shoppers see it, without variants that have no price in the currency.

    One read, and one more where prices are converted. Left out, the currency is the shop's.

    :raises ProductNotFound: when there is none, when it is not active, or when nothing of it has such a price.
    """
    record = _by_id(slug_or_id) if slug_or_id.startswith("prod_") else _by_slug(slug_or_id)
    asked = currency or settings().shop_currency
    shown = _shown(record, Shopper(asked, channel, _exchange(asked), now)) if record is not None else None
    if shown is None:
        raise ProductNotFound
    return shown


def products_on_sale(
    *, category: str | None, currency: str | None, channel: str | None, limit: int, cursor: str | None, now: datetime
) -> Page[ShopProduct]:
    """Return a page of active products, the newest first; with a category's slug, of it and all below it.

    Variants without a price in the currency are left out, and products that have none left, so a page may hold fewer
    than `limit` and still go on. Left out, the currency is the shop's. One Query, and one read more where prices are
    converted.

    :raises CategoryNotFound: when no category has this slug.
    :raises BadCursor: when the cursor belongs to another list.
    """
    currency = currency or settings().shop_currency
    scope = f"products on sale\n{category or ''}\n{currency}"
    before = opened(cursor, scope=scope, keys=signing_keys()) if cursor else None
    partition = shelf_key(category) if category is not None else status_key("active")
    # The first page of a category begins with the category's own row.
    extra = 1 if category is not None and before is None else 0
    rows, goes_on = listing_page(partition, before=before, limit=limit + 1 + extra)
    if extra:
        if not rows or rows[0].sk != CATEGORY:
            raise CategoryNotFound
        rows = rows[1:]
    page = rows[:limit]
    more = goes_on or len(rows) > limit
    shopper = Shopper(currency, channel, _exchange(currency), now)
    return Page(
        items=[shown for row in page if (shown := _shown(row, shopper)) is not None],
        next_cursor=sealed(page[-1].sk, scope=scope, keys=signing_keys()) if more and page else None,
    )


def category_tree() -> Page[ShopCategory]:
    """Return the top categories with all below them, in one Query. The tree is bounded: there is no second page."""
    below: dict[str | None, list[Category]] = defaultdict(list)
    for category in in_order(all_categories()):
        below[category.parent_id].append(category)

    def branch(category: Category) -> ShopCategory:
        return ShopCategory(
            id=category.id,
            slug=category.slug,
            title=category.title,
            description=category.description,
            children=[branch(child) for child in below[category.id]],
        )

    return Page(items=[branch(category) for category in below[None]], next_cursor=None)


def _by_id(product_id: str) -> ProductRecord | None:
    return get(ProductRecord, product_key(product_id), PRODUCT, consistent=False)


def _by_slug(slug: str) -> ProductRecord | None:
    found = listed(ProductRecord.by_slug.query(slug_key(slug), limit=1))
    return found[0] if found else None


def _shown(record: ProductCopy, shopper: Shopper) -> ShopProduct | None:
    product = record.product
    if product.status != "active":
        return None
    return shop_product(
        product,
        record.available,
        channel=shopper.channel,
        shown=record.shown or {},
        currency=shopper.currency,
        exchange=shopper.exchange,
        now=shopper.now,
    )


def _exchange(currency: str) -> Exchange | None:
    """Return how prices are converted into a currency: one read; none for the shop's own, and where they are not."""
    return rate_queries.present_exchange() if currency != settings().shop_currency else None
