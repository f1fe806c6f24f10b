"""The prices that pages show, kept in the product's own rows so that a page stays one read.

They are for a single piece and a shopper of whom nothing is known. What time and stock will change is foreseen: per
currency there are moments, and per moment the price from so many available pieces on. A SKU and currency without an
entry cost what the catalog says. Carts never read this: they price for themselves. `foreseen_prices` makes them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from commerce.catalog.model import ProductVariant
from commerce.kernel.money import Money
from commerce.prices.exchange import Exchange
from commerce.prices.timeline import millis

type Band = list[int | None]
"""`[at least so many available, amount, compare_at, lowest]`; an amount of None: no price."""

type Moment = list[Any]
"""`[since in milliseconds, bands]`; the first one since ever."""

type Shown = dict[str, dict[str, list[Moment]]]
"""Moments by SKU and currency."""


class PagePrice(NamedTuple):
    """What a page shows of a price."""

    price: Money
    compare_at: Money | None = None
    lowest: Money | None = None


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
        [amount if amount is None else _exchanged(amount, exchange, currency, now) for amount in amounts], currency
    )


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


def _exchanged(amount: int, exchange: Exchange, currency: str, now: datetime) -> int | None:
    found = exchange.converted(amount, currency, now=now)
    return found.amount if found is not None else None
