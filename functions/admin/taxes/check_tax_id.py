"""POST /v1/admin/taxes/ids/{tax_id}/checks: ask the register about a business's tax id."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.taxes import staff_operations
from commerce.taxes.schemas import TaxIdCheck

api = admin("taxes:write")


@api.post("/v1/admin/taxes/ids/{tax_id}/checks", status=201, replay=staff_operations.tax_id_checked_again)
def check_tax_id(tax_id: Id) -> TaxIdCheck:
    """Answer `checked: offline` where no register is asked, or it does not answer."""
    return staff_operations.check_tax_id(text=tax_id, call=api.call())


handler = api.handler
