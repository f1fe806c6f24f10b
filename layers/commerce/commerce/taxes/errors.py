"""What can be wrong with taxes."""

from commerce.kernel.errors import Invalid

LARGEST_RULES_BYTES = 100_000
"""All rules are one item, which every cart reads."""


class TaxRulesTooLarge(Invalid):
    code = "taxes.rules_too_large"
    title = f"The tax rules take {LARGEST_RULES_BYTES:,} bytes at most; join postal codes into runs, or drop old rates"


class InvalidTaxId(Invalid):
    code = "taxes.invalid_tax_id"
    title = "This is not a tax id that can be checked"
