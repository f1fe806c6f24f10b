"""Changes about taxes that carts, checkouts and orders cause."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from commerce.adapters import stripe_tax, vies
from commerce.adapters.json_http import NoAnswer
from commerce.adapters.stripe_tax import Calculation
from commerce.kernel import clock
from commerce.kernel.config import settings
from commerce.kernel.errors import Unavailable, WriteConflict
from commerce.kernel.ids import new_id
from commerce.kernel.log import logger
from commerce.kernel.money import Money
from commerce.kernel.reads import get
from commerce.kernel.transactions import Write, commit, create, put
from commerce.taxes import provider
from commerce.taxes.model import TaxRules
from commerce.taxes.queries import FRESH, KEPT, known
from commerce.taxes.records import (
    CALCULATION,
    REVERSAL,
    TAX_ID,
    TRANSACTION,
    TaxCalculationRecord,
    TaxIdRecord,
    TaxTransactionRecord,
    calculation_key,
)
from commerce.taxes.schemas import TaxIdCheck
from commerce.taxes.tax_ids import TaxId, read

CALCULATIONS_KEPT = timedelta(days=90)
"""As long as Stripe keeps them."""


class NotRecorded(Unavailable):
    code = "taxes.not_recorded"
    title = "Stripe Tax does not answer; the sale is recorded later"


# ---- tax ids -----------------------------------------------------------------------------------------------


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


# ---- Stripe Tax --------------------------------------------------------------------------------------------


def calculation_write(*, cart_id: str, calculation: Calculation, now: datetime) -> Write:
    """Return the write that keeps a cart's calculation, to go with any other change of the cart."""
    record = TaxCalculationRecord(
        pk=calculation_key(cart_id),
        sk=CALCULATION,
        calculation=json.dumps(provider.document(calculation), separators=(",", ":")),
        calculated_at=now,
        revision=new_id("rev"),
        expires_ttl=clock.epoch(now + CALCULATIONS_KEPT),
    )
    return put(record)


def recorded(*, order_id: str, calculation_id: str, now: datetime) -> str | None:
    """Record an order's calculation at Stripe Tax, so that its reports hold the sale. Call it once the order is placed.

    Repeating it is safe: Stripe knows the order's id as the transaction's reference, and our row ends all repeats.

    :return: the transaction's id; None when Stripe would not, which is logged as an error.
    :raises NotRecorded: when Stripe does not answer; call it again later.
    """

    def record() -> str:
        return stripe_tax.record(calculation_id=calculation_id, reference=order_id, metadata={"order_id": order_id})

    return _once(order_id, TRANSACTION, record, now=now)


def reversal_recorded(*, order_id: str, refund_id: str, amount: Money | None, now: datetime) -> str | None:
    """Take back what was recorded of an order, because its money went back. Call it for each refund that succeeded.

    :param amount: what was refunded, with its tax; None: all of the order.
    :return: the reversal's id; None when nothing was recorded of the order, or Stripe would not.
    :raises NotRecorded: when Stripe does not answer; call it again later.
    """
    transaction_id = _recorded_before(f"{TRANSACTION}#{order_id}", TRANSACTION)
    if transaction_id is None:
        return None

    def reverse() -> str:
        return stripe_tax.reverse(
            transaction_id=transaction_id,
            reference=f"{order_id}-{refund_id}",
            amount=amount.amount if amount is not None else None,
            currency=amount.currency if amount is not None else "",
        )

    return _once(order_id, f"{REVERSAL}{refund_id}", reverse, now=now)


def _once(order_id: str, sk: str, done: Callable[[], str], *, now: datetime) -> str | None:
    pk = f"{TRANSACTION}#{order_id}"
    before = get(TaxTransactionRecord, pk, sk)
    if before is not None:
        return before.transaction_id
    transaction_id: str | None = None
    refused: str | None = None
    try:
        transaction_id = done()
    except stripe_tax.Refused as error:
        refused = error.code
        logger.error("stripe tax did not record a sale", order_id=order_id, row=sk, stripe_code=refused)
    except NoAnswer as error:
        raise NotRecorded from error
    row = TaxTransactionRecord(pk=pk, sk=sk, transaction_id=transaction_id, refused=refused, recorded_at=now)
    try:
        commit([create(row)])
    except WriteConflict:
        # Somebody else was as fast, with the same answer: Stripe gives one for one reference. Or others held the row.
        kept = get(TaxTransactionRecord, pk, sk)
        if kept is None:
            raise NotRecorded from None
        return kept.transaction_id
    return transaction_id


def _recorded_before(pk: str, sk: str) -> str | None:
    row = get(TaxTransactionRecord, pk, sk)
    return row.transaction_id if row is not None else None
