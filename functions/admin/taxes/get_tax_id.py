"""GET /v1/admin/taxes/ids/{tax_id}: read what is known of a business's tax id."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.taxes import staff_queries
from commerce.taxes.schemas import TaxIdCheck

api = admin("taxes:read")


@api.get("/v1/admin/taxes/ids/{tax_id}")
def get_tax_id(tax_id: Id) -> TaxIdCheck:
    """Answer what its form and check digits say, and what its register said last."""
    return staff_queries.tax_id(text=tax_id, now=api.call().now)


handler = api.handler
