"""What payments announce on their own (what happens to an order's money is announced by orders)."""

from typing import ClassVar

from commerce.kernel.outbox import Event


class ReviewOpened(Event):
    """Money does not fit what is stored; a person must look."""

    type: ClassVar[str] = "payments.review_opened"

    review_id: str
    kind: str
    order_id: str | None
    detail: str


class ReviewResolved(Event):
    """A person looked at parked money and closed the matter."""

    type: ClassVar[str] = "payments.review_resolved"

    review_id: str
    order_id: str | None
