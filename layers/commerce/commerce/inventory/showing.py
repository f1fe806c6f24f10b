"""Brings a change of the locations to the pages of all products, some at a time.

A product page shows what its SKUs' last projection found. When locations open, close or keep more back, nothing moves,
so a round through all products tells the catalog anew. It begins anew when the locations change in the middle of it.
"""

from commerce.catalog import staff_queries as catalog
from commerce.inventory import projection, queries
from commerce.inventory.records import LOCATIONS, SHOWN, ShownRecord
from commerce.kernel.call import Call
from commerce.kernel.reads import get
from commerce.kernel.transactions import commit, put

PAGE = 20
"""Products."""

MOST_SKUS = 3000
"""Of one run, give or take a page. The next run goes on."""


def show_availability(*, call: Call) -> dict[str, int]:
    """Go on with the round that is under way, begin one that is due, or do nothing; a run may always be repeated."""
    version, record, seen = queries.stored_locations().version, get(ShownRecord, LOCATIONS, SHOWN), 0
    under_way = record if record is not None and record.version == version else None
    if version == 0 or (under_way is not None and under_way.finished):
        return {"seen": seen}
    cursor = under_way.cursor if under_way is not None else None
    while seen < MOST_SKUS:
        skus, cursor = catalog.skus_page(after=cursor, limit=PAGE)
        for sku in skus:
            projection.tell(sku, call=call)
        seen += len(skus)
        commit([put(ShownRecord(pk=LOCATIONS, sk=SHOWN, version=version, cursor=cursor, finished=cursor is None))])
        if cursor is None:
            break
    return {"seen": seen}
