"""What one piece of a variant costs a shopper: the variant's row and the shop's lists brought to the price engine."""

from collections.abc import Mapping
from copy import replace
from datetime import datetime
from typing import NamedTuple

from commerce.catalog.model import Variant
from commerce.kernel.config import settings
from commerce.prices.engine import PriceRequest, UnitPrice, resolved
from commerce.prices.exchange import Exchange
from commerce.prices.queries import ShopPrices
from commerce.prices.rules import Facts


class Market(NamedTuple):
    """For whom prices are: where the goods go, through which channel, and whom to.

    :ivar country: ISO 3166-1; None where nobody knows. So with the next two.
    :ivar region: ISO 3166-2 (`US-CA`).
    :ivar customer_groups: groups and segments of the shopper.
    """

    country: str | None = None
    region: str | None = None
    channel: str | None = None
    customer_groups: frozenset[str] = frozenset()


def usual_market() -> Market:
    """Return the market of a shopper of whom nothing is known: what pages show."""
    return Market(country=settings().shop_country or None)


def unit_price(
    *,
    variant: Variant,
    quantity: int,
    currency: str,
    market: Market,
    shop: ShopPrices,
    stock: int | None,
    now: datetime,
    sold: Mapping[int, int] | None = None,
) -> UnitPrice | None:
    """Return what one piece costs, and the lowest price of the thirty days before where it is shown as reduced.

    :param stock: pieces that can be sold now; None while nobody knows.
    :param sold: pieces sold in the last so many days, by the number of days; None while nobody counts them.
    :return: None where the variant has no price.
    """
    request = PriceRequest(
        sku=variant.sku,
        quantity=quantity,
        currency=currency,
        now=now,
        country=market.country,
        region=market.region,
        channel=market.channel,
        customer_groups=market.customer_groups,
    )
    facts = Facts(
        stock=stock,
        age_days=max((now - variant.listed_at).days, 0) if variant.listed_at is not None else None,
        sold=sold or {},
        costs={variant.cost.currency: variant.cost.amount} if variant.cost is not None else {},
        shelves=variant.shelves,
    )
    price = resolved(
        request=request,
        base={code: money.amount for code, money in variant.prices.items()},
        entries=variant.sku_prices.entries,
        lists=shop.past.lists,
        rules=shop.past.rules,
        facts=facts,
        compare_at={code: money.amount for code, money in variant.compare_at.items()},
        exchange=shop.exchange,
    )
    if price is None or not price.is_reduced:
        return price
    return replace(price, lowest_30_days=_lowest(price, request, variant, shop, facts))


def _lowest(price: UnitPrice, request: PriceRequest, variant: Variant, shop: ShopPrices, facts: Facts) -> int | None:
    """Return the lowest price before; of a converted price, the one of the shop's currency at today's rate."""
    # What was shown in the past, which only a price that is shown as reduced needs.
    from commerce.prices.history import lowest_30_days  # noqa: PLC0415

    exchange = shop.exchange if price.converted is not None else None
    asked = replace(request, currency=exchange.home) if exchange is not None else request
    base = variant.prices.get(asked.currency)
    lowest = lowest_30_days(
        request=asked,
        base=base.amount if base is not None else None,
        since=variant.listed_at,
        prices=variant.sku_prices,
        past=shop.past,
        facts=facts,
    )
    return (
        lowest if exchange is None or lowest is None else _in_currency(lowest, exchange, request.currency, request.now)
    )


def _in_currency(amount: int, exchange: Exchange, currency: str, now: datetime) -> int | None:
    """Return an amount of the shop's currency in another one; None where it cannot be converted."""
    found = exchange.converted(amount, currency, now=now)
    return found.amount if found is not None else None
