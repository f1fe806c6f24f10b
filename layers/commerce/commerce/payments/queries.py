"""Questions about payments."""

from typing import Literal, NamedTuple

from commerce.adapters.ssm import signing_keys
from commerce.kernel import clock
from commerce.kernel.call import Call
from commerce.kernel.paging import Page, cut, opened, sealed
from commerce.kernel.reads import get, listed
from commerce.payments.model import Dispute, Payment, Refund, Review
from commerce.payments.records import PaymentRow


class OrderMoney(NamedTuple):
    """All that is stored of one order's money."""

    payment: Payment
    refunds: tuple[Refund, ...]
    disputes: tuple[Dispute, ...]


def order_money(*, order_id: str) -> OrderMoney | None:
    """Return an order's payment, refunds and disputes in one Query; None when there is none."""
    rows = {row.sk: row.document for row in listed(PaymentRow.query(order_id, consistent_read=True))}
    if "payment" not in rows:
        return None
    return OrderMoney(
        payment=Payment.model_validate(rows["payment"]),
        refunds=tuple(Refund.model_validate(row) for sk, row in rows.items() if sk.startswith("refund#")),
        disputes=tuple(Dispute.model_validate(row) for sk, row in rows.items() if sk.startswith("dispute#")),
    )


def order_of_intent(*, intent_id: str) -> str | None:
    """Return the order that a PaymentIntent belongs to; None when it is not one of ours."""
    row = get(PaymentRow, f"intent#{intent_id}", "intent")
    return row.document["order_id"] if row is not None else None


def reviews(*, state: Literal["open", "resolved"], limit: int, cursor: str | None, call: Call) -> Page[Review]:
    """Return parked money, oldest first."""
    scope, keys = f"reviews {call.actor} {state}", signing_keys()
    position = opened(cursor, scope=scope, keys=keys) if cursor else None
    found = PaymentRow.reviews.query(
        f"reviews#{state}", PaymentRow.gsi1sk > position if position else None, limit=limit + 1
    )
    return cut(
        (Review.model_validate(row.document) for row in listed(found)),
        limit=limit,
        shown=lambda review: review,
        cursor=lambda review: sealed(_position(review), scope=scope, keys=keys),
    )


def _position(review: Review) -> str:
    return f"{clock.text(review.created_at)}#{review.id}"
