"""Checks of businesses' numbers, and what is remembered of them."""

from datetime import datetime

from commerce.kernel import clock
from commerce.kernel.config import settings
from commerce.kernel.ids import new_id
from commerce.kernel.reads import get
from commerce.kernel.transactions import Write, commit, put
from commerce.taxes.model import TaxRules
from commerce.taxes.queries import FRESH, KEPT, known
from commerce.taxes.records import (
    TAX_ID,
    TaxIdRecord,
)
from commerce.taxes.schemas import TaxIdCheck
from commerce.taxes.tax_ids import TaxId, read


def checked_tax_id(text: str, *, rules: TaxRules, now: datetime) -> TaxIdCheck:
    """Find out whether a business's number is valid, and remember it. Call it when a shopper gives one.

    Its register is asked if the settings say so, once a day at most, for three and a half seconds at most. When it
    does not answer, its last answer counts for 30 days; then the number's form alone, `checked: offline`.
    """
    tax_id = read(text)
    if not tax_id.is_asked_at_vies or settings().tax_id_checks == "offline":
        return TaxIdCheck.offline(tax_id)
    before = known(tax_id, get(TaxIdRecord, f"{TAX_ID}#{tax_id.value}", TAX_ID), now=now)
    if before.checked_at is not None and now - before.checked_at < FRESH:
        return before
    found = asked(tax_id, rules=rules, now=now) or before
    if found.checked_at == now:
        commit([check_write(found, now=now)])
    return found


def asked(tax_id: TaxId, *, rules: TaxRules, now: datetime) -> TaxIdCheck | None:
    """Ask a number's register; return None when it does not tell, or is not to be asked."""
    if not tax_id.is_asked_at_vies or settings().tax_id_checks == "offline":
        return None
    # The register's client, which only a shop that asks it needs.
    from commerce.adapters import vies  # noqa: PLC0415
    from commerce.adapters.json_http import NoAnswer  # noqa: PLC0415

    own = _own_number(rules, now=now)
    try:
        found = vies.check(prefix=tax_id.prefix, number=tax_id.number, requester=own, now=now)
    except NoAnswer:
        return None
    return TaxIdCheck(
        tax_id=tax_id.value,
        country=tax_id.country,
        valid=found.valid,
        checked="online",
        checked_at=now,
        consultation_number=found.consultation_number,
        name=found.name,
    )


def check_write(check: TaxIdCheck, *, now: datetime) -> Write:
    """Return the write that keeps what was found out about a number."""
    record = TaxIdRecord(
        pk=f"{TAX_ID}#{check.tax_id}",
        sk=TAX_ID,
        valid=check.valid,
        checked=check.checked,
        checked_at=now,
        consultation_number=check.consultation_number,
        name=check.name,
        revision=new_id("rev"),
        expires_ttl=clock.epoch(now + KEPT),
    )
    return put(record)


def _own_number(rules: TaxRules, *, now: datetime) -> tuple[str, str] | None:
    """Return the shop's own number, which makes the register give a proof."""
    registration = rules.registration(rules.home, on=now.date()) if rules.home is not None else None
    own = read(registration.tax_id) if registration is not None and registration.tax_id else None
    return (own.prefix, own.number) if own is not None and own.is_asked_at_vies else None
