"""The taxes of a sale after it was made: what Stripe Tax's reports hold of it, and how much of a refund is tax."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate, pairwise

from commerce.checkout.state import OrderState, load
from commerce.kernel.call import Call
from commerce.kernel.money import Money
from commerce.kernel.rounding import Rounding, rounded
from commerce.outbox.schemas import Envelope
from commerce.payments.model import LOST, Refund, RefundState
from commerce.taxes import recording

WHOLE_SALE = "canceled"
"""Names the reversal of a sale that was canceled before anything was paid."""


def follow_order(*, event: Envelope, call: Call) -> None:
    """Bring Stripe Tax's reports in line with an order, whichever of its events says so, however late or often.

    :raises NotRecorded: when Stripe does not answer; the event comes again.
    """
    recorded(load(event.data["order_id"]), call=call)


def recorded(state: OrderState, *, call: Call) -> None:
    """Record a sale that was placed, and take back what was refunded of it. Only what Stripe computed is recorded.

    :raises NotRecorded: when Stripe does not answer; call it again later.
    """
    order_id, calculation_id = state.order.id, state.details.tax_calculation_id
    if calculation_id is None or state.order.placed_at is None:
        return
    recording.recorded(order_id=order_id, calculation_id=calculation_id, now=call.now)
    for name, amount in _taken_back(state):
        recording.reversal_recorded(order_id=order_id, refund_id=name, amount=amount, now=call.now)


def tax_of(state: OrderState, refund: Refund) -> Money:
    """Return how much of a refund is tax; nothing of one that failed."""
    totals, refunds = state.order.totals, _in_order(state)
    parts = parts_of_tax(
        [each.amount.amount for each in refunds],
        total=totals.total.amount,
        tax=totals.tax.amount,
        mode=state.details.rounding_mode,
    )
    return state.payment.money(dict(zip((each.id for each in refunds), parts, strict=True)).get(refund.id, 0))


def _taken_back(state: OrderState) -> Iterator[tuple[str, Money | None]]:
    """Yield what went back: amounts with their tax, None for all of the sale. More than the sale never does."""
    left = total = state.order.totals.total.amount
    arrived = state.payment.captured + state.payment.by_cards
    if state.order.is_over and arrived == 0 and total:
        yield WHOLE_SALE, None
        return
    for refund in _in_order(state):
        amount = min(refund.amount.amount, left)
        if refund.state is RefundState.SUCCEEDED and amount:
            left -= amount
            yield refund.id, None if amount == total else state.payment.money(amount)


def parts_of_tax(amounts: Sequence[int], *, total: int, tax: int, mode: Rounding) -> list[int]:
    """Return how much of each refund is tax, in the order in which they were made.

    After each of them the taxes that went back are in proportion to what went back, rounded as the order was: whoever
    gets all of their money back gets all of the tax back, and no later refund changes what an earlier one said.
    """
    backs = [min(back, total) for back in accumulate(amounts, initial=0)]
    so_far = [rounded(Fraction(tax * back, total or 1), mode) for back in backs]
    return [after - before for before, after in pairwise(so_far)]


def _in_order(state: OrderState) -> list[Refund]:
    valid = (refund for refund in state.refunds if refund.state not in LOST)
    return sorted(valid, key=lambda refund: (refund.created_at, refund.id))
