"""What closed orders give back of promotions, and how a customer's orders are counted: writes for transactions."""

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from commerce.kernel.call import Call
from commerce.kernel.errors import CommerceError
from commerce.kernel.records import Record
from commerce.kernel.transactions import Write, update
from commerce.promotions.errors import Overtaken
from commerce.promotions.records import (
    CodeRecord,
    CustomerRecord,
    LimitRecord,
    OrdersRecord,
    budget_left,
    code_row,
    customer_row,
    limit_row,
    orders_row,
)
from commerce.promotions.uses import Use, Uses


def given_back(*, uses: Uses, was_placed: bool, call: Call) -> list[Write]:
    """Return the writes that give back what an order used up: in the transaction that closes it, and so once.

    :param was_placed: it was placed, and so counts among the customer's orders.
    """
    writes: list[Write] = []
    for use in uses.uses:
        writes += _given_back(use, uses)
    if uses.is_first_order or was_placed:
        writes.append(counted(uses.customer, -1, call))
    return writes


def ordered(*, uses: Uses, call: Call) -> list[Write]:
    """Return the write that counts a customer's order, for the transaction that places it.

    None for an order that is counted since its checkout, as something was taken off for a first order.
    """
    return [] if uses.is_first_order else [counted(uses.customer, 1, call)]


def _given_back(use: Use, uses: Uses) -> list[Write]:
    writes: list[Write] = []
    if use.shard is not None:
        actions: list[Action] = [LimitRecord.uses_left.add(1)] if use.counted else []
        if use.amount is not None:
            left = budget_left(uses.currency)
            actions.append(left.set(left + use.amount))
        writes.append(update(limit_row(use.promotion_id, use.shard), *actions))
    if use.by_customer:
        writes.append(update(customer_row(uses.customer, use.promotion_id), CustomerRecord.uses.add(-1)))
    if use.code is not None and use.code_is is not None:
        free = CodeRecord.used_by.remove() if use.code_is == "once" else CodeRecord.uses_left.add(1)
        writes.append(update(code_row(use.code), free))
    return writes


def counted(customer: str, change: int, call: Call, *, condition: Condition | None = None) -> Write:
    """Return the write that counts an order of a customer.

    It is counted and not marked: of two orders of one customer one may end while the other one is placed.
    """
    actions: list[Action] = [OrdersRecord.orders.add(change), OrdersRecord.changed_at.set(call.now)]
    return update(orders_row(customer), *actions, condition=condition, refused=overtaken)


def overtaken(_: Record | None) -> CommerceError:
    """Refuse a write because others were faster."""
    return Overtaken()
