"""What the catalog is told and what it answers."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import Field

from commerce.catalog.availability import Offer, StockBand, band, offered
from commerce.catalog.availability import shown as shown_number
from commerce.catalog.measures import MeasuredPrice, measured
from commerce.catalog.model import (
    Image,
    Option,
    Product,
    ProductVariant,
)
from commerce.catalog.shown_prices import PagePrice, Shown, page_price
from commerce.kernel.money import Money
from commerce.kernel.schema import Output
from commerce.prices.exchange import Exchange


class ShopVariant(Output):
    """A variant as shoppers see it."""

    sku: str
    title: str
    options: dict[str, str]
    price: Money
    compare_at: Money | None = Field(description="The price that it is shown as reduced from; null: it is not reduced.")
    lowest_price_30_days: Money | None = Field(
        description="Of a reduced price: the lowest of the 30 days before the reduction; null when there was none."
    )
    unit_price_measure: MeasuredPrice | None = Field(description="What a kilogram, a litre or 100 ml of it costs.")
    available: int | None = Field(
        description="How many can be bought, a moment ago; null where the shop shows a band alone."
    )
    stock: StockBand = Field(description="Whether there are any, and whether there are few of them.")
    gift_card: bool = Field(description="Whether it is a gift card, whose code comes by mail.")
    image: str | None


class ShopProduct(Output):
    """A product as shoppers see it."""

    id: str
    slug: str
    title: str
    description: str
    images: list[Image]
    attributes: dict[str, str]
    categories: list[str] = Field(description="Slugs of the categories it lies in.")
    options: list[Option]
    variants: list[ShopVariant]


class ShopCategory(Output):
    """A category as shoppers see it, with those below it."""

    id: str
    slug: str
    title: str
    description: str
    children: list["ShopCategory"]


def shop_product(
    product: Product,
    available: Mapping[str, Offer],
    *,
    channel: str | None,
    shown: Shown,
    currency: str,
    exchange: Exchange | None,
    now: datetime,
) -> ShopProduct | None:
    """Return the product as shoppers see it, or None when nothing of it has a price in this currency."""
    variants = []
    for variant in product.variants:
        left = offered(available.get(variant.sku, 0), channel)
        price = page_price(variant, currency=currency, available=left, shown=shown, exchange=exchange, now=now)
        if price is not None:
            variants.append(_shop_variant(variant, price, left))
    if not variants:
        return None
    return ShopProduct(
        id=product.id,
        slug=product.slug,
        title=product.title,
        description=product.description,
        images=product.images,
        attributes=product.attributes,
        categories=product.category_slugs,
        options=product.options,
        variants=variants,
    )


def _shop_variant(variant: ProductVariant, price: PagePrice, available: int) -> ShopVariant:
    return ShopVariant(
        sku=variant.sku,
        title=variant.title,
        options=variant.options,
        price=price.price,
        compare_at=price.compare_at,
        lowest_price_30_days=price.lowest,
        unit_price_measure=measured(price.price, variant.measure),
        available=shown_number(available),
        stock=band(available),
        gift_card=variant.gift_card,
        image=variant.image,
    )
