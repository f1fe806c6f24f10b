"""GET /v1/categories: show the tree of categories."""

from commerce.catalog import queries
from commerce.catalog.schemas import ShopCategory
from commerce.entrypoints.http import storefront
from commerce.kernel.paging import Page

api = storefront()


@api.get("/v1/categories", shared=True)
def list_categories() -> Page[ShopCategory]:
    """All of them at once: the tree is bounded."""
    return queries.category_tree()


handler = api.handler
