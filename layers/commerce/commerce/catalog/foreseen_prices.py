"""Foresees the prices that pages will show: at each moment at which they change by themselves, and for each stock."""

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import replace
from datetime import datetime, timedelta

from commerce.catalog.model import Product, Variant, cart_variants
from commerce.catalog.shown_prices import Band, Moment, Shown
from commerce.catalog.unit_prices import Market, unit_price, usual_market
from commerce.kernel.config import settings
from commerce.prices.model import SkuPrices
from commerce.prices.queries import ShopPrices
from commerce.prices.timeline import EVER, millis

HORIZON = timedelta(days=16)
"""How far the future is foreseen; all pages are looked at again before."""

MOST_MOMENTS = 16
LARGEST_BYTES = 16_000
"""Of one product. When there is more, less of the future is foreseen, then the shop's own currency alone."""


def foreseen(product: Product, prices: Mapping[str, SkuPrices], shop: ShopPrices, *, now: datetime) -> Shown:
    """Return the prices of a product that pages cannot read off the catalog.

    :param prices: by SKU, its prices in lists and its timeline.
    """
    alone = replace(shop, exchange=None)
    variants = [
        variant.model_copy(update={"sku_prices": prices.get(sku, SkuPrices())})
        for sku, variant in cart_variants(product).items()
        if variant.sellable and not (shop.is_plain and not variant.compare_at)
    ]
    for moments, only in ((MOST_MOMENTS, None), (1, None), (1, settings().shop_currency)):
        shown = _foreseen(variants, alone, now=now, moments=moments, only=only)
        if len(json.dumps(shown)) <= LARGEST_BYTES:
            return shown
    return {}


def _foreseen(variants: Sequence[Variant], shop: ShopPrices, *, now: datetime, moments: int, only: str | None) -> Shown:
    market = usual_market()
    shown: Shown = {}
    for variant in variants:
        for currency in _currencies(variant, shop):
            if only not in {None, currency}:
                continue
            found = _moments(variant, currency, market, shop, now, moments)
            if found:
                shown.setdefault(variant.sku, {})[currency] = found
    return shown


def _currencies(variant: Variant, shop: ShopPrices) -> list[str]:
    own = {one.currency for one in shop.past.lists if variant.sku_prices.entry(one) is not None}
    return sorted({*variant.prices, *own})


def _moments(
    variant: Variant, currency: str, market: Market, shop: ShopPrices, now: datetime, most: int
) -> list[Moment]:
    """Return the moments of one currency; none where the catalog's price is all that there is to show."""
    catalog = variant.prices.get(currency)
    found: list[Moment] = []
    for moment in _turns(variant, currency, shop, now)[:most]:
        bands = list(_bands(variant, currency, market, shop, moment))
        if not found or found[-1][1] != bands:
            found.append([millis(moment) if found else EVER, bands])
    plain = [[0, catalog.amount if catalog is not None else None, None, None]]
    return [] if [bands for _, bands in found] == [plain] else found


def _bands(variant: Variant, currency: str, market: Market, shop: ShopPrices, now: datetime) -> Iterator[Band]:
    rules = [rule for rule in shop.past.rules if rule.fact == "stock" and rule.currency == currency]
    last: Band | None = None
    for stock in sorted({0, *(band.at_least for rule in rules for band in rule.bands)}):
        price = unit_price(
            variant=variant, quantity=1, currency=currency, market=market, shop=shop, stock=stock, now=now
        )
        seen: Band = [None, None, None]
        if price is not None:
            seen = [price.amount, price.compare_at, price.lowest_30_days]
        if seen != last:
            yield [stock, *seen]
        last = seen


def _turns(variant: Variant, currency: str, shop: ShopPrices, now: datetime) -> list[datetime]:
    """Return the moments from now on at which the price may change by itself, the nearest first."""
    until = now + HORIZON
    lists = [one for one in shop.past.lists if one.currency == currency and one.active]
    turns = {moment for one in lists for moment in (one.starts_at, one.ends_at) if moment is not None}
    if variant.listed_at is not None:
        age = (now - variant.listed_at).days
        days = {band.at_least for rule in shop.past.rules if rule.fact == "age_days" for band in rule.bands}
        turns |= {variant.listed_at + timedelta(days=day) for day in days if age < day <= age + HORIZON.days + 1}
    return [now, *sorted(turn for turn in turns if now < turn <= until)]
