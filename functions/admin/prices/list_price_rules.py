"""GET /v1/admin/price-rules: list all price rules."""

from commerce.entrypoints.http import admin
from commerce.prices import staff_queries
from commerce.prices.schemas import StaffPriceRules

api = admin("prices:read")


@api.get("/v1/admin/price-rules")
def list_price_rules() -> StaffPriceRules:
    """Answer the rules in the order in which they are tried, with the version that changes take as If-Match."""
    return staff_queries.price_rules()


handler = api.handler
