"""What Stripe Tax's reports are told of sales."""

from collections.abc import Callable
from datetime import datetime

from commerce.adapters import stripe_tax
from commerce.adapters.json_http import NoAnswer
from commerce.kernel.errors import Unavailable, WriteConflict
from commerce.kernel.log import logger
from commerce.kernel.money import Money
from commerce.kernel.reads import get
from commerce.kernel.transactions import commit, create
from commerce.taxes.records import (
    REVERSAL,
    TRANSACTION,
    TaxTransactionRecord,
)


class NotRecorded(Unavailable):
    code = "taxes.not_recorded"
    title = "Stripe Tax does not answer; the sale is recorded later"


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
