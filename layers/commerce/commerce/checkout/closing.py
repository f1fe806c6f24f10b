"""How a pending order ends without a sale: cancel the PaymentIntent first, obey Stripe's answer, then release."""

from collections.abc import Iterable
from dataclasses import replace

from commerce.adapters import stripe_payments
from commerce.adapters.stripe_facts import IntentFacts
from commerce.carts import holding
from commerce.checkout import intents, limits
from commerce.checkout.state import OrderState, store
from commerce.giftcards import operations as giftcards
from commerce.inventory import operations as inventory
from commerce.inventory.model import Bucket, Move, Reason
from commerce.kernel.call import Call
from commerce.kernel.transactions import Write
from commerce.orders.events import OrderCanceled, OrderEvent, OrderExpired
from commerce.orders.model import Order, OrderStatus
from commerce.promotions import counting


def canceled_at_stripe(state: OrderState, *, wanted: bool, call: Call) -> tuple[OrderState, IntentFacts | None]:
    """Cancel a pending order's PaymentIntent and return what Stripe says it is then.

    An intent whose id was lost is found through its key first, so that no live intent is left behind. Nothing is
    released here: money may have arrived in the meantime, and Stripe's answer decides.

    :param wanted: somebody asked for it; otherwise the hold is over.
    """
    if not state.order.is_open:
        return state, None
    if state.payment.intent_id is None:
        state, _ = intents.ensured(state, call=call)
    intent_id = state.payment.intent_id
    if intent_id is None:
        return state, None
    key = intents.key_of_its_own(state, "cancel", now=call.now)
    return state, stripe_payments.cancel_intent(intent_id=intent_id, key=key, wanted=wanted)


def released(
    state: OrderState, *, closes_as: OrderStatus, reason: str, call: Call, also: Iterable[Write | None] = ()
) -> OrderState:
    """Close a pending order: its stock, its cards' money, its cart and its place among open checkouts are free again.

    Only after Stripe confirmed that its PaymentIntent is canceled.
    """
    order = state.order.became(closes_as, now=call.now)
    payment = state.payment.model_copy(update={"canceled": True, "processing": False, "authorized": 0, "by_cards": 0})
    writes = [
        *held_stock(state, target=Bucket.AVAILABLE, reason=Reason.RELEASE, call=call),
        *limits.given_back(order.limit_keys),
        *promotions_given_back(state, call=call),
        holding.unlock(cart_id=order.cart_id, order_id=order.id, call=call),
        *cards_released(state, call=call),
        *also,
    ]
    event = closing_event(order, reason=reason)
    return store(state, replace(state, order=order, payment=payment), event=event, call=call, also=writes)


def closing_event(order: Order, *, reason: str) -> OrderEvent:
    """Return what to announce of an order that closes unpaid."""
    if order.status is OrderStatus.EXPIRED:
        return OrderExpired(order_id=order.id, number=order.number)
    return OrderCanceled(order_id=order.id, number=order.number, reason=reason, refund=None)


def promotions_given_back(state: OrderState, *, call: Call) -> list[Write]:
    """Return the writes that give back what the order used up of promotions: in the transaction that closes it."""
    uses = state.details.promotion_uses
    was_placed = state.order.status is OrderStatus.PLACED
    return counting.given_back(uses=uses, was_placed=was_placed, call=call) if uses is not None else []


def cards_released(state: OrderState, *, call: Call) -> list[Write]:
    """Return the writes that give an order's cards back what they paid, since the rest never came.

    Whoever commits them sets the payment's `by_cards` to zero with them.
    """
    parts = [part.tender() for part in state.details.gift_cards] if state.payment.by_cards else []
    return giftcards.released(parts=parts, order_id=state.order.id, call=call)


def held_stock(state: OrderState, *, target: Bucket, reason: Reason, call: Call) -> list[Write]:
    """Return the writes that move all reserved units of the order to another bucket."""
    moves = [
        Move(part.sku, part.location, Bucket.RESERVED, target, part.quantity, part.shard)
        for part in state.details.allocations
    ]
    return inventory.move(moves=moves, reason=reason, reference=state.order.id, call=call)
