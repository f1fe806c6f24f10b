"""The rows that one product is made of, and the writes that bring them from one state to the next."""

from collections.abc import Iterator, Mapping

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from commerce.catalog.availability import Offer
from commerce.catalog.model import Product, Variant, cart_variants
from commerce.catalog.records import (
    NOT_PROJECTED,
    PRODUCT,
    SLUG,
    VARIANT,
    ListingRecord,
    ProductRecord,
    ProductSlugRecord,
    VariantRecord,
    listing_keys,
    listing_sort_key,
    product_key,
    sku_key,
    slug_key,
)
from commerce.catalog.shown_prices import Shown
from commerce.kernel.errors import CommerceError, Conflict, Fault, WriteConflict
from commerce.kernel.records import Record
from commerce.kernel.transactions import Write, create, delete, put, update
from commerce.prices.model import Dots


class SlugTaken(Conflict):
    code = "catalog.slug_taken"
    title = "Another one has this slug"


class SkuTaken(Conflict):
    code = "catalog.sku_taken"
    title = "Another product has this SKU"


class ProductMoved(WriteConflict):
    """The product or its availability changed since it was read: read it again and repeat."""


def slug_taken(slug: str) -> SlugTaken:
    """Return the refusal of a slug that is in use."""
    message = f"The slug '{slug}' is taken; choose another."
    return SlugTaken(message, errors=(Fault("slug", SlugTaken.code, message),))


def product_row(
    product: Product, *, before: ProductRecord | None, claimed: Mapping[str, VariantRecord | None], shown: Shown
) -> ProductRecord:
    """Return the product's own row after the change.

    :param claimed: what is known of the stock of SKUs that are new to the product.
    :param shown: the prices that pages show.
    """
    available: dict[str, Offer] = {}
    revisions: dict[str, int] = {}
    for sku in product.skus:
        if before is not None and sku in before.revisions:
            available[sku], revisions[sku] = before.available[sku], before.revisions[sku]
        else:
            available[sku], revisions[sku] = _projected(claimed.get(sku))
    return ProductRecord(
        pk=product_key(product.id),
        sk=PRODUCT,
        gsi1pk=slug_key(product.slug),
        gsi1sk=PRODUCT,
        document=product.stored(),
        available=available,
        revisions=revisions,
        shown=shown or None,
        version=product.version,
        availability_revision=int(before.availability_revision) if before is not None else 0,
    )


def changes(
    row: ProductRecord,
    *,
    before: ProductRecord | None,
    claimed: Mapping[str, VariantRecord | None],
    timelines: Mapping[str, dict[str, Dots]],
) -> Iterator[Write]:
    """Yield every write that leads from one state of a product to the next.

    They raise `ProductMoved` when the product is no longer as `before` shows it, or when stock of a SKU that it claims
    was projected meanwhile; `SlugTaken` and `SkuTaken` when another product was first.
    """
    product, old = row.product, before.product if before is not None else None
    yield _product_write(row, before)
    if old is None or old.slug != product.slug:
        taken = ProductSlugRecord(pk=slug_key(product.slug), sk=SLUG, product_id=product.id)
        yield create(taken, refused=lambda _: slug_taken(product.slug))
        if old is not None:
            yield delete(ProductSlugRecord(pk=slug_key(old.slug), sk=SLUG))
    yield from _variant_writes(product, old, claimed, timelines)
    yield from _listing_writes(row, old)


def shown_writes(record: ProductRecord, shown: Shown) -> Iterator[Write]:
    """Yield the writes that bring other prices to the pages of a product that is what `record` says.

    They raise `ProductMoved` when it is no longer. Its version stays: staff changed nothing of it.
    """
    kept = shown or None
    yield update(
        ProductRecord(pk=record.pk, sk=record.sk),
        ProductRecord.shown.set(kept) if kept else ProductRecord.shown.remove(),
        ProductRecord.availability_revision.add(1),
        condition=_unmoved(record),
        refused=lambda _: ProductMoved(),
    )
    sort_key = listing_sort_key(record.product)
    for partition in listing_keys(record.product):
        listing = ListingRecord(pk=partition, sk=sort_key)
        yield update(listing, ListingRecord.shown.set(kept) if kept else ListingRecord.shown.remove())


