"""Staff's questions about promotions and their codes."""

from collections.abc import Sequence

from commerce.adapters.ssm import signing_keys
from commerce.kernel.call import Call
from commerce.kernel.money import Money
from commerce.kernel.paging import Page, cut, opened, sealed
from commerce.kernel.reads import Read, fetch, get, listed
from commerce.promotions.errors import PromotionNotFound
from commerce.promotions.goods import STORED
from commerce.promotions.model import PromotionStatus
from commerce.promotions.records import (
    BATCH,
    BY_KIND,
    DELETED,
    PROMOTIONS,
    BatchRecord,
    CodeRecord,
    LimitRecord,
    PromotionRecord,
    code_sort_key,
    codes_pk,
    limit_reads,
    promotion_pk,
    status_pk,
)
from commerce.promotions.schemas import CodeBatch, PromotionUsage, StaffCode, StaffPromotion, UsageOfBudget, UsageOfUses
from commerce.promotions.stored import promotion_of


def stored_promotion(*, promotion_id: str) -> tuple[PromotionRecord | None, int]:
    """Return the row of a promotion, and the last version that there was of one with this id; for this package."""
    here, gone = Read(PromotionRecord, PROMOTIONS, promotion_id), Read(PromotionRecord, DELETED, promotion_id)
    answers = fetch([here, gone])
    record, last = answers.get(here), answers.get(here) or answers.get(gone)
    return record, int(last.version) if last else 0


def promotion_record(*, promotion_id: str) -> PromotionRecord:
    """Return the row of a promotion.

    :raises PromotionNotFound: when there is none.
    """
    record = get(PromotionRecord, PROMOTIONS, promotion_id)
    if record is None:
        raise _not_found(promotion_id)
    return record


def staff_promotion(*, promotion_id: str) -> StaffPromotion:
    """Return a promotion.

    :raises PromotionNotFound: when there is none.
    """
    return shown(promotion_record(promotion_id=promotion_id))


def staff_promotions(
    *, status: PromotionStatus | None, limit: int, cursor: str | None, call: Call
) -> Page[StaffPromotion]:
    """Return a page of promotions of any or of one status, by id. One Query.

    Those of one status come from an index, which may be a moment behind.

    :raises BadCursor: when the cursor belongs to somebody else or to another list.
    """
    scope = f"promotions {call.actor}\n{status or ''}"
    after = opened(cursor, scope=scope, keys=signing_keys()) if cursor else None
    if status is None:
        behind = PromotionRecord.sk > after if after else None
        found = PromotionRecord.query(PROMOTIONS, behind, limit=limit + 1, consistent_read=True)
    else:
        behind = PromotionRecord.gsi1sk > after if after else None
        found = PromotionRecord.query(status_pk(status), behind, index_name=BY_KIND, limit=limit + 1)
    return cut(
        listed(found), limit=limit, shown=shown, cursor=lambda row: sealed(row.sk, scope=scope, keys=signing_keys())
    )


def staff_codes(*, promotion_id: str, batch: str | None, limit: int, cursor: str | None, call: Call) -> Page[StaffCode]:
    """Return a page of a promotion's codes: single ones first, then batch by batch. A moment behind.

    :raises PromotionNotFound: when there is none.
    :raises BadCursor: when the cursor belongs to somebody else or to another list.
    """
    promotion_record(promotion_id=promotion_id)
    scope = f"promotion_codes {call.actor}\n{promotion_id}\n{batch or ''}"
    after = opened(cursor, scope=scope, keys=signing_keys()) if cursor else None
    first, last = (code_sort_key("", batch), code_sort_key("~", batch)) if batch else ("#", "~")
    found = CodeRecord.query(
        codes_pk(promotion_id),
        CodeRecord.gsi1sk.between(f"{after}!" if after else first, last),
        index_name=BY_KIND,
        limit=limit + 1,
    )
    return cut(
        listed(found),
        limit=limit,
        shown=shown_code,
        cursor=lambda row: sealed(row.gsi1sk or "", scope=scope, keys=signing_keys()),
    )


def batch_record(*, promotion_id: str, batch: str) -> BatchRecord | None:
    """Return the row of a batch; for this package."""
    return get(BatchRecord, promotion_pk(promotion_id), f"{BATCH}{batch}")


def limit_records(*, promotion_id: str) -> list[LimitRecord]:
    """Return the parts of a promotion's shared limits, none when it never had any; for this package."""
    reads = limit_reads(promotion_id)
    answers = fetch(reads)
    return [record for read in reads if (record := answers.get(read))]


def usage(*, promotion_id: str) -> PromotionUsage:
    """Return how far a promotion's limits are used up, and its batches of codes.

    :raises PromotionNotFound: when there is none.
    """
    here, parts_of = Read(PromotionRecord, PROMOTIONS, promotion_id), limit_reads(promotion_id)
    answers = fetch([here, *parts_of])
    record = answers.get(here)
    if record is None:
        raise _not_found(promotion_id)
    limits, parts = promotion_of(record.document).limits, [part for read in parts_of if (part := answers.get(read))]
    is_batch = BatchRecord.sk.startswith(BATCH)
    batches = listed(BatchRecord.query(promotion_pk(promotion_id), is_batch, consistent_read=True))
    return PromotionUsage(
        promotion_id=promotion_id,
        uses=_uses(parts) if limits.uses is not None else None,
        budget=tuple(_budget(parts, amount.currency) for amount in limits.budget),
        batches=tuple(shown_batch(record) for record in batches),
    )


def _not_found(promotion_id: str) -> PromotionNotFound:
    return PromotionNotFound(f"There is no promotion '{promotion_id}'.")


def _uses(parts: Sequence[LimitRecord]) -> UsageOfUses:
    limit, left = sum(int(part.uses_given) for part in parts), sum(int(part.uses_left) for part in parts)
    return UsageOfUses(limit=limit, used=limit - left, left=left)


def _budget(parts: Sequence[LimitRecord], currency: str) -> UsageOfBudget:
    limit = sum(part.budget_given.get(currency, 0) for part in parts)
    left = sum(part.budget_left.get(currency, 0) for part in parts)
    amounts = {"limit": limit, "used": limit - left, "left": left}
    return UsageOfBudget(**{name: Money(amount=amount, currency=currency) for name, amount in amounts.items()})


def shown(record: PromotionRecord) -> StaffPromotion:
    """Return a stored promotion as staff sees it."""
    times = {"created_at": record.created_at, "updated_at": record.updated_at, "version": int(record.version)}
    return StaffPromotion.model_validate(record.document | times, context=STORED)


def shown_code(record: CodeRecord) -> StaffCode:
    """Return a stored code as staff sees it."""
    return StaffCode(
        code=record.text,
        batch=record.batch,
        uses_at_most=record.most,
        uses_left=record.left(),
        used_by=record.used_by,
        ends_at=record.ends_at,
        created_at=record.created_at,
    )


def shown_batch(record: BatchRecord) -> CodeBatch:
    """Return how far a stored batch has come."""
    return CodeBatch(name=record.name, quantity=int(record.quantity), made=int(record.made))
