"""The rows that one product is made of, and the writes that bring them from one state to the next."""

from collections.abc import Iterator, Mapping

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
from commerce.kernel.errors import CommerceError, Conflict, Fault, WriteConflict
from commerce.kernel.records import Record
from commerce.kernel.transactions import Write, create, delete, put, update


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
    product: Product, *, before: ProductRecord | None, claimed: Mapping[str, VariantRecord | None]
) -> ProductRecord:
    """Return the product's own row after the change.

    :param claimed: what is known of the stock of SKUs that are new to the product.
    """
    available: dict[str, int] = {}
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
        document=product.model_dump(mode="json"),
        available=available,
        revisions=revisions,
        version=product.version,
        availability_revision=int(before.availability_revision) if before is not None else 0,
    )


def changes(
    row: ProductRecord, *, before: ProductRecord | None, claimed: Mapping[str, VariantRecord | None]
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
    yield from _variant_writes(product, old, claimed)
    yield from _listing_writes(row, old)


def _projected(record: VariantRecord | None) -> tuple[int, int]:
    return (int(record.available), int(record.availability_revision)) if record is not None else (0, NOT_PROJECTED)


def _product_write(row: ProductRecord, before: ProductRecord | None) -> Write:
    if before is None:
        return create(row)
    unmoved = (ProductRecord.version == before.version) & (
        ProductRecord.availability_revision == before.availability_revision
    )
    return put(row, condition=unmoved, refused=lambda _: ProductMoved())


def _variant_writes(
    product: Product, old: Product | None, claimed: Mapping[str, VariantRecord | None]
) -> Iterator[Write]:
    """Yield an update per variant that looks different to carts; the availability in its row stays untouched."""
    wanted, had = cart_variants(product), cart_variants(old) if old is not None else {}
    for place, sku in enumerate(product.skus):
        if sku not in had:
            yield _claim(wanted[sku], place, claimed.get(sku))
        elif wanted[sku] != had[sku]:
            yield _variant_write(wanted[sku])
    for sku in had.keys() - wanted.keys():
        yield _variant_write(had[sku].model_copy(update={"sellable": False}))


def _variant_write(variant: Variant) -> Write:
    return update(
        VariantRecord(pk=sku_key(variant.sku), sk=VARIANT),
        VariantRecord.variant.set(variant.model_dump(mode="json")),
        condition=VariantRecord.product_id == variant.product_id,
    )


def _claim(variant: Variant, place: int, known: VariantRecord | None) -> Write:
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
        VariantRecord.variant.set(variant.model_dump(mode="json")),
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
                pk=partition, sk=sort_key, document=row.document, available=row.available, revisions=row.revisions
            )
        )
    for partition in had:
        if partition not in wanted:
            yield delete(ListingRecord(pk=partition, sk=sort_key))
