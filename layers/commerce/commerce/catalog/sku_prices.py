"""Prices of a SKU in price lists: written into the SKU's row together with its timeline and what pages show."""

from typing import NamedTuple

from pynamodb.expressions.condition import Condition

from commerce.catalog.events import SkuPricePut
from commerce.catalog.foreseen_prices import foreseen
from commerce.catalog.listings import ProductMoved, shown_writes
from commerce.catalog.model import Variant
from commerce.catalog.price_history import repriced
from commerce.catalog.price_schemas import StaffListPrice, StaffSkuPrices, list_price, staff_sku_prices
from commerce.catalog.records import (
    PRODUCT,
    VARIANT,
    ProductRecord,
    VariantRecord,
    product_key,
    sku_key,
    variant_read,
)
from commerce.kernel.call import Call
from commerce.kernel.errors import Fault
from commerce.kernel.outbox import announce
from commerce.kernel.reads import fetch, get
from commerce.kernel.retrying import Patience, again_after
from commerce.kernel.transactions import Write, commit, update
from commerce.prices import queries as prices
from commerce.prices.model import (
    MOST_LISTS_OF_A_SKU,
    Entry,
    PriceList,
    PriceListNotFound,
    SkuPrices,
    Tier,
    TooManyLists,
    UnknownSku,
    WrongCurrency,
)
from commerce.prices.queries import ShopPrices
from commerce.prices.schemas import PutListPrice

AGGREGATE = "sku-prices#"

_again_when_moved = again_after(ProductMoved, patience=Patience(attempts=6, first_wait=0.01))


class _Priced(NamedTuple):
    """A SKU with all that its prices are made of."""

    variant: Variant
    record: VariantRecord
    shop: ShopPrices

    @property
    def prices(self) -> SkuPrices:
        return self.variant.sku_prices

    def live(self) -> dict[str, Entry]:
        """Return the entries of lists that there are."""
        lists = [one for one in self.shop.past.lists if self.prices.entry(one) is not None]
        return {one.id: self.prices.entries[one.id] for one in lists}


@_again_when_moved
def put_price(*, list_id: str, sku: str, price: PutListPrice, call: Call) -> StaffListPrice:
    """Write the prices of a SKU in a list; no tiers take the SKU's own prices out of it.

    :raises PriceListNotFound: when there is no such list.
    :raises UnknownSku: when no product has the SKU.
    :raises WrongCurrency: when an amount is not in the list's currency.
    :raises TooManyLists: when the SKU has prices in the full number of lists.
    :raises StaleVersion: when `If-Match` named another version of the SKU's prices.
    """
    found = _priced(sku)
    call.check_version(found.prices.version)
    chosen = _list(found.shop, list_id)
    entry = _entry(chosen, price)
    entries = {name: kept for name, kept in found.live().items() if name != list_id}
    if entry is not None:
        entries[list_id] = entry
    if len(entries) > MOST_LISTS_OF_A_SKU:
        raise TooManyLists
    past = found.shop.past
    known = frozenset([one.key for one in past.lists] + [one.was.key for one in past.past_lists])
    timeline = repriced(variant=found.variant, key=chosen.key, entry=entry, known=known, now=call.now)
    changed = SkuPrices(entries=entries, timeline=timeline, version=found.prices.version + 1)
    _commit(found, changed, list_id, call)
    return list_price(chosen, sku, entry, version=changed.version)


def price_put_again(*, resource: str, call: Call) -> StaffListPrice:  # noqa: ARG001 - the edge passes both.
    """Render the answer of a `put_price` that was done before.

    :raises PriceListNotFound: when the list was deleted since.
    """
    list_id, sku = resource.split("/")
    found = _priced(sku)
    chosen = _list(found.shop, list_id)
    return list_price(chosen, sku, found.prices.entry(chosen), version=found.prices.version)


def sku_prices(*, sku: str, call: Call) -> StaffSkuPrices:
    """Return everything that is known of the prices of a SKU.

    :raises UnknownSku: when no product has the SKU.
    """
    found = _priced(sku)
    return staff_sku_prices(found.variant, found.shop, stock=int(found.record.available), now=call.now)


def _priced(sku: str) -> _Priced:
    answers = fetch([variant_read(sku), *prices.shop_reads()])
    record = answers.get(variant_read(sku))
    variant = record.seen() if record is not None else None
    if record is None or variant is None:
        raise UnknownSku
    return _Priced(variant, record, prices.shop_prices(answers=answers))


def _list(shop: ShopPrices, list_id: str) -> PriceList:
    found = shop.price_list(list_id)
    if found is None:
        detail = f"There is no price list '{list_id}'."
        raise PriceListNotFound(detail)
    return found


def _entry(price_list: PriceList, price: PutListPrice) -> Entry | None:
    amounts = {f"tiers.{place}.amount": tier.amount for place, tier in enumerate(price.tiers)}
    if price.compare_at is not None:
        amounts["compare_at"] = price.compare_at
    message = f"The price list is in {price_list.currency}."
    faults = tuple(
        Fault(f"{param}.currency", WrongCurrency.code, message)
        for param, amount in amounts.items()
        if amount.currency != price_list.currency
    )
    if faults:
        raise WrongCurrency(message, errors=faults)
    if not price.tiers:
        return None
    tiers = sorted(price.tiers, key=lambda tier: tier.min_quantity)
    return Entry(
        of=price_list.key,
        tiers=tuple(Tier(min_quantity=tier.min_quantity, amount=tier.amount.amount) for tier in tiers),
        compare_at=price.compare_at.amount if price.compare_at is not None else None,
    )


def _commit(found: _Priced, changed: SkuPrices, list_id: str, call: Call) -> None:
    variant = found.variant
    commit(
        [
            update(
                VariantRecord(pk=sku_key(variant.sku), sk=VARIANT),
                VariantRecord.entries.set({name: entry.model_dump() for name, entry in changed.entries.items()}),
                VariantRecord.timeline.set(changed.timeline),
                VariantRecord.prices_version.set(changed.version),
                condition=_unmoved(found.record),
                refused=lambda _: ProductMoved(),
            ),
            *_page_writes(found, changed, call),
            found.shop.unmoved(refused=lambda _: ProductMoved()),
            announce(
                SkuPricePut(sku=variant.sku, list_id=list_id),
                aggregate=f"{AGGREGATE}{variant.sku}",
                sequence=changed.version,
                call=call,
            ),
            call.once.row(f"{list_id}/{variant.sku}") if call.once else None,
        ]
    )


def _unmoved(record: VariantRecord) -> Condition:
    """Return that nobody changed the SKU's prices since, neither in a list nor in the catalog, which adds a point."""
    kind, version, timeline = VariantRecord, record.prices_version, record.timeline
    same_lists = kind.prices_version == version if version else kind.prices_version.does_not_exist()
    same_prices = kind.timeline == timeline if timeline is not None else kind.timeline.does_not_exist()
    unmoved: Condition = same_lists & same_prices
    return unmoved


def _page_writes(found: _Priced, changed: SkuPrices, call: Call) -> list[Write]:
    """Return the writes that show the change on the product's pages, and that hold its row still."""
    product = get(ProductRecord, product_key(found.variant.product_id), PRODUCT)
    if product is None:
        return []
    others = [sku for sku in product.product.skus if sku != found.variant.sku]
    answers = fetch([variant_read(sku) for sku in others])
    rows = {sku: answers.get(variant_read(sku)) for sku in others}
    own = {sku: row.sku_prices() for sku, row in rows.items() if row is not None} | {found.variant.sku: changed}
    return list(shown_writes(product, foreseen(product.product, own, found.shop, now=call.now)))