def _projected(record: VariantRecord | None) -> tuple[Offer, int]:
    return (record.offer, int(record.availability_revision)) if record is not None else (0, NOT_PROJECTED)


def _product_write(row: ProductRecord, before: ProductRecord | None) -> Write:
    if before is None:
        return create(row)
    return put(row, condition=_unmoved(before), refused=lambda _: ProductMoved())


def _unmoved(record: ProductRecord) -> Condition:
    unmoved: Condition = (ProductRecord.version == record.version) & (
        ProductRecord.availability_revision == record.availability_revision
    )
    return unmoved


def _variant_writes(
    product: Product,
    old: Product | None,
    claimed: Mapping[str, VariantRecord | None],
    timelines: Mapping[str, dict[str, Dots]],
) -> Iterator[Write]:
    """Yield an update per variant that looks different to carts; the availability in its row stays untouched."""
    wanted, had = cart_variants(product), cart_variants(old) if old is not None else {}
    for place, sku in enumerate(product.skus):
        if sku not in had:
            yield _claim(wanted[sku], place, claimed.get(sku), timelines.get(sku))
        elif wanted[sku] != had[sku]:
            yield _variant_write(wanted[sku], timelines.get(sku))
    for sku in had.keys() - wanted.keys():
        yield _variant_write(had[sku].model_copy(update={"sellable": False}), timelines.get(sku))


def _variant_write(variant: Variant, timeline: dict[str, Dots] | None) -> Write:
    return update(
        VariantRecord(pk=sku_key(variant.sku), sk=VARIANT),
        VariantRecord.variant.set(variant.stored()),
        *_timeline_actions(timeline),
        condition=VariantRecord.product_id == variant.product_id,
    )


def _timeline_actions(timeline: dict[str, Dots] | None) -> list[Action]:
    return [VariantRecord.timeline.set(timeline)] if timeline is not None else []


def _claim(variant: Variant, place: int, known: VariantRecord | None, timeline: dict[str, Dots] | None) -> Write:
    free = VariantRecord.product_id.does_not_exist() | (VariantRecord.product_id == variant.product_id)
    _, revision = _projected(known)
    seen = (
        VariantRecord.availability_revision.does_not_exist()
        if revision == NOT_PROJECTED
        else VariantRecord.availability_revision == revision
    )

    def refused(old: Record | None) -> CommerceError:
        if not isinstance(old, VariantRecord) or (old.product_id or variant.product_id) == variant.product_id:
            return ProductMoved()
        message = f"The SKU '{variant.sku}' belongs to another product; choose another."
        return SkuTaken(message, errors=(Fault(f"variants.{place}.sku", SkuTaken.code, message),))

    return update(
        VariantRecord(pk=sku_key(variant.sku), sk=VARIANT),
        VariantRecord.product_id.set(variant.product_id),
        VariantRecord.variant.set(variant.stored()),
        *_timeline_actions(timeline),
        condition=free & seen,
        refused=refused,
    )


def _listing_writes(row: ProductRecord, old: Product | None) -> Iterator[Write]:
    """Yield a put per listing; the condition on the product's row makes theirs needless."""
    product = row.product
    sort_key = listing_sort_key(product)
    wanted, had = listing_keys(product), listing_keys(old) if old is not None else []
    for partition in wanted:
        yield put(
            ListingRecord(
                pk=partition,
                sk=sort_key,
                document=row.document,
                available=row.available,
                revisions=row.revisions,
                shown=row.shown,
            )
        )
    for partition in had:
        if partition not in wanted:
            yield delete(ListingRecord(pk=partition, sk=sort_key))
