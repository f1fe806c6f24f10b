"""Questions about taxes."""

import json
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from commerce.kernel.config import settings
from commerce.kernel.reads import Answers, Read
from commerce.taxes.model import TaxRules
from commerce.taxes.records import TaxIdRecord, calculation_read, rules_read, tax_id_read
from commerce.taxes.schemas import TaxIdCheck
from commerce.taxes.tax_ids import TaxId, read

if TYPE_CHECKING:
    from commerce.adapters.stripe_tax import Calculation

FRESH = timedelta(hours=24)
"""How long a register's answer is not asked for again."""

KEPT = timedelta(days=30)
"""How long a register's answer counts while there is no newer one."""


def shop_reads() -> list[Read[Any]]:
    """Return the reads that `rules` needs: one."""
    return [rules_read()]


def rules(*, answers: Answers) -> TaxRules:
    """Return the shop's tax rules; a shop that never made any charges no tax."""
    record = answers.get(rules_read())
    return parsed(record.rules) if record else TaxRules()


@lru_cache(maxsize=2)
def parsed(text: str) -> TaxRules:
    """Return rules by their stored text. They may be large, and change seldom."""
    return TaxRules.from_document(json.loads(text))


def tax_id_reads(text: str | None) -> list[Read[Any]]:
    """Return the reads that `tax_id_check` needs: one, or none for what no register is asked about."""
    tax_id = read(text) if text else None
    return [tax_id_read(tax_id.value)] if tax_id is not None and tax_id.is_asked_at_vies else []


def tax_id_check(text: str, *, answers: Answers, now: datetime) -> TaxIdCheck:
    """Return what is known of a number: what its register said within 30 days, else what its digits say."""
    tax_id = read(text)
    record = answers.get(tax_id_read(tax_id.value)) if tax_id.is_asked_at_vies else None
    return known(tax_id, record, now=now)


def known(tax_id: TaxId, record: TaxIdRecord | None, *, now: datetime) -> TaxIdCheck:
    """Return what is known of a number by its row, if it has one."""
    if record is None or record.checked != "online" or now - record.checked_at > KEPT:
        return TaxIdCheck.offline(tax_id)
    return TaxIdCheck(
        tax_id=tax_id.value,
        country=tax_id.country,
        valid=record.valid,
        checked="online",
        checked_at=record.checked_at,
        consultation_number=record.consultation_number,
        name=record.name,
    )


def still_known(check: TaxIdCheck | None, *, now: datetime) -> TaxIdCheck | None:
    """Return what an earlier answer says now: after 30 days a register's word is none, and the form counts."""
    if check is None or check.checked_at is None or now - check.checked_at <= KEPT:
        return check
    return TaxIdCheck.offline(read(check.tax_id))


def calculation_reads(*, cart_id: str) -> list[Read[Any]]:
    """Return the reads that `calculation` needs: one where Stripe Tax computes, else none."""
    return [calculation_read(cart_id)] if settings().tax_provider == "stripe_tax" else []


def calculation(*, cart_id: str, answers: Answers) -> "Calculation | None":
    """Return what Stripe Tax said of a cart last; it counts for equal questions only."""
    record = answers.get(calculation_read(cart_id))
    if record is None:
        return None
    from commerce.taxes import stripe_provider  # noqa: PLC0415 - only for shops that chose Stripe Tax.

    return stripe_provider.from_document(json.loads(record.calculation))
