"""Staff's questions about the catalog."""

from commerce.adapters.ssm import signing_keys
from commerce.catalog.model import Status, in_order
from commerce.catalog.queries import CategoryNotFound, ProductNotFound
from commerce.catalog.records import (
    CATEGORIES,
    PRODUCT,
    PRODUCTS,
    CategoryRecord,
    ProductRecord,
    all_categories,
    listing_page,
    product_key,
    status_key,
)
from commerce.catalog.staff_schemas import (
    StaffCategory,
    StaffProduct,
    staff_category,
    staff_product,
)
from commerce.kernel.call import Call
from commerce.kernel.paging import Page, opened, sealed
from commerce.kernel.reads import get


def products(*, status: Status | None, limit: int, cursor: str | None, call: Call) -> Page[StaffProduct]:
    """Return a page of products of any or of one status as staff sees them, the newest first. One consistent Query.

    A page ends at 1 MB, so it may hold fewer than `limit` and still go on.

    :raises BadCursor: when the cursor belongs to somebody else or to another list.
    """
    scope = f"products {call.actor}\n{status or ''}"
    before = opened(cursor, scope=scope, keys=signing_keys()) if cursor else None
    partition = status_key(status) if status is not None else PRODUCTS
    rows, goes_on = listing_page(partition, before=before, limit=limit + 1, consistent=True)
    page = rows[:limit]
    more = goes_on or len(rows) > limit
    return Page(
        items=[staff_product(row.product, row.available) for row in page],
        next_cursor=sealed(page[-1].sk, scope=scope, keys=signing_keys()) if more and page else None,
    )


def product(*, product_id: str) -> StaffProduct:
    """Return a product as staff sees it.

    :raises ProductNotFound: when there is none.
    """
    record = product_record(product_id=product_id)
    return staff_product(record.product, record.available)


def product_record(*, product_id: str) -> ProductRecord:
    """Return the stored product as it is now.

    :raises ProductNotFound: when there is none.
    """
    record = get(ProductRecord, product_key(product_id), PRODUCT)
    if record is None:
        raise ProductNotFound
    return record


def categories() -> Page[StaffCategory]:
    """Return all categories as staff sees them, in the order of the shop. There is no second page."""
    found = in_order(all_categories(consistent=True))
    return Page(items=[staff_category(category) for category in found], next_cursor=None)


def category_record(*, category_id: str) -> CategoryRecord:
    """Return the stored category as it is now.

    :raises CategoryNotFound: when there is none.
    """
    record = get(CategoryRecord, CATEGORIES, category_id)
    if record is None:
        raise CategoryNotFound
    return record


def skus_page(*, after: str | None, limit: int) -> tuple[list[str], str | None]:
    """Return the SKUs of some products, and where to go on; None: these were the last. One Query.

    :param after: what the page before answered; None: from the beginning.
    :param limit: products.
    """
    rows, goes_on = listing_page(PRODUCTS, before=after, limit=limit, consistent=True)
    return [sku for row in rows for sku in row.product.skus], rows[-1].sk if goes_on else None
