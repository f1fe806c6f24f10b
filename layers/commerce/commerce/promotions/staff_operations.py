"""Changes of promotions by staff.

Each writes the promotion on the version that it read, and with it the row of all active promotions that carts read. A
clash with another change is tried again from the start; a caller who sent If-Match gets the 412 instead.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pynamodb.expressions.condition import Condition

from commerce.kernel.call import Call
from commerce.kernel.errors import WriteConflict
from commerce.kernel.ids import new_id
from commerce.kernel.outbox import Event, announce
from commerce.kernel.reads import get
from commerce.kernel.retrying import again_after
from commerce.kernel.transactions import Write, commit, delete, put
from commerce.promotions import staff_queries as queries
from commerce.promotions.bounds import LARGEST_BYTES, LARGEST_SHOP_BYTES, MOST_ACTIVE, MOST_GIFT_SKUS, MOST_LIMITED
from commerce.promotions.errors import TooLarge, TooLargeTogether, TooManyActive, TooManyGifts, TooManyLimited
from commerce.promotions.events import PromotionDeleted, PromotionPut
from commerce.promotions.model import Promotion, PromotionStatus
from commerce.promotions.records import ACTIVE, DELETED, PROMOTIONS, ActiveRecord, PromotionRecord, size, status_pk
from commerce.promotions.schemas import DeletedPromotion, PutPromotion, StaffPromotion
from commerce.promotions.staff_limits import limits_changed
from commerce.promotions.stored import promotion_document

_again_after_a_clash = again_after(WriteConflict)


@_again_after_a_clash
def put_promotion(*, promotion_id: str, terms: PutPromotion, call: Call) -> StaffPromotion:
    """Add a promotion, or replace it whole. What was used of its limits stays used.

    :raises StaleVersion: when `If-Match` named another version.
    :raises TooLarge, TooManyActive, TooManyLimited, TooManyGifts, TooLargeTogether: when there is no room for it.
    :raises LimitBelowUses: when a limit would be less than what was used.
    """
    before, last_version = queries.stored_promotion(promotion_id=promotion_id)
    call.check_version(int(before.version) if before else 0)
    promotion = Promotion(id=promotion_id, **{name: getattr(terms, name) for name in PutPromotion.model_fields})
    document = promotion_document(promotion)
    if size(document) > LARGEST_BYTES:
        raise TooLarge
    record = PromotionRecord(
        pk=PROMOTIONS,
        sk=promotion_id,
        gsi1pk=status_pk(promotion.status),
        gsi1sk=promotion_id,
        document=document,
        version=last_version + 1,
        revision=new_id("rev"),
        created_at=before.created_at if before else call.now,
        updated_at=call.now,
        updated_by=str(call.actor),
    )
    event = PromotionPut(promotion_id=promotion_id, status=promotion.status)
    unchanged: Condition = PromotionRecord.pk.does_not_exist()
    if before is not None:
        unchanged = PromotionRecord.version == before.version
    commit(
        [
            put(record, condition=unchanged),
            *_active(before, promotion),
            *limits_changed(promotion_id=promotion_id, limits=promotion.limits),
            *_told(event, record, call),
        ]
    )
    return queries.shown(record)


@_again_after_a_clash
def delete_promotion(*, promotion_id: str, call: Call) -> DeletedPromotion:
    """Take a promotion off all lists. Its codes do nothing any more; orders keep what they were sold.

    A promotion that is put under the same id later is the same again: its codes are back, and what was used is used.

    :raises PromotionNotFound: when there is none.
    :raises StaleVersion: when `If-Match` named another version.
    """
    before = queries.promotion_record(promotion_id=promotion_id)
    call.check_version(int(before.version))
    record = PromotionRecord(
        pk=DELETED,
        sk=promotion_id,
        document=before.document,
        version=int(before.version) + 1,
        revision=new_id("rev"),
        created_at=before.created_at,
        updated_at=call.now,
        updated_by=str(call.actor),
    )
    event = PromotionDeleted(promotion_id=promotion_id)
    commit(
        [
            delete(before, condition=PromotionRecord.version == before.version),
            put(record),
            *_active(before, None),
            *_told(event, record, call),
        ]
    )
    return DeletedPromotion(id=promotion_id, version=int(record.version))


def promotion_put_again(*, resource: str, call: Call) -> StaffPromotion:  # noqa: ARG001 - the edge passes both.
    """Render the answer of a `put_promotion` that was done before.

    :raises PromotionNotFound: when the promotion was deleted since.
    """
    return queries.staff_promotion(promotion_id=resource)


def promotion_deleted_again(*, resource: str, call: Call) -> DeletedPromotion:  # noqa: ARG001 - the edge passes both.
    """Render the answer of a `delete_promotion` that was done before."""
    _, last_version = queries.stored_promotion(promotion_id=resource)
    return DeletedPromotion(id=resource, version=last_version)


def _told(event: Event, record: PromotionRecord, call: Call) -> list[Write | None]:
    return [
        announce(event, aggregate=f"promotion#{record.sk}", sequence=int(record.version), call=call),
        call.once and call.once.row(record.sk),
    ]


def _active(before: PromotionRecord | None, promotion: Promotion | None) -> list[Write]:
    """Return the write of the row that carts read, where it changes.

    :param promotion: what the promotion becomes; None when it is deleted.
    """
    is_active = promotion is not None and promotion.status is PromotionStatus.ACTIVE
    was_active = before is not None and before.document.get("status") == PromotionStatus.ACTIVE
    if not is_active and not was_active:
        return []
    promotion_id = promotion.id if promotion else before.sk if before else ""
    stored = get(ActiveRecord, ACTIVE, ACTIVE)
    # Documents are moved as they are: newer code may have put some that this code cannot read.
    documents = [each for each in (stored.promotions if stored else ()) if each["id"] != promotion_id]
    if promotion is not None and is_active:
        documents.append(promotion_document(promotion))
        _check_room(documents)
    record = ActiveRecord(
        pk=ACTIVE,
        sk=ACTIVE,
        promotions=documents,
        version=int(stored.version) + 1 if stored else 1,
        revision=new_id("rev"),
    )
    unchanged: Condition = ActiveRecord.pk.does_not_exist()
    if stored is not None:
        unchanged = ActiveRecord.version == stored.version
    return [put(record, condition=unchanged)]


def _check_room(documents: Sequence[Mapping[str, Any]]) -> None:
    if len(documents) > MOST_ACTIVE:
        raise TooManyActive
    automatic = [each for each in documents if "trigger" not in each]
    if sum("limits" in each for each in automatic) > MOST_LIMITED:
        raise TooManyLimited
    gifts = {action["sku"] for each in automatic for action in each["actions"] if action["kind"] == "gift"}
    if len(gifts) > MOST_GIFT_SKUS:
        raise TooManyGifts
    if size(documents) > LARGEST_SHOP_BYTES:
        raise TooLargeTogether
