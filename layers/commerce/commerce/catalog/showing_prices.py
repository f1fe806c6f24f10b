"""Brings price lists and rules to the pages of all products, some at a time.

A round goes through all products. It begins when lists or rules have changed, and after a week in which they have not,
as pages foresee a few days only. Products that are written meanwhile have the prices of the present lists already.
"""

from collections.abc import Sequence
from datetime import timedelta

from commerce.catalog.foreseen_prices import foreseen
from commerce.catalog.listings import ProductMoved, shown_writes
from commerce.catalog.model import Product
from commerce.catalog.records import (
    PRODUCT,
    PRODUCTS,
    ListingRecord,
    ProductRecord,
    listing_page,
    product_key,
    variant_read,
)
from commerce.catalog.shown_prices import Shown
from commerce.kernel.call import Call
from commerce.kernel.errors import WriteConflict
from commerce.kernel.log import logger
from commerce.kernel.reads import Answers, Read, fetch
from commerce.kernel.retrying import Patience, again_after
from commerce.kernel.transactions import commit
from commerce.prices import pages
from commerce.prices import queries as prices
from commerce.prices.queries import ShopPrices

PAGE = 20
MOST_PAGES = 50
"""Of one run: a thousand products. The next run goes on."""

EVERY = timedelta(days=7)


class _ListsMoved(WriteConflict):
    """Lists or rules have changed meanwhile: another round shows them."""


_again_when_moved = again_after(ProductMoved, patience=Patience(attempts=6, first_wait=0.01))


def show_prices(*, call: Call) -> dict[str, int]:
    """Go on with the round that is under way, begin one that is due, or do nothing; a run may always be repeated."""
    due = pages.due_round(now=call.now, every=EVERY)
    if due is None:
        return {"seen": 0, "changed": 0}
    shop = prices.shop_prices(answers=fetch(prices.shop_reads()))
    cursor, seen, changed = due.cursor, 0, 0
    for _ in range(MOST_PAGES):
        rows, goes_on = listing_page(PRODUCTS, before=cursor, limit=PAGE, consistent=True)
        try:
            changed += _show(rows, shop, call)
        except _ListsMoved:
            return {"seen": seen, "changed": changed}
        seen += len(rows)
        if not goes_on:
            pages.finish(shop.version, now=call.now)
            return {"seen": seen, "changed": changed}
        cursor = rows[-1].sk
        pages.advance(shop.version, cursor)
    logger.info("pages show the price lists in part", seen=seen)
    return {"seen": seen, "changed": changed}


def _show(rows: Sequence[ListingRecord], shop: ShopPrices, call: Call) -> int:
    """Bring present prices to the pages of these products; return how many changed."""
    products = [row.product for row in rows]
    reads: list[Read[ProductRecord]] = [Read(ProductRecord, product_key(one.id), PRODUCT) for one in products]
    answers = fetch([*reads, *(variant_read(sku) for one in products for sku in one.skus)])
    return sum(_brought(read, answers, shop, call) for read in reads)


def _brought(read: Read[ProductRecord], answers: Answers, shop: ShopPrices, call: Call) -> bool:
    record = answers.get(read)
    if record is None or _shown(record.product, answers, shop, call) == (record.shown or {}):
        return False
    return _bring(read, shop, call)


@_again_when_moved
def _bring(read: Read[ProductRecord], shop: ShopPrices, call: Call) -> bool:
    """Read the product, then its SKUs: who changes one of them later changes the product too, which refuses us."""
    record = fetch([read]).get(read)
    if record is None:
        return False
    shown = _shown(record.product, fetch([variant_read(sku) for sku in record.product.skus]), shop, call)
    if shown == (record.shown or {}):
        return False
    commit([*shown_writes(record, shown), shop.unmoved(refused=lambda _: _ListsMoved())])
    return True


def _shown(product: Product, answers: Answers, shop: ShopPrices, call: Call) -> Shown:
    rows = {sku: answers.get(variant_read(sku)) for sku in product.skus}
    own = {sku: row.sku_prices() for sku, row in rows.items() if row is not None}
    return foreseen(product, own, shop, now=call.now)
