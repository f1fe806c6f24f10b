"""Codes made by staff: one that people remember, or a batch that nobody guesses."""

from datetime import datetime
from typing import NamedTuple, Self

from pynamodb.expressions.condition import Condition

from commerce.kernel import clock
from commerce.kernel.call import Call
from commerce.kernel.errors import CommerceError, WriteConflict
from commerce.kernel.idempotency import Once
from commerce.kernel.ids import new_id
from commerce.kernel.reads import get
from commerce.kernel.records import Record
from commerce.kernel.retrying import Patience, again_after
from commerce.kernel.transactions import Write, commit, create, put
from commerce.promotions import staff_queries as queries
from commerce.promotions.codes import drawn, normalized
from commerce.promotions.errors import BatchDiffers, CodeTaken
from commerce.promotions.model import PromotionStatus
from commerce.promotions.records import (
    BATCH,
    CODE,
    BatchRecord,
    CodeRecord,
    code_pk,
    code_sort_key,
    codes_pk,
    promotion_pk,
)
from commerce.promotions.schemas import MOST_AT_ONCE, CodeBatch, MadeCodes, NewCodes, StaffCode

IN_ONE_TRANSACTION = 90
"""Codes; with the batch's row and the caller's key they stay below the hundred actions of a transaction."""


class Drawn(WriteConflict):
    """A code was drawn that there is already. It is drawn again."""


_again_after_a_clash = again_after(WriteConflict, patience=Patience(attempts=6))


class _Batch(NamedTuple):
    """A batch as it was asked for."""

    promotion_id: str
    name: str
    quantity: int
    prefix: str
    uses_at_most: int
    ends_at: datetime | None

    @classmethod
    def of(cls, promotion_id: str, record: BatchRecord) -> Self:
        return cls(
            promotion_id,
            record.name,
            int(record.quantity),
            record.prefix,
            int(record.uses_at_most),
            record.ends_at,
        )

    @property
    def resource(self) -> str:
        return f"{self.promotion_id}/{BATCH}/{self.name}"

    def check_same(self, before: BatchRecord) -> None:
        now, then = (each and clock.text(each) for each in (self.ends_at, before.ends_at))
        if (self.prefix, self.uses_at_most, now) != (before.prefix, int(before.uses_at_most), then):
            raise BatchDiffers


def make_codes(*, promotion_id: str, new: NewCodes, call: Call) -> MadeCodes:
    """Make a code, or bring a batch closer to its quantity.

    A batch never has more codes than its quantity, however often, and by how many at once, it is asked for.

    :raises PromotionNotFound: when there is no such promotion.
    :raises CodeTaken: when the code is in use. That of an archived or deleted promotion is not, unless it counts its
        own uses and was used.
    :raises BatchDiffers: when the batch was begun with other settings.
    """
    queries.promotion_record(promotion_id=promotion_id)
    if new.code is not None:
        return MadeCodes(code=_one(promotion_id, new.code, new, call))
    batch = _Batch(
        promotion_id=promotion_id,
        name=new.batch or "",
        quantity=new.quantity or 0,
        prefix=new.prefix,
        uses_at_most=new.uses_at_most or 1,
        ends_at=new.ends_at,
    )
    return MadeCodes(batch=_carried_on(batch, call, call.once))


def codes_made_again(*, resource: str, call: Call) -> MadeCodes:
    """Render the answer of a `make_codes` that was done before, and go on with a batch that is not complete.

    :raises PromotionNotFound: when the promotion was deleted since.
    """
    promotion_id, kind, name = resource.split("/")
    queries.promotion_record(promotion_id=promotion_id)
    if kind == CODE:
        record = get(CodeRecord, code_pk(name), CODE)
        return MadeCodes(code=queries.shown_code(record) if record else None)
    begun = queries.batch_record(promotion_id=promotion_id, batch=name)
    return MadeCodes(batch=_carried_on(_Batch.of(promotion_id, begun), call, None) if begun else None)


