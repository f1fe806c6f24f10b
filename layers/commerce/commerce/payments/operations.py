"""Changes of payments, as writes that the workflows put into their transactions; and reviews."""

import hashlib

from commerce.kernel import clock
from commerce.kernel.call import Call
from commerce.kernel.errors import Conflict, NotFound
from commerce.kernel.outbox import announce
from commerce.kernel.reads import get
from commerce.kernel.transactions import Write, create, put
from commerce.payments import events
from commerce.payments.model import Dispute, Payment, Refund, Review, ReviewKind
from commerce.payments.records import PaymentRow


class ReviewNotFound(NotFound):
    code = "payments.review_not_found"
    title = "There is no such review"


class ReviewAlreadyResolved(Conflict):
    code = "payments.review_already_resolved"
    title = "This review was resolved before"


def opened(*, payment: Payment) -> Write:
    """Return the write that creates the payment of a new order."""
    return create(_payment_row(payment))


def changed(*, before: Payment, after: Payment) -> tuple[Payment, Write]:
    """Return the payment at its next version, and the write that stores it if nobody else changed it."""
    stored = after.model_copy(update={"version": before.version + 1})
    return stored, put(_payment_row(stored), condition=PaymentRow.version == before.version)


def intent_known(*, order_id: str, intent_id: str) -> Write:
    """Return the write that lets Stripe's events find the order of this intent."""
    row = PaymentRow(pk=f"intent#{intent_id}", sk="intent", document={"order_id": order_id})
    return put(row, condition=PaymentRow.pk.does_not_exist())


def refund_added(*, refund: Refund) -> Write:
    """Return the write that stores a new refund."""
    return create(_refund_row(refund))


def refund_changed(*, before: Refund, after: Refund) -> Write:
    """Return the write that stores a refund's news if nobody else changed it."""
    stored = after.model_copy(update={"version": before.version + 1})
    return put(_refund_row(stored), condition=PaymentRow.version == before.version)


def dispute_stored(*, dispute: Dispute) -> Write:
    """Return the write that stores a dispute; the payment's version guards it."""
    row = PaymentRow(pk=dispute.order_id, sk=f"dispute#{dispute.id}", document=dispute.model_dump(mode="json"))
    return put(row)


def review_id(*, kind: ReviewKind, about: str) -> str:
    """Return the id of the one review about this matter, however often Stripe tells of it."""
    return f"rev_{hashlib.sha256(f'{kind}|{about}'.encode()).hexdigest()[:26]}"


def review_opened(*, review: Review, call: Call) -> list[Write]:
    """Return the writes that park money for a person and tell of it.

    Their commit raises `AlreadyDone` when the matter has a review, even if that is closed by now.
    """
    event = events.ReviewOpened(review_id=review.id, kind=review.kind, order_id=review.order_id, detail=review.detail)
    row = create(_review_row(review), signals_done=True)
    return [row, announce(event, aggregate=f"review#{review.id}", sequence=1, call=call)]


def review_resolved(*, review: Review, note: str, call: Call) -> tuple[Review, list[Write]]:
    """Return the closed review and the writes that close it.

    :raises ReviewAlreadyResolved: when it is closed.
    """
    if review.state == "resolved":
        raise ReviewAlreadyResolved
    closed = review.model_copy(
        update={
            "state": "resolved",
            "note": note,
            "resolved_by": str(call.actor),
            "resolved_at": call.now,
            "version": review.version + 1,
        }
    )
    event = events.ReviewResolved(review_id=review.id, order_id=review.order_id)
    write = put(_review_row(closed), condition=PaymentRow.version == review.version)
    return closed, [write, announce(event, aggregate=f"review#{review.id}", sequence=closed.version, call=call)]


def review(*, review_id: str) -> Review:
    """Return a review.

    :raises ReviewNotFound: when there is none.
    """
    row = get(PaymentRow, f"review#{review_id}", "review")
    if row is None:
        raise ReviewNotFound
    return Review.model_validate(row.document)


def _payment_row(payment: Payment) -> PaymentRow:
    document = payment.model_dump(mode="json")
    return PaymentRow(pk=payment.order_id, sk="payment", version=payment.version, document=document)


def _refund_row(refund: Refund) -> PaymentRow:
    document = refund.model_dump(mode="json")
    return PaymentRow(pk=refund.order_id, sk=f"refund#{refund.id}", version=refund.version, document=document)


def _review_row(review: Review) -> PaymentRow:
    return PaymentRow(
        pk=f"review#{review.id}",
        sk="review",
        version=review.version,
        document=review.model_dump(mode="json"),
        gsi1pk=f"reviews#{review.state}",
        gsi1sk=f"{clock.text(review.created_at)}#{review.id}",
    )
