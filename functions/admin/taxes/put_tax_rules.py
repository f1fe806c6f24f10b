"""PUT /v1/admin/taxes: replace the shop's tax rules."""

from commerce.entrypoints.http import admin
from commerce.taxes import staff_operations
from commerce.taxes.staff_answers import StaffTaxRules
from commerce.taxes.staff_schemas import PutTaxRules

LARGEST_BODY_BYTES = 192 * 1024

api = admin("taxes:write", largest_body_bytes=LARGEST_BODY_BYTES)


@api.put("/v1/admin/taxes", replay=staff_operations.rules_put_again, takes_if_match=True)
def put_tax_rules(body: PutTaxRules) -> StaffTaxRules:
    """Take effect in carts at once; orders keep the taxes that they froze."""
    return staff_operations.put_rules(rules=body, call=api.call())


handler = api.handler
