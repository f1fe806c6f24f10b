"""How an order is shown to staff after a step."""

from commerce.checkout.staff_schemas import PaymentView, StaffOrder
from commerce.checkout.state import OrderState, load
from commerce.kernel.call import Call
from commerce.orders.schemas import OrderView
from commerce.orders.staff_schemas import TimelineEntry
from commerce.outbox import queries as outbox


def for_staff(state: OrderState) -> StaffOrder:
    """Return an order with its money and its timeline (one Query more)."""
    view = OrderView.of(state.order, state.details, state.fulfillments)
    history = outbox.history(aggregate=f"order#{state.order.id}")
    return StaffOrder(
        **dict(view),
        payment=PaymentView.of(state.payment),
        refunds=tuple(sorted(state.refunds, key=lambda refund: refund.created_at)),
        disputes=tuple(sorted(state.disputes, key=lambda dispute: dispute.created_at)),
        timeline=tuple(
            TimelineEntry(
                sequence=int(entry.sequence), type=entry.type, at=entry.occurred_at, actor=entry.actor, data=entry.data
            )
            for entry in history
        ),
        allocations=state.details.allocations,
        allocated_by=state.details.allocated_by,
        tax_id_check=state.details.tax_id_check,
        rounding_mode=state.details.rounding_mode,
    )


def staff_order(*, order_id: str) -> StaffOrder:
    """Return an order as staff see it.

    :raises OrderNotFound: when there is none.
    """
    return for_staff(load(order_id))


def order_again(*, resource: str, call: Call) -> StaffOrder:  # noqa: ARG001 - the shape of every replay.
    """Answer a repeated call: the order as it is now."""
    return staff_order(order_id=resource)
