"""How the catalog is stored; docs/data-model/catalog.md has the chart."""

from botocore.exceptions import BotoCoreError
from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PynamoDBException
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from commerce.catalog.availability import Offer, offer_of
from commerce.catalog.model import Category, Product, Status, Variant
from commerce.kernel import clock
from commerce.kernel.errors import Unavailable
from commerce.kernel.reads import Read, listed
from commerce.kernel.records import DocumentAttribute, OptionalInstantAttribute, Record, TableName
from commerce.prices.model import Entry, SkuPrices

PRODUCT = "product"
SLUG = "slug"
VARIANT = "variant"
CATEGORIES = "categories"
CATEGORY = "~category"
"""Sorts behind every listing, so that a query backwards meets it first."""

PRODUCTS = "products"
NOT_PROJECTED = -1
"""Revision of a SKU whose stock was never projected: below every real one."""


class _BySlug(GlobalSecondaryIndex["ProductRecord"]):
    class Meta:
        index_name = "gsi1"
        projection = AllProjection()

    gsi1pk = UnicodeAttribute(hash_key=True)
    gsi1sk = UnicodeAttribute(range_key=True)


class CatalogRecord(Record):
    class Meta:
        table_name = TableName("catalog_table")

    gsi1pk = UnicodeAttribute(null=True)
    gsi1sk = UnicodeAttribute(null=True)
    by_slug = _BySlug()


class ProductCopy(CatalogRecord):
    """A product with what is in stock of each SKU: the product itself, or a listing of it.

    `shown` has the prices that differ from the catalog's, for pages: `shown_prices` reads and writes them.
    """

    document = DocumentAttribute()
    available = DocumentAttribute()
    revisions = DocumentAttribute()
    shown = JSONAttribute(null=True)

    @property
    def product(self) -> Product:
        """Return the product that is stored here."""
        return Product.model_validate(self.document)


class ProductRecord(ProductCopy):
    """pk: `product#<id>` · sk: `product` · gsi1: `slug#<slug>`."""

    version = NumberAttribute()
    availability_revision = NumberAttribute()


class ListingRecord(ProductCopy):
    """pk: `products`, `products#<status>` or `category#<slug>` · sk: time of creation and product id."""


class ProductSlugRecord(CatalogRecord):
    """pk: `slug#<slug>` · sk: `slug`."""

    product_id = UnicodeAttribute()


class VariantRecord(CatalogRecord):
    """pk: `sku#<SKU>` · sk: `variant`. Without a product id it only remembers stock that came before its product.

    `available` is what the storefront is offered, `by_channel` what channels are that are offered another number.
    """

    product_id = UnicodeAttribute(null=True)
    variant = DocumentAttribute(default=dict)
    available = NumberAttribute(default=0)
    by_channel = JSONAttribute(null=True)
    availability_revision = NumberAttribute(default=NOT_PROJECTED)
    projected_at = OptionalInstantAttribute()
    entries = JSONAttribute(null=True)
    timeline = JSONAttribute(null=True)
    prices_version = NumberAttribute(null=True)

    @property
    def offer(self) -> Offer:
        """Return how many are offered, as pages keep it."""
        return offer_of(int(self.available), self.by_channel or {})

    def seen(self) -> Variant | None:
        """Return the variant as carts see it, or None when no product has claimed the SKU."""
        return Variant.model_validate(self.variant | {"sku_prices": self.sku_prices()}) if self.variant else None

    def sku_prices(self) -> SkuPrices:
        """Return the SKU's prices in price lists, and what it cost before."""
        return SkuPrices(
            entries={list_id: Entry.model_validate(entry) for list_id, entry in (self.entries or {}).items()},
            timeline=self.timeline or {},
            version=int(self.prices_version or 0),
        )


class CategoryRecord(CatalogRecord):
    """pk: `categories` · sk: the category's id."""

    document = DocumentAttribute()
    version = NumberAttribute()

    @property
    def category(self) -> Category:
        """Return the category that is stored here."""
        return Category.model_validate(self.document)


class CategorySlugRecord(CatalogRecord):
    """pk: `category#<slug>` · sk: `~category`."""

    category_id = UnicodeAttribute()


def product_key(product_id: str) -> str:
    """Return the partition key of a product."""
    return f"product#{product_id}"


def slug_key(slug: str) -> str:
    """Return the partition key of a product's slug, in the table and in gsi1."""
    return f"slug#{slug}"


def sku_key(sku: str) -> str:
    """Return the partition key of a SKU."""
    return f"sku#{sku}"


def shelf_key(category_slug: str) -> str:
    """Return the partition key of a category's listings."""
    return f"category#{category_slug}"


def status_key(status: Status) -> str:
    """Return the partition key of the listings of one status."""
    return f"{PRODUCTS}#{status}"


def listing_keys(product: Product) -> list[str]:
    """Return the partition keys of the listings that a product lies in. Shoppers' categories hold no drafts."""
    shelves = [shelf_key(slug) for slug in product.shelves] if product.status == "active" else []
    return [PRODUCTS, status_key(product.status), *shelves]


def listing_sort_key(product: Product) -> str:
    """Return the sort key of a product in every listing."""
    return f"{clock.text(product.created_at)}#{product.id}"


def variant_read(sku: str) -> Read[VariantRecord]:
    """Return the read of a SKU."""
    return Read(VariantRecord, sku_key(sku), VARIANT)


def listing_page(
    partition: str, *, before: str | None, limit: int, consistent: bool = False
) -> tuple[list[ListingRecord], bool]:
    """Read one page of a listing in one Query, the newest first, and whether there is more behind it.

    The page ends at `limit` rows or 1 MB, whichever comes first.

    :raises Unavailable: when DynamoDB does not answer.
    """
    condition = ListingRecord.sk < before if before is not None else None
    found = ListingRecord.query(
        partition, condition, scan_index_forward=False, page_size=limit, consistent_read=consistent
    )
    try:
        items = next(found.page_iter)["Items"]
    except (PynamoDBException, BotoCoreError) as error:
        raise Unavailable from error
    return [ListingRecord.from_raw_data(item) for item in items], found.page_iter.last_evaluated_key is not None


def all_categories(*, consistent: bool = False) -> list[Category]:
    """Read the whole tree in one Query.

    :raises Unavailable: when DynamoDB does not answer.
    """
    return [record.category for record in listed(CategoryRecord.query(CATEGORIES, consistent_read=consistent))]
