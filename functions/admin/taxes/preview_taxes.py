"""POST /v1/admin/taxes/preview: see what a sale would be taxed."""

from commerce.entrypoints.http import admin
from commerce.taxes import staff_queries
from commerce.taxes.staff_answers import TaxPreview
from commerce.taxes.staff_schemas import PreviewTaxes

api = admin("taxes:read")


@api.post("/v1/admin/taxes/preview", replay=None)
def preview_taxes(body: PreviewTaxes) -> TaxPreview:
    """Answer net, tax and gross of each line, with the rule and the reason. Nothing is stored."""
    return staff_queries.preview(sale=body, now=api.call().now)


handler = api.handler
