"""The prices that pages show, kept in the product's own rows so that a page stays one read.

They are for a single piece and a shopper of whom nothing is known. What time and stock will change is foreseen: per
currency there are moments, and per moment the price from so many available pieces on. A SKU and currency without an
entry cost what the catalog says. Carts never read this: they price for themselves.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from commerce.catalog.model import Product, ProductVariant, Variant, cart_variants
from commerce.catalog.unit_prices import Market, in_currency, unit_price, usual_market
from commerce.kernel.config import settings
from commerce.kernel.money import Money
from commerce.prices.exchange import Exchange
from commerce.prices.model import SkuPrices
from commerce.prices.queries import ShopPrices
from commerce.prices.timeline import EVER, millis

HORIZON = timedelta(days=16)
"""How far the future is foreseen; all pages are looked at again before."""

MOST_MOMENTS = 16
LARGEST_BYTES = 16_000
"""Of one product. When there is more, less of the future is foreseen, then the shop's own currency alone."""

type Band = list[int | None]
"""`[at least so many available, amount, compare_at, lowest]`; an amount of None: no price."""

type Moment = list[Any]
"""`[since in milliseconds, bands]`; the first one since ever."""

type Shown = dict[str, dict[str, list[Moment]]]
"""Moments by SKU and currency."""


@dataclass(frozen=True, slots=True)
class PagePrice:
    """What a page shows of a price."""

    price: Money
    compare_at: Money | None = None
    lowest: Money | None = None


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


def page_price(
    variant: ProductVariant,
    *,
    currency: str,
    available: int,
    shown: Shown,
    exchange: Exchange | None,
    now: datetime,
) -> PagePrice | None:
    """Return what a page shows for a variant now; None where it has no price in this currency.

    :param exchange: how to convert the price in the shop's currency where there is none; None where the shop does not.
    """
    own = _present(variant, currency, available, shown, now)
    if own is not None or exchange is None or currency == exchange.home:
        return own
    home = _present(variant, exchange.home, available, shown, now)
    if home is None:
        return None
    amounts = [money.amount if money is not None else None for money in (home.price, home.compare_at, home.lowest)]
    return _page_price(
        [amount if amount is None else in_currency(amount, exchange, currency, now) for amount in amounts], currency
    )


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


def _present(variant: ProductVariant, currency: str, available: int, shown: Shown, now: datetime) -> PagePrice | None:
    moments = shown.get(variant.sku, {}).get(currency)
    if not moments:
        price = variant.price(currency)
        return PagePrice(price) if price is not None else None
    at = millis(now)
    bands: Sequence[Band] = [bands for since, bands in moments if since <= at][-1]
    fitting = [band for band in bands if (band[0] or 0) <= available]
    return _page_price(fitting[-1][1:], currency) if fitting else None


def _page_price(amounts: Sequence[int | None], currency: str) -> PagePrice | None:
    price, compare_at, lowest = (
        Money(amount=amount, currency=currency) if amount is not None else None for amount in amounts
    )
    if price is None:
        return None
    is_reduced = compare_at is not None and compare_at.amount > price.amount
    return PagePrice(price, compare_at, lowest) if is_reduced else PagePrice(price)


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
