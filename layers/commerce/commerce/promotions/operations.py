"""What checkouts use up of promotions, and what closed orders give back: writes for their transactions."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from commerce.kernel.call import Call
from commerce.kernel.errors import WriteConflict
from commerce.kernel.reads import fetch
from commerce.kernel.transactions import Write, commit, update
from commerce.promotions.counting import counted, overtaken
from commerce.promotions.customers import customer_key
from commerce.promotions.errors import Overtaken
from commerce.promotions.known import Shard
from commerce.promotions.limits import Gathering, Need, gathering, part_for
from commerce.promotions.outcomes import Claim, Evaluation
from commerce.promotions.records import (
    CodeRecord,
    CustomerRecord,
    LimitRecord,
    OrdersRecord,
    budget_given,
    budget_left,
    code_row,
    customer_row,
    limit_reads,
    limit_row,
)
from commerce.promotions.uses import Use, Uses

ATTEMPTS = 6
"""How often parts of a limit are read again when others move them at the same moment."""


class Taken(NamedTuple):
    """What a checkout uses up.

    :ivar uses: what the order keeps, for `given_back`.
    :ivar writes: for the transaction that also creates the order; at most three for each promotion, and one.
    """

    uses: Uses
    writes: list[Write]


def taken(*, evaluation: Evaluation, order_id: str, customer_email: str, call: Call) -> Taken:
    """Return what an order uses up of its promotions' limits.

    The commit raises Overtaken when somebody else was faster: read the cart again, and price it again. Where no part of
    a limit has enough and all together have, one gets it from the others now, in a transaction of its own that changes
    no sum.

    :raises Overtaken: when all parts together no longer have enough.
    """
    customer = customer_key(customer_email)
    uses: list[Use] = []
    writes: list[Write] = []
    for claim in evaluation.claims:
        use = _use(claim, order_id=order_id, currency=evaluation.currency)
        uses.append(use)
        writes += _taken(use, claim, customer=customer, order_id=order_id, currency=evaluation.currency)
    if evaluation.is_first_order:
        is_first = OrdersRecord.orders.does_not_exist() | (OrdersRecord.orders < 1)
        writes.append(counted(customer, 1, call, condition=is_first))
    kept = Uses(
        currency=evaluation.currency, uses=tuple(uses), customer=customer, is_first_order=evaluation.is_first_order
    )
    return Taken(kept, writes)


def _use(claim: Claim, *, order_id: str, currency: str) -> Use:
    is_shared = claim.uses or claim.amount is not None
    code_is: Literal["once", "counted"] | None = None
    if claim.code_uses_at_most is not None:
        code_is = "once" if claim.code_uses_at_most == 1 else "counted"
    return Use(
        promotion_id=claim.promotion_id,
        shard=_part(claim, order_id=order_id, currency=currency) if is_shared else None,
        counted=claim.uses,
        amount=claim.amount,
        by_customer=claim.customer_most is not None,
        code=claim.code,
        code_is=code_is,
    )


def _taken(use: Use, claim: Claim, *, customer: str, order_id: str, currency: str) -> list[Write]:
    writes: list[Write] = []
    if use.shard is not None:
        writes.append(_counted(use, use.shard, currency))
    if claim.customer_most is not None:
        used = CustomerRecord.uses
        within = used.does_not_exist() | (used < claim.customer_most)
        row = customer_row(customer, use.promotion_id)
        writes.append(update(row, used.add(1), condition=within, refused=overtaken))
    if use.code is not None and use.code_is == "once":
        unused = CodeRecord.pk.exists() & CodeRecord.used_by.does_not_exist()
        writes.append(update(code_row(use.code), CodeRecord.used_by.set(order_id), condition=unused, refused=overtaken))
    if use.code is not None and use.code_is == "counted":
        left = CodeRecord.uses_left
        writes.append(update(code_row(use.code), left.add(-1), condition=left >= 1, refused=overtaken))
    return writes


def _counted(use: Use, number: int, currency: str) -> Write:
    """Return the write that takes from a part what it has; it is refused when that is too little."""
    actions: list[Action] = []
    enough: Condition = LimitRecord.pk.exists()
    if use.counted:
        actions.append(LimitRecord.uses_left.add(-1))
        enough &= LimitRecord.uses_left >= 1
    if use.amount is not None:
        left = budget_left(currency)
        actions.append(left.set(left - use.amount))
        enough &= left >= use.amount
    return update(limit_row(use.promotion_id, number), *actions, condition=enough, refused=overtaken)


def _part(claim: Claim, *, order_id: str, currency: str) -> int:
    """Return the part that an order takes from; move what is missing into one where none has enough."""
    need = Need(uses=int(claim.uses), amount=claim.amount or 0, currency=currency)
    shards: Sequence[Shard] = claim.shards
    for _ in range(ATTEMPTS):
        number = part_for(need, shards, order_id=order_id)
        if number is not None:
            return number
        plan = gathering(need, shards)
        if plan is None:
            raise Overtaken
        try:
            commit(_gathered(plan, shards, claim.promotion_id, currency))
        except WriteConflict:
            shards = _shards(claim.promotion_id)
        else:
            return plan.into
    raise Overtaken


def _gathered(plan: Gathering, shards: Sequence[Shard], promotion_id: str, currency: str) -> list[Write]:
    """Return the writes that move something between parts, provided that they are as they were seen.

    That also makes a repeat of a lost response harmless: it finds them changed.
    """
    seen = {shard.number: shard for shard in shards}
    writes = []
    for number, (uses, amount) in plan.changes.items():
        left, given = budget_left(currency), budget_given(currency)
        unchanged: Condition = LimitRecord.uses_left == seen[number].uses
        actions: list[Action] = []
        if uses:
            actions += [LimitRecord.uses_left.add(uses), LimitRecord.uses_given.add(uses)]
        if currency in seen[number].budget:
            unchanged &= left == seen[number].budget[currency]
        if amount:
            actions += [left.set(left + amount), given.set(given + amount)]
        writes.append(update(limit_row(promotion_id, number), *actions, condition=unchanged))
    return writes


def _shards(promotion_id: str) -> list[Shard]:
    reads = limit_reads(promotion_id)
    answers = fetch(reads)
    return [record.shard() for read in reads if (record := answers.get(read))]