def _one(promotion_id: str, text: str, new: NewCodes, call: Call) -> StaffCode:
    record = _code(promotion_id, text, uses_at_most=new.uses_at_most, ends_at=new.ends_at, batch=None, call=call)
    once = call.once and call.once.row(f"{promotion_id}/{CODE}/{normalized(text)}")
    try:
        commit([create(record, refused=_taken), once])
    except CodeTaken:
        commit([_taken_over(record), once])
    return queries.shown_code(record)


def _taken(old: Record | None) -> CommerceError:
    owner = old.promotion_id if isinstance(old, CodeRecord) else ""
    return CodeTaken(f"This code is one of the promotion '{owner}'.")


def _taken_over(record: CodeRecord) -> Write:
    """Return the write that takes a code from a promotion that is over, provided that the code has no uses of its own.

    :raises CodeTaken: when it has, or when its promotion is not over.
    """
    old = get(CodeRecord, record.pk, record.sk)
    if old is None:
        raise WriteConflict
    owner, _ = queries.stored_promotion(promotion_id=old.promotion_id)
    is_over = owner is None or owner.document.get("status") == PromotionStatus.ARCHIVED
    if old.promotion_id == record.promotion_id or not is_over or old.left() != old.most:
        raise _taken(old)
    unused: Condition = (CodeRecord.revision == old.revision) & CodeRecord.used_by.does_not_exist()
    if old.uses_left is not None:
        unused &= CodeRecord.uses_left == old.uses_left
    return put(record, condition=unused, refused=_taken)


@_again_after_a_clash
def _carried_on(batch: _Batch, call: Call, once: Once | None) -> CodeBatch:
    """Make the next codes of a batch, in transactions that also say how far it has come.

    :param once: written with the first of them; None for a repeat, whose row is there.
    """
    before = queries.batch_record(promotion_id=batch.promotion_id, batch=batch.name)
    if before is not None:
        batch.check_same(before)
    made = int(before.made) if before else 0
    goal = min(batch.quantity, made + MOST_AT_ONCE)
    while before is None or int(before.made) < goal:
        before = _step(batch, before, goal, call, once)
    if once is not None:
        once.record(batch.resource)
    return queries.shown_batch(before)


def _step(batch: _Batch, before: BatchRecord | None, goal: int, call: Call, once: Once | None) -> BatchRecord:
    made = int(before.made) if before else 0
    codes = [
        _code(
            batch.promotion_id,
            drawn(batch.prefix),
            uses_at_most=batch.uses_at_most,
            ends_at=batch.ends_at,
            batch=batch.name,
            call=call,
        )
        for _ in range(min(IN_ONE_TRANSACTION, goal - made))
    ]
    after = BatchRecord(
        pk=promotion_pk(batch.promotion_id),
        sk=f"{BATCH}{batch.name}",
        quantity=max(batch.quantity, int(before.quantity) if before else 0),
        made=made + len(codes),
        prefix=batch.prefix,
        uses_at_most=batch.uses_at_most,
        ends_at=batch.ends_at,
        revision=new_id("rev"),
    )
    unchanged: Condition = BatchRecord.pk.does_not_exist()
    if before is not None:
        unchanged = BatchRecord.made == made
    commit(
        [
            put(after, condition=unchanged),
            *(create(code, refused=lambda _: Drawn()) for code in codes),
            once.row(batch.resource) if once is not None and not once.is_recorded else None,
        ]
    )
    return after


def _code(
    promotion_id: str,
    text: str,
    *,
    uses_at_most: int | None,
    ends_at: datetime | None,
    batch: str | None,
    call: Call,
) -> CodeRecord:
    code = normalized(text)
    return CodeRecord(
        pk=code_pk(code),
        sk=CODE,
        gsi1pk=codes_pk(promotion_id),
        gsi1sk=code_sort_key(code, batch),
        promotion_id=promotion_id,
        text=text,
        batch=batch,
        uses_at_most=uses_at_most,
        uses_left=uses_at_most if uses_at_most is not None and uses_at_most > 1 else None,
        ends_at=ends_at,
        revision=new_id("rev"),
        created_at=call.now,
        created_by=str(call.actor),
    )
