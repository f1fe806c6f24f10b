"""The state of a cart."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.carts.errors import CartLocked, CartOrdered, LineNotFound, TooManyLines
from commerce.carts.model import KEPT, Cart, CartState, new_cart

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SKUS = st.sampled_from(["A", "B", "C", "D"])


def empty() -> Cart:
    return new_cart(cart_id="cart_1", currency="USD", now=NOW)


def full() -> Cart:
    cart = empty()
    for number in range(50):
        cart = cart.with_quantity(sku=f"SKU-{number}", quantity=1)
    return cart


class TestLines:
    @given(st.lists(st.tuples(SKUS, st.integers(0, 999)), max_size=30))
    def test_hold_what_was_said_last_and_no_sku_twice(self, changes: list[tuple[str, int]]):
        cart = empty()
        for sku, quantity in changes:
            cart = cart.with_quantity(sku=sku, quantity=quantity)

        wanted = {sku: quantity for sku, quantity in dict(changes).items() if quantity}
        assert {line.sku: line.quantity for line in cart.lines} == wanted
        assert len(cart.lines) == len(wanted)

    def test_keep_their_places(self):
        cart = empty().with_quantity(sku="A", quantity=1).with_quantity(sku="B", quantity=1)

        assert cart.with_quantity(sku="A", quantity=5).skus == ("A", "B")

    def test_are_fifty_at_most(self):
        cart = full()

        with pytest.raises(TooManyLines):
            cart.with_quantity(sku="ONE-MORE", quantity=1)

        assert len(cart.with_quantity(sku="SKU-7", quantity=9).lines) == 50
        assert cart.with_quantity(sku="ONE-MORE", quantity=0) == cart

    def test_are_missed_when_they_are_removed_twice(self):
        cart = empty().with_quantity(sku="A", quantity=1).without_line(sku="A")

        with pytest.raises(LineNotFound):
            cart.without_line(sku="A")


class TestState:
    def test_lets_an_open_cart_be_changed(self):
        empty().check_open()

    @pytest.mark.parametrize(("state", "refusal"), [(CartState.LOCKED, CartLocked), (CartState.ORDERED, CartOrdered)])
    def test_refuses_changes_and_names_the_order(self, state: CartState, refusal: type[CartLocked | CartOrdered]):
        cart = empty().model_copy(update={"state": state, "order_id": "ord_1"})

        with pytest.raises(refusal) as refused:
            cart.check_open()

        assert refused.value.extra == {"order_id": "ord_1"}

    def test_ends_thirty_days_after_the_last_change(self):
        cart = empty()
        later = NOW + timedelta(days=29)

        assert not cart.is_over(now=NOW + KEPT - timedelta(milliseconds=1))
        assert cart.is_over(now=NOW + KEPT)
        assert not cart.touched(now=later).is_over(now=later + timedelta(days=29))

    def test_does_not_end_while_a_checkout_holds_it(self):
        locked = empty().model_copy(update={"state": CartState.LOCKED, "order_id": "ord_1"})

        assert not locked.is_over(now=NOW + 3 * KEPT)
