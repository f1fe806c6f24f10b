"""What payment amounts say: status by precedence, what can be refunded, and refunds in any order of news."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.payments.model import (
    Payment,
    PaymentStatus,
    RefundState,
    RefundTooLarge,
    may_follow,
    moved,
)


def payment(**changes: Any) -> Payment:
    return Payment(
        order_id="ord_1", provider="stripe", due=1000, currency="USD", livemode=False, capture_method="automatic"
    ).model_copy(update=changes)


class TestStatus:
    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({}, PaymentStatus.PENDING),
            ({"canceled": True}, PaymentStatus.CANCELED),
            ({"processing": True, "canceled": True}, PaymentStatus.PROCESSING),
            ({"authorized": 1000}, PaymentStatus.AUTHORIZED),
            ({"captured": 400}, PaymentStatus.PARTIALLY_PAID),
            ({"captured": 1000}, PaymentStatus.PAID),
            ({"due": 0}, PaymentStatus.PAID),
            ({"captured": 1000, "refunded": 1}, PaymentStatus.PARTIALLY_REFUNDED),
            ({"captured": 1000, "refunded": 1000}, PaymentStatus.REFUNDED),
            ({"captured": 1000, "refunded": 1000, "disputed": 1}, PaymentStatus.DISPUTED),
            ({"captured": 1000, "disputed": 1000, "reviews_open": 1}, PaymentStatus.REVIEW),
        ],
    )
    def test_is_the_first_that_holds(self, changes: dict[str, Any], status: PaymentStatus) -> None:
        assert payment(**changes).status is status


class TestRefunds:
    def test_more_than_is_left_is_refused(self) -> None:
        left = payment(captured=1000, refunded=200, refund_pending=300, disputed=100)

        assert left.refundable == 400
        with pytest.raises(RefundTooLarge):
            left.with_refund_requested(401)

    @given(st.permutations([RefundState.PENDING, RefundState.SUCCEEDED, RefundState.FAILED]))
    def test_a_failure_is_final_in_whatever_order_the_news_come(self, news: list[RefundState]) -> None:
        state: RefundState = RefundState.REQUESTED
        now = payment(captured=1000).with_refund_requested(600)

        for after in news:
            if may_follow(state, after):
                now = moved(now, amount=600, before=state, after=after)
                state = after

        assert (state, now.refunded, now.refund_pending, now.refundable) == (RefundState.FAILED, 0, 0, 1000)

    @given(st.lists(st.sampled_from(list(RefundState)), max_size=8))
    def test_an_amount_is_in_one_place_at_most(self, news: list[RefundState]) -> None:
        state: RefundState | None = None
        now = payment(captured=1000)

        for after in news:
            if may_follow(state, after):
                now = moved(now, amount=600, before=state, after=after)
                state = after

            assert now.refunded + now.refund_pending in {0, 600}
            assert now.refundable in {400, 1000}
