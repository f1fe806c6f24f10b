"""What the catalog is told and what it answers."""

from collections.abc import Mapping

from pydantic import Field

from commerce.catalog.model import (
    Image,
    Option,
    Product,
    ProductVariant,
)
from commerce.kernel.money import Money
from commerce.kernel.schema import Output


class ShopVariant(Output):
    """A variant as shoppers see it."""

    sku: str
    title: str
    options: dict[str, str]
    price: Money
    available: int = Field(description="How many can be bought, a moment ago.")
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


def shop_product(product: Product, available: Mapping[str, int], *, currency: str) -> ShopProduct | None:
    """Return the product as shoppers see it, or None when nothing of it has a price in this currency."""
    variants = [
        _shop_variant(variant, price, available.get(variant.sku, 0))
        for variant in product.variants
        if (price := variant.price(currency)) is not None
    ]
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


def _shop_variant(variant: ProductVariant, price: Money, available: int) -> ShopVariant:
    return ShopVariant(
        sku=variant.sku,
        title=variant.title,
        options=variant.options,
        price=price,
        available=available,
        gift_card=variant.gift_card,
        image=variant.image,
    )
