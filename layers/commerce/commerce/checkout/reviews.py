"""Money that does not fit: parked for a person, once per matter, and shown on the order."""

from dataclasses import replace

from commerce.checkout.state import OrderState, settled, store
from commerce.kernel.call import Call
from commerce.kernel.log import logger
from commerce.kernel.money import Money
from commerce.kernel.transactions import AlreadyDone, commit
from commerce.orders.events import ReviewNoted
from commerce.payments import operations as payments
from commerce.payments.model import Review, ReviewKind


def park(
    state: OrderState,
    *,
    kind: ReviewKind,
    about: str,
    detail: str,
    call: Call,
    intent_id: str | None = None,
    amount: Money | None = None,
) -> OrderState:
    """Open the review about a matter of this order; do nothing when it was opened before, even if closed by now."""
    review = Review(
        id=payments.review_id(kind=kind, about=about),
        kind=kind,
        order_id=state.order.id,
        intent_id=intent_id,
        amount=amount,
        detail=detail,
        created_at=call.now,
    )
    payment = state.payment.model_copy(update={"reviews_open": state.payment.reviews_open + 1})
    event = ReviewNoted(order_id=state.order.id, number=state.order.number, review_id=review.id, open=True)
    also = payments.review_opened(review=review, call=call)
    try:
        after = store(state, replace(state, payment=payment), event=event, call=call, also=also)
    except AlreadyDone:
        return state
    logger.error("parked for review", review_id=review.id, kind=kind, order_id=state.order.id)
    return after


def park_without_order(*, about: str, detail: str, intent_id: str, amount: Money, call: Call) -> None:
    """Open the review about money that names an order of ours which does not exist."""
    review = Review(
        id=payments.review_id(kind=ReviewKind.UNKNOWN_ORDER, about=about),
        kind=ReviewKind.UNKNOWN_ORDER,
        order_id=None,
        intent_id=intent_id,
        amount=amount,
        detail=detail,
        created_at=call.now,
    )
    try:
        commit(payments.review_opened(review=review, call=call))
    except AlreadyDone:
        return
    logger.error("parked for review", review_id=review.id, kind=review.kind)


def resolve(*, review_id: str, note: str, call: Call) -> Review:
    """Close a review with a note of what was done.

    :raises ReviewNotFound: when there is none.
    :raises ReviewAlreadyResolved: when it is closed.
    """
    review = payments.review(review_id=review_id)
    closed, writes = payments.review_resolved(review=review, note=note, call=call)
    once = call.once.row(review_id) if call.once else None
    if review.order_id is None:
        commit([*writes, once])
        return closed

    def step(state: OrderState) -> None:
        payment = state.payment.model_copy(update={"reviews_open": max(0, state.payment.reviews_open - 1)})
        event = ReviewNoted(order_id=state.order.id, number=state.order.number, review_id=review_id, open=False)
        store(state, replace(state, payment=payment), event=event, call=call, also=[*writes, once])

    settled(review.order_id, step)
    return closed


def review_again(*, resource: str, call: Call) -> Review:  # noqa: ARG001 - the shape of every replay.
    """Return the review of a repeated call."""
    return payments.review(review_id=resource)
