"""The prices of a SKU as staff reads them."""

from datetime import datetime

from pydantic import Field

from commerce.catalog.measures import Measure
from commerce.catalog.model import Variant
from commerce.catalog.unit_prices import unit_price, usual_market
from commerce.kernel.clock import from_epoch
from commerce.kernel.money import Money
from commerce.kernel.schema import Instant, Output
from commerce.prices.engine import UnitPrice
from commerce.prices.model import Entry, PriceList, SkuPrices
from commerce.prices.queries import ShopPrices
from commerce.prices.timeline import Point, track_of


class ShownTier(Output):
    """What one piece costs from a quantity on."""

    min_quantity: int
    amount: Money


class ShownListPrice(Output):
    """The prices of a SKU in a list."""

    list_id: str
    sku: str
    tiers: tuple[ShownTier, ...] = Field(description="By quantity. Empty: the SKU has no price of its own in the list.")
    compare_at: Money | None


class StaffListPrice(ShownListPrice):
    """The prices of a SKU in a list, and the version of all its prices in lists."""

    version: int = Field(description="Version of the SKU's prices in all lists: they share one ETag.")


class ShownPoint(Output):
    """From when on something cost an amount."""

    since: Instant
    amount: Money | None = Field(description="Null: it was not for sale.")
    lowest_before: Money | None = Field(
        description="Where one point stands for several changes of a day, or for all that is older: the lowest of them."
    )


class ShownTrack(Output):
    """What the catalog or a price list asked for a single piece, and when."""

    list_id: str | None = Field(description="Null: the catalog.")
    currency: str
    points: tuple[ShownPoint, ...]


class ShownCandidate(Output):
    """A price that was looked at."""

    source: str
    amount: Money | None
    reason: str | None = Field(description="Why it is not the price; null: it is.")
    message: str


class ShownUnitPrice(Output):
    """What one piece costs a shopper of whom nothing is known, now."""

    price: Money
    compare_at: Money | None
    lowest_price_30_days: Money | None
    source: str
    message: str
    candidates: tuple[ShownCandidate, ...] = Field(description="Everything that was looked at, and why it lost.")


class StaffSkuPrices(Output):
    """Everything that is known of the prices of a SKU."""

    sku: str
    product_id: str
    prices: tuple[Money, ...] = Field(description="The catalog's, per currency.")
    compare_at: tuple[Money, ...]
    cost: Money | None
    measure: Measure | None
    lists: tuple[ShownListPrice, ...] = Field(description="Its own prices in lists.")
    timeline: tuple[ShownTrack, ...] = Field(
        description="What it cost before. Empty: the same since its product came into the catalog."
    )
    now: tuple[ShownUnitPrice, ...] = Field(description="What one piece costs now, per currency.")
    version: int = Field(description="Version of the SKU's prices in all lists.")


def list_price(price_list: PriceList, sku: str, entry: Entry | None, *, version: int) -> StaffListPrice:
    """Return the prices of a SKU in a list, with their version."""
    return StaffListPrice(**dict(_list_price(price_list, sku, entry)), version=version)


def staff_sku_prices(variant: Variant, shop: ShopPrices, *, stock: int, now: datetime) -> StaffSkuPrices:
    """Return everything that is known of the prices of a SKU."""
    own = variant.sku_prices
    lists = [one for one in shop.past.lists if own.entry(one) is not None]
    currencies = sorted({*variant.prices, *(one.currency for one in shop.past.lists)})
    market = usual_market()
    prices = [
        unit_price(variant=variant, quantity=1, currency=code, market=market, shop=shop, stock=stock, now=now)
        for code in currencies
    ]
    return StaffSkuPrices(
        sku=variant.sku,
        product_id=variant.product_id,
        prices=tuple(variant.prices[code] for code in sorted(variant.prices)),
        compare_at=tuple(variant.compare_at[code] for code in sorted(variant.compare_at)),
        cost=variant.cost,
        measure=variant.measure,
        lists=tuple(_list_price(one, variant.sku, own.entry(one)) for one in lists),
        timeline=_timeline(own, shop),
        now=tuple(_shown(price) for price in prices if price is not None),
        version=own.version,
    )


def _list_price(price_list: PriceList, sku: str, entry: Entry | None) -> ShownListPrice:
    code = price_list.currency
    tiers = entry.tiers if entry is not None else ()
    compare_at = entry.compare_at if entry is not None else None
    return ShownListPrice(
        list_id=price_list.id,
        sku=sku,
        tiers=tuple(
            ShownTier(min_quantity=tier.min_quantity, amount=Money(amount=tier.amount, currency=code)) for tier in tiers
        ),
        compare_at=_money(compare_at, code),
    )


def _timeline(prices: SkuPrices, shop: ShopPrices) -> tuple[ShownTrack, ...]:
    past = {one.was.key: one.was for one in shop.past.past_lists}
    lists = past | {one.key: one for one in shop.past.lists}
    tracks = []
    for name, dots in sorted(prices.timeline.items()):
        price_list = lists.get(name)
        currency = price_list.currency if price_list is not None else name
        if price_list is not None or "_" not in name:
            points = tuple(_point(point, currency) for point in track_of(dots))
            tracks.append(ShownTrack(list_id=price_list.id if price_list else None, currency=currency, points=points))
    return tuple(tracks)


def _point(point: Point, currency: str) -> ShownPoint:
    return ShownPoint(
        since=from_epoch(point.since // 1000).replace(microsecond=point.since % 1000 * 1000),
        amount=_money(point.close, currency),
        lowest_before=_money(point.before, currency),
    )


def _shown(price: UnitPrice) -> ShownUnitPrice:
    code = price.currency
    return ShownUnitPrice(
        price=Money(amount=price.amount, currency=code),
        compare_at=_money(price.compare_at, code),
        lowest_price_30_days=_money(price.lowest_30_days, code),
        source=price.source,
        message=price.message,
        candidates=tuple(
            ShownCandidate(source=one.source, amount=_money(one.amount, code), reason=one.reason, message=one.message)
            for one in price.candidates
        ),
    )


def _money(amount: int | None, currency: str) -> Money | None:
    return Money(amount=amount, currency=currency) if amount is not None else None
