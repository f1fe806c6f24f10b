"""What promotions announce. The sequence number of each event is the version after the change."""

from typing import ClassVar

from commerce.kernel.outbox import Event
from commerce.promotions.model import PromotionStatus


class PromotionPut(Event):
    """A promotion was added, changed, switched on or archived."""

    type: ClassVar[str] = "promotions.promotion_put"

    promotion_id: str
    status: PromotionStatus


class PromotionDeleted(Event):
    """A promotion was deleted, and is on no list any more."""

    type: ClassVar[str] = "promotions.promotion_deleted"

    promotion_id: str
