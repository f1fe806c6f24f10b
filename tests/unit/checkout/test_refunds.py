"""Where refunds of one order go, in any sequence, whatever Stripe makes of its part."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from commerce.checkout import refunds
from commerce.checkout.state import OrderState
from commerce.giftcards.model import GiftCardKind
from commerce.giftcards.parts import CardPart
from commerce.kernel.call import system_call
from commerce.kernel.money import Money
from commerce.payments.model import Payment, PaymentStatus, RefundOrigin, RefundState, moved

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def usd(amount: int) -> Money:
    return Money(amount=amount, currency="USD")


def paid(captured: int, cards: list[int]) -> OrderState:
    """Return a paid order: so much by Stripe, and so much by each card."""
    parts = tuple(
        CardPart(id=f"gc_{number}", kind=GiftCardKind.GIFT_CARD, label=f"•••• {number}", amount=usd(amount))
        for number, amount in enumerate(cards)
    )
    payment = Payment(
        order_id="ord_1",
        provider="stripe",
        due=captured,
        currency="USD",
        livemode=False,
        capture_method="automatic",
        captured=captured,
        by_cards=sum(cards),
    )
    order: Any = SimpleNamespace(id="ord_1")
    details: Any = SimpleNamespace(gift_cards=parts)
    return OrderState(
        order=order,
        details=details,
        fulfillments=(),
        payment=payment,
        refunds=(),
        disputes=(),
    )


@given(
    captured=st.integers(0, 5000),
    cards=st.lists(st.integers(1, 2000), max_size=6),
    wanted=st.lists(st.tuples(st.integers(1, 4000), st.booleans()), max_size=12),
)
def test_any_sequence_gives_back_what_each_source_paid_and_no_more(
    captured: int, cards: list[int], wanted: list[tuple[int, bool]]
) -> None:
    """A refund whose part Stripe fails gives that part back to be refunded again; what cards got, they keep."""
    state, call = paid(captured, cards), system_call(worker="test", now=NOW)
    most = captured + sum(cards)
    for asked, fails in [*wanted, (most, False)]:
        amount = min(asked, state.payment.refundable)
        if not amount:
            break
        refund = refunds.new_refund(
            state,
            amount=usd(amount),
            reason="part",
            origin=RefundOrigin.STAFF,
            call=call,
            to_cards=refunds.split(state, usd(amount)),
        )
        assert refund.to_provider.amount + refund.sum_to_cards.amount == amount
        if refund.to_cards:
            assert refund.to_provider.amount == state.payment.refundable_at_provider
        state = refunds.with_refund_asked(state, refund)
        after = RefundState.FAILED if fails and refund.to_provider.amount else RefundState.SUCCEEDED
        payment = moved(state.payment, amount=refund.to_provider.amount, before=RefundState.REQUESTED, after=after)
        state = OrderState(
            order=state.order,
            details=state.details,
            fulfillments=(),
            payment=payment,
            refunds=(*state.refunds[:-1], refund.model_copy(update={"state": after})),
            disputes=(),
        )
        assert 0 <= payment.refunded <= captured
        back = {part.id: 0 for part in state.details.gift_cards}
        for part in (part for each in state.refunds for part in each.to_cards):
            back[part.id] += part.amount.amount
        assert all(back[part.id] <= part.amount.amount for part in state.details.gift_cards)
        assert sum(back.values()) == payment.returned_to_cards
    assert (state.payment.refunded, state.payment.returned_to_cards) == (captured, sum(cards))
    assert state.payment.status is (PaymentStatus.REFUNDED if most else PaymentStatus.PAID)
