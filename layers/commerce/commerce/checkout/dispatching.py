"""What staff send: parcels. Apart from the rest of the checkout, because it needs no Stripe."""

from dataclasses import replace

from commerce.checkout import staff_answers
from commerce.checkout.staff_schemas import StaffOrder
from commerce.checkout.state import OrderState, settled, store
from commerce.inventory import operations as inventory
from commerce.inventory.model import Bucket, Move, Reason
from commerce.kernel.call import Call
from commerce.kernel.ids import new_id
from commerce.orders import operations as orders
from commerce.orders.events import OrderDispatched
from commerce.orders.model import Fulfillment, FulfillmentStatus, NotAllowedNow, OrderStatus, picked, remaining, sent
from commerce.orders.staff_schemas import NewFulfillment


def dispatch_order(*, order_id: str, new: NewFulfillment, dry_run: bool, call: Call) -> StaffOrder:
    """Send a parcel: its units go from committed to dispatched, and on-hand falls.

    :raises NotAllowedNow: unless the order is placed.
    :raises NothingToDispatch: when more is asked than is left.
    """
    wanted: dict[str, int] | None = None
    if new.lines is not None:
        wanted = {}
        for line in new.lines:
            wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity

    def step(state: OrderState) -> OrderState:
        call.check_version(state.order.version)
        if state.order.status is not OrderStatus.PLACED:
            raise NotAllowedNow(f"The order is {state.order.status}; only a placed order is dispatched.")
        left = remaining(state.details, state.fulfillments)
        parts = picked(left=left, wanted=dict(wanted) if wanted is not None else None)
        parcel = Fulfillment(
            id=new_id("ful"),
            lines=sent(parts),
            carrier=new.carrier or None,
            tracking_number=new.tracking_number or None,
            dispatched_at=call.now,
            by=str(call.actor),
        )
        units = sum(part.quantity for part in parts)
        is_last = units == sum(part.quantity for part in left)
        status = FulfillmentStatus.FULFILLED if is_last else FulfillmentStatus.PARTIAL
        order = state.order.model_copy(update={"fulfillment_status": status})
        after = replace(state, order=order, fulfillments=(*state.fulfillments, parcel))
        if dry_run:
            return after
        moves = [
            Move(
                sku=part.sku,
                location=part.location,
                source=Bucket.COMMITTED,
                target=Bucket.DISPATCHED,
                quantity=part.quantity,
                shard=part.shard,
            )
            for part in parts
        ]
        event = OrderDispatched(order_id=order_id, number=order.number, fulfillment_id=parcel.id, units=units)
        also = [
            *inventory.move(moves=moves, reason=Reason.DISPATCH, reference=order_id, call=call),
            orders.fulfillment_added(order_id=order_id, fulfillment=parcel),
            call.once.row(order_id) if call.once else None,
        ]
        return store(state, after, event=event, call=call, also=also)

    return staff_answers.for_staff(settled(order_id, step))
