"""Orders: where a status may lead, and which units go into a parcel."""

import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.kernel.money import Money
from commerce.orders.model import (
    MAY_BECOME,
    Allocated,
    Dispatched,
    Fulfillment,
    NotAllowedNow,
    NothingToDispatch,
    Order,
    OrderDetails,
    OrderStatus,
    picked,
    remaining,
    sent,
)
from commerce.payments.model import PaymentStatus
from commerce.pricing.model import Totals

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ZERO = Money(amount=0, currency="USD")
TERMINAL = {OrderStatus.EXPIRED, OrderStatus.CANCELED}


def order(status: OrderStatus) -> Order:
    totals = Totals(
        subtotal=ZERO,
        discount=ZERO,
        shipping=ZERO,
        tax=ZERO,
        total=ZERO,
        gift_cards=ZERO,
        credit=ZERO,
        due=ZERO,
        prices_include_tax=True,
    )
    return Order(
        id="ord_1",
        number="1001",
        cart_id="cart_1",
        status=status,
        payment_status=PaymentStatus.PENDING,
        email="ada@example.com",
        totals=totals,
        item_count=1,
        created_at=NOW,
        hold_expires_at=NOW,
    )


class TestStatus:
    @pytest.mark.parametrize(("before", "after"), list(itertools.product(OrderStatus, OrderStatus)))
    def test_moves_only_forward(self, before: OrderStatus, after: OrderStatus) -> None:
        if after in MAY_BECOME[before]:
            assert order(before).became(after, now=NOW).status is after
        else:
            with pytest.raises(NotAllowedNow):
                order(before).became(after, now=NOW)

    def test_nothing_leaves_a_terminal_state(self) -> None:
        assert all(not MAY_BECOME[status] for status in TERMINAL)


def details(*allocations: Allocated) -> OrderDetails:
    return OrderDetails(
        lines=(),
        allocations=allocations,
        shipping=None,
        shipping_address=None,
        billing_address=None,
        explanation=[],
        pricing_hash="",
    )


def parcel(lines: tuple[Dispatched, ...]) -> Fulfillment:
    return Fulfillment(id="ful_1", lines=lines, carrier=None, tracking_number=None, dispatched_at=NOW, by="staff")


class TestParcels:
    @given(stock=st.lists(st.integers(1, 9), min_size=1, max_size=4), asked=st.lists(st.integers(1, 5), max_size=12))
    def test_never_hold_more_than_was_ordered(self, stock: list[int], asked: list[int]) -> None:
        agreed = details(
            *(
                Allocated(sku="TEE", location=f"place-{number}", quantity=quantity)
                for number, quantity in enumerate(stock)
            )
        )
        parcels: list[Fulfillment] = []

        for quantity in asked:
            left = remaining(agreed, parcels)
            if quantity > sum(part.quantity for part in left):
                with pytest.raises(NothingToDispatch):
                    picked(left=left, wanted={"TEE": quantity})
            else:
                parcels.append(parcel(sent(picked(left=left, wanted={"TEE": quantity}))))

        dispatched = sum(line.quantity for each in parcels for line in each.lines)
        assert dispatched + sum(part.quantity for part in remaining(agreed, parcels)) == sum(stock)

    def test_without_a_wish_everything_goes(self) -> None:
        left = [Allocated(sku="TEE", location="a", quantity=1), Allocated(sku="TEE", location="b", quantity=2)]

        assert [(line.location, line.quantity) for line in picked(left=left, wanted=None)] == [("a", 1), ("b", 2)]

    def test_another_sku_is_refused_by_name(self) -> None:
        with pytest.raises(NothingToDispatch) as refused:
            picked(left=[Allocated(sku="TEE", location="a", quantity=1)], wanted={"MUG": 1})

        assert refused.value.errors[0].param == "lines.MUG.quantity"
