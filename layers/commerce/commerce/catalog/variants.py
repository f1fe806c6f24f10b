"""Variants by their SKUs, as carts, orders and stock ask for them."""

from collections.abc import Sequence

from commerce.catalog.model import Variant
from commerce.catalog.records import VariantRecord, variant_read
from commerce.kernel.reads import Answers, Read


def variant_reads(*, skus: Sequence[str]) -> list[Read[VariantRecord]]:
    """Return the reads that `variants` needs, one per SKU."""
    return [variant_read(sku) for sku in skus]


def variants(*, answers: Answers, skus: Sequence[str]) -> dict[str, Variant]:
    """Return the variants of these SKUs. Those that no product ever had are absent.

    A variant of a draft, of an archived product, or taken out of its product is there, and not sellable.
    """
    records = {sku: answers.get(variant_read(sku)) for sku in skus}
    seen = {sku: record.seen() for sku, record in records.items() if record is not None}
    return {sku: variant for sku, variant in seen.items() if variant is not None}
