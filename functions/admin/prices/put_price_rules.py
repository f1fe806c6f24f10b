"""PUT /v1/admin/price-rules: replace all price rules."""

from commerce.entrypoints.http import admin
from commerce.prices import operations
from commerce.prices.schemas import PutPriceRules, StaffPriceRules

api = admin("prices:write")


@api.put("/v1/admin/price-rules", replay=operations.rules_put_again, takes_if_match=True)
def put_price_rules(body: PutPriceRules) -> StaffPriceRules:
    """Take effect in carts at once, and on pages within minutes."""
    return operations.put_rules(rules=body, call=api.call())


handler = api.handler
