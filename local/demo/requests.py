"""What the demo data looks like as requests to the store's admin API."""

from typing import Any

from local.demo.shop import Amounts, DemoCategory, DemoProduct, DemoShippingMethod, DemoVariant


def money(amounts: Amounts) -> list[dict[str, Any]]:
    """Return amounts as the API writes them."""
    return [{"amount": amount, "currency": currency} for currency, amount in amounts.items()]


def category_body(category: DemoCategory, *, parent_id: str | None, position: int) -> dict[str, Any]:
    """Return the body that creates a category."""
    return {
        "slug": category.slug,
        "title": category.title,
        "description": category.description,
        "parent_id": parent_id,
        "position": position,
    }


def product_body(product: DemoProduct, *, category_id: str) -> dict[str, Any]:
    """Return the body that creates a product with all its variants."""
    return {
        "slug": product.slug,
        "title": product.title,
        "description": product.description,
        "images": [{"url": product.image, "alt": f"A drawing of: {product.title}"}],
        "attributes": product.attributes,
        "category_ids": [category_id],
        "status": product.status,
        "options": _options(product),
        "variants": [_variant(product, variant) for variant in product.variants],
    }


def shipping_method_body(method: DemoShippingMethod, *, position: int) -> dict[str, Any]:
    """Return the body that puts a shipping method."""
    return {
        "title": method.title,
        "prices": money(method.prices),
        "free_over": money(method.free_over),
        "countries": method.countries,
        "position": position,
        "active": True,
    }


def _options(product: DemoProduct) -> list[dict[str, Any]]:
    values = [dict.fromkeys(variant.values[place] for variant in product.variants) for place in _places(product)]
    return [{"name": name, "values": list(values[place])} for place, name in enumerate(product.options)]


def _places(product: DemoProduct) -> range:
    return range(len(product.options))


def _variant(product: DemoProduct, variant: DemoVariant) -> dict[str, Any]:
    return {
        "sku": variant.sku,
        "options": dict(zip(product.options, variant.values, strict=True)),
        "prices": money(product.price(variant)),
        "weight_grams": variant.weight_grams or product.weight_grams,
        "requires_shipping": product.requires_shipping,
    }
