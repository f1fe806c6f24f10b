"""Rows of TaxesTable; docs/data-model/taxes.md charts them. Private to this package."""

import hashlib

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from commerce.kernel.call import Call
from commerce.kernel.ids import new_id
from commerce.kernel.reads import Read
from commerce.kernel.records import InstantAttribute, Record, TableName
from commerce.kernel.transactions import Write, put

RULES = "tax-rules"
TAX_ID = "tax-id"
CALCULATION = "calculation"
TRANSACTION = "transaction"
REVERSAL = "reversal#"


class TaxesRecord(Record):
    """A row of the table."""

    class Meta:
        table_name = TableName("taxes_table")


class TaxRulesRecord(TaxesRecord):
    """pk and sk: `tax-rules`. All rules of the shop, as JSON text: what carts read is parsed once per version."""

    version = NumberAttribute()
    revision = UnicodeAttribute()
    rules = UnicodeAttribute()
    updated_at = InstantAttribute()
    updated_by = UnicodeAttribute()


class TaxIdRecord(TaxesRecord):
    """pk: `tax-id#NUMBER` · sk: `tax-id`. What was found out about a number last, and when."""

    valid = BooleanAttribute()
    checked = UnicodeAttribute()
    checked_at = InstantAttribute()
    consultation_number = UnicodeAttribute(null=True)
    name = UnicodeAttribute(null=True)
    revision = UnicodeAttribute()
    expires_ttl = NumberAttribute()


class TaxCalculationRecord(TaxesRecord):
    """pk: `calculation#hash of the cart's id` · sk: `calculation`. What Stripe Tax said of a cart last (JSON text)."""

    calculation = UnicodeAttribute()
    calculated_at = InstantAttribute()
    revision = UnicodeAttribute()
    expires_ttl = NumberAttribute()


class TaxTransactionRecord(TaxesRecord):
    """pk: `transaction#ord_…` · sk: `transaction`, or `reversal#ref_…`. What was recorded at Stripe Tax.

    `refused` is Stripe's code where it would not; then there is no transaction, and nobody tries again.
    """

    transaction_id = UnicodeAttribute(null=True)
    refused = UnicodeAttribute(null=True)
    recorded_at = InstantAttribute()


def rules_read() -> Read[TaxRulesRecord]:
    """Return the read of all rules."""
    return Read(TaxRulesRecord, RULES, RULES)


def rules_write(*, text: str, seen_version: int, call: Call) -> Write:
    """Return the write that replaces all rules, provided that nobody did since version `seen_version`."""
    record = TaxRulesRecord(
        pk=RULES,
        sk=RULES,
        version=seen_version + 1,
        revision=new_id("rev"),
        rules=text,
        updated_at=call.now,
        updated_by=str(call.actor),
    )
    unchanged = TaxRulesRecord.version == seen_version if seen_version else TaxRulesRecord.pk.does_not_exist()
    return put(record, condition=unchanged)


def tax_id_read(value: str) -> Read[TaxIdRecord]:
    """Return the read of what is known of a number in its normal form."""
    return Read(TaxIdRecord, f"{TAX_ID}#{value}", TAX_ID)


def calculation_read(cart_id: str) -> Read[TaxCalculationRecord]:
    """Return the read of a cart's last calculation. A cart's id opens the cart, so only its hash stands here."""
    return Read(TaxCalculationRecord, calculation_key(cart_id), CALCULATION)


def calculation_key(cart_id: str) -> str:
    """Return the partition key of a cart's calculation."""
    return f"{CALCULATION}#{hashlib.sha256(cart_id.encode()).hexdigest()}"
