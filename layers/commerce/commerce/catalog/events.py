"""What the catalog announces. The sequence number of each event is the version after the change."""

from typing import ClassVar

from commerce.catalog.model import Status
from commerce.kernel.outbox import Event


class ProductCreated(Event):
    """A product was added to the catalog."""

    type: ClassVar[str] = "catalog.product_created"

    product_id: str
    slug: str
    status: Status


class ProductUpdated(Event):
    """A product was changed, published or archived."""

    type: ClassVar[str] = "catalog.product_updated"

    product_id: str
    slug: str
    status: Status


class SkuPricePut(Event):
    """The prices of a SKU in a price list were written or taken out."""

    type: ClassVar[str] = "catalog.sku_price_put"

    sku: str
    list_id: str


class CategoryCreated(Event):
    """A category was added to the tree."""

    type: ClassVar[str] = "catalog.category_created"

    category_id: str
    slug: str


class CategoryUpdated(Event):
    """A category's texts or place changed."""

    type: ClassVar[str] = "catalog.category_updated"

    category_id: str
    slug: str
