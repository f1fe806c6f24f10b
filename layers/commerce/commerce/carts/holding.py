"""Orders hold carts: writes that lock, unlock and complete a cart, for the transactions of checkouts."""

from collections.abc import Mapping

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from commerce.carts.errors import CartChanged, CartLocked, CartNotFound, CartNotHeld, CartOrdered
from commerce.carts.model import KEPT, Cart, CartState
from commerce.carts.records import CartRecord, cart_keys, collected_after
from commerce.kernel.call import Call
from commerce.kernel.errors import CommerceError
from commerce.kernel.ids import new_id
from commerce.kernel.records import Record
from commerce.kernel.transactions import Refusal, Write, update


def lock(*, cart: Cart, order_id: str, hold_seconds: int, taken: Mapping[str, int] | None = None, call: Call) -> Write:
    """Let an order hold the cart, provided that it is open and still as it was priced.

    The refusal is `CartLocked` or `CartOrdered` with the other order's id, or `CartChanged`.

    :param cart: the state that was priced.
    :param hold_seconds: how long the order holds its stock at most; counted into `hold_used_seconds`.
    :param taken: what the order takes from the cart's gift cards and credit.
    """
    return _turned(
        cart.id,
        CartState.LOCKED,
        CartRecord.order_id.set(order_id),
        CartRecord.hold_used_seconds.set(cart.hold_used_seconds + hold_seconds),
        *_taking(taken),
        condition=_is_as_priced(cart),
        refused=_not_as_priced,
        call=call,
    )


def order_at_once(*, cart: Cart, order_id: str, taken: Mapping[str, int] | None = None, call: Call) -> Write:
    """Turn an open cart into an order in one step, when nothing is due. Refusals are those of `lock`."""
    return _turned(
        cart.id,
        CartState.ORDERED,
        CartRecord.order_id.set(order_id),
        *_taking(taken),
        condition=_is_as_priced(cart),
        refused=_not_as_priced,
        call=call,
    )


def unlock(*, cart_id: str, order_id: str, call: Call) -> Write:
    """Give the cart back to its shopper as it was, provided that this order holds it; `CartNotHeld` if not."""
    return _turned(
        cart_id,
        CartState.OPEN,
        CartRecord.order_id.remove(),
        CartRecord.taken.remove(),
        condition=_is_held_by(order_id),
        refused=_not_held,
        call=call,
    )


def complete(*, cart_id: str, order_id: str, call: Call) -> Write:
    """Close the cart for good, provided that this order holds it; `CartNotHeld` if not."""
    return _turned(cart_id, CartState.ORDERED, condition=_is_held_by(order_id), refused=_not_held, call=call)


def _turned(
    cart_id: str, state: CartState, *actions: Action, condition: Condition, refused: Refusal, call: Call
) -> Write:
    """Return the write that moves a cart to a state. A locked cart is never collected as garbage."""
    ends = call.now + KEPT
    collection = (
        CartRecord.expires_ttl.remove()
        if state is CartState.LOCKED
        else CartRecord.expires_ttl.set(collected_after(ends))
    )
    return update(
        cart_keys(cart_id),
        CartRecord.state.set(str(state)),
        CartRecord.version.set(CartRecord.version + 1),
        CartRecord.revision.set(new_id("rev")),
        CartRecord.updated_at.set(call.now),
        CartRecord.expires_at.set(ends),
        collection,
        *actions,
        condition=condition,
        refused=refused,
    )


def _taking(taken: Mapping[str, int] | None) -> list[Action]:
    return [CartRecord.taken.set(dict(taken))] if taken else []


def _is_as_priced(cart: Cart) -> Condition:
    condition: Condition = (CartRecord.version == cart.version) & (CartRecord.state == str(CartState.OPEN))
    return condition


def _is_held_by(order_id: str) -> Condition:
    condition: Condition = (CartRecord.state == str(CartState.LOCKED)) & (CartRecord.order_id == order_id)
    return condition


def _not_as_priced(old: Record | None) -> CommerceError:
    if not isinstance(old, CartRecord):
        return CartNotFound()
    if old.state == CartState.LOCKED:
        return CartLocked(order_id=old.order_id or "")
    if old.state == CartState.ORDERED:
        return CartOrdered(order_id=old.order_id or "")
    return CartChanged()


def _not_held(old: Record | None) -> CommerceError:  # noqa: ARG001 - refusals are given the item, this one is the same for all.
    return CartNotHeld()
