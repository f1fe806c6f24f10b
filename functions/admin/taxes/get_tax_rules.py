"""GET /v1/admin/taxes: read the shop's tax rules."""

from commerce.entrypoints.http import admin
from commerce.taxes import staff_queries
from commerce.taxes.staff_answers import StaffTaxRules

api = admin("taxes:read")


@api.get("/v1/admin/taxes")
def get_tax_rules() -> StaffTaxRules:
    """Answer them whole, with the version that changes of them take as If-Match, and what is probably not meant."""
    return staff_queries.staff_rules()


handler = api.handler
