"""What staff change about taxes."""

import json

from commerce.kernel.call import Call
from commerce.kernel.errors import WriteConflict
from commerce.kernel.reads import fetch
from commerce.kernel.retrying import again_after
from commerce.kernel.transactions import commit
from commerce.taxes import operations, queries, staff_queries
from commerce.taxes.errors import LARGEST_RULES_BYTES, InvalidTaxId, TaxRulesTooLarge
from commerce.taxes.records import RULES, rules_write
from commerce.taxes.schemas import TaxIdCheck
from commerce.taxes.staff_answers import StaffTaxRules
from commerce.taxes.staff_schemas import PutTaxRules
from commerce.taxes.tax_ids import read

WRONG = {
    "unknown_country": "It begins with no country whose numbers can be checked: the EU's, GB, CHE or NO.",
    "format": "It is not formed as that country's numbers are.",
    "checksum": "Its check digits do not fit: one of its characters is wrong.",
}


@again_after(WriteConflict)
def put_rules(*, rules: PutTaxRules, call: Call) -> StaffTaxRules:
    """Replace all rules. Without `If-Match` the last one to put them wins.

    :raises StaleVersion: when `If-Match` named another version.
    :raises TaxRulesTooLarge: when they take too many bytes.
    """
    before = staff_queries.staff_rules()
    call.check_version(before.version)
    text = json.dumps(rules.model_dump(mode="json", exclude_defaults=True), separators=(",", ":"), ensure_ascii=False)
    if len(text.encode()) > LARGEST_RULES_BYTES:
        raise TaxRulesTooLarge
    write = rules_write(text=text, seen_version=before.version, call=call)
    commit([write, call.once and call.once.row(RULES)])
    return staff_queries.answer(text, version=before.version + 1, updated_at=call.now)


def rules_put_again(*, resource: str, call: Call) -> StaffTaxRules:  # noqa: ARG001 - the edge passes both.
    """Render the answer of a `put_rules` that was done before."""
    return staff_queries.staff_rules()


def check_tax_id(*, text: str, call: Call) -> TaxIdCheck:
    """Ask a number's register now, and keep what it says; else say what the number's digits say.

    :raises InvalidTaxId: for what is no number that can be checked.
    """
    tax_id = read(text)
    if tax_id.problem is not None:
        raise InvalidTaxId(WRONG[tax_id.problem])
    rules = queries.rules(answers=fetch(queries.shop_reads()))
    found = operations.asked(tax_id, rules=rules, now=call.now)
    check = found or staff_queries.tax_id(text=text, now=call.now)
    # What a register said before is not overwritten by its silence.
    kept = operations.check_write(check, now=check.checked_at or call.now)
    commit([kept, call.once and call.once.row(check.tax_id)])
    return check


def tax_id_checked_again(*, resource: str, call: Call) -> TaxIdCheck:
    """Render the answer of a `check_tax_id` that was done before."""
    return staff_queries.tax_id(text=resource, now=call.now)
