"""An order and its money are two reads. What changes between them must not look like a state that never was."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from commerce.adapters.stripe_facts import IntentFacts
from commerce.carts import queries as cart_queries
from commerce.carts.model import Cart
from commerce.carts.priced import Terms
from commerce.checkout import begin, dispatching, leaving, settlement, staff_actions, state
from commerce.checkout.schemas import NewCheckout
from commerce.kernel import clock
from commerce.kernel.call import Call, system_call
from commerce.kernel.errors import StaleVersion
from commerce.orders.queries import WholeOrder, whole_order
from commerce.orders.staff_schemas import DispatchLine, NewCancellation, NewFulfillment
from tests.support.racing import staff_call
from tests.support.shop import bought, check_out, filled_cart, open_shop, staff_order
from tests.support.store import Store


def between_the_two(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let something happen once, after an order was read and before its money is."""
    waiting = [act]

    def reads(*, order_id: str) -> WholeOrder:
        whole = whole_order(order_id=order_id)
        while waiting:
            waiting.pop()()
        return whole

    monkeypatch.setattr(state, "whole_order", reads)


def settles(store: Store, intent_id: str, order_id: str) -> Callable[[], object]:
    """Return what Stripe's word of the money brings about."""
    facts = IntentFacts.model_validate(store.stripe.intent(intent_id))
    call = system_call(worker="test", now=clock.now())
    return lambda: settlement.settle(order_id=order_id, facts=facts, call=call)


def test_staff_cancel_an_order_that_becomes_paid_while_it_is_read(
    racing_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_shop(racing_store)
    checkout = check_out(racing_store, filled_cart(racing_store)).body
    order_id, intent_id = checkout["order"]["id"], checkout["payment"]["intent_id"]
    racing_store.stripe.pay(intent_id)
    between_the_two(monkeypatch, settles(racing_store, intent_id, order_id))

    answer = staff_actions.cancel_order(order_id=order_id, new=NewCancellation(), dry_run=False, call=staff_call())

    assert answer.order.status == "canceled"
    assert [refund["amount"] for refund in racing_store.stripe.listed("refunds")] == [4300]
    assert staff_order(racing_store, checkout)["status"] == "canceled"


def test_staff_do_not_cancel_another_version_than_they_saw(
    racing_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_shop(racing_store)
    checkout = bought(racing_store, {"MUG-BLUE": 2})
    order_id, seen = checkout["order"]["id"], staff_order(racing_store, checkout)["version"]
    parcel = NewFulfillment(lines=[DispatchLine(sku="MUG-BLUE", quantity=1)])

    def read_before_a_parcel_leaves(order_id: str) -> state.OrderState:
        read = state.load(order_id)
        dispatching.dispatch_order(order_id=order_id, new=parcel, dry_run=False, call=staff_call())
        return read

    monkeypatch.setattr(staff_actions, "load", read_before_a_parcel_leaves)

    with pytest.raises(StaleVersion):
        staff_actions.cancel_order(
            order_id=order_id,
            new=NewCancellation(),
            dry_run=False,
            call=replace(staff_call(), expected_version=seen),
        )

    order = staff_order(racing_store, checkout)
    assert (order["status"], order["fulfillment_status"]) == ("placed", "partial")


def test_a_shopper_who_orders_twice_is_not_told_that_her_own_order_used_the_promotion_up(
    racing_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_shop(racing_store)
    off = {"kind": "amount_off_order", "off": [{"amount": 300, "currency": "USD"}]}
    racing_store.put(
        "/v1/admin/promotions/sale",
        {"title": "Sale", "status": "active", "actions": [off], "limits": {"uses": 1}},
    )
    cart = filled_cart(racing_store)
    agreed = NewCheckout.model_validate({"expected_total": cart["totals"]["total"]})
    read = cart_queries.stored_cart
    waiting = [lambda: begin.begin_checkout(cart_id=cart["id"], agreed=agreed, call=staff_call())]

    def read_before_the_other_orders(*, cart_id: str, call: Call) -> tuple[Cart, Terms]:
        found = read(cart_id=cart_id, call=call)
        while waiting:
            waiting.pop()()
        return found

    monkeypatch.setattr(cart_queries, "stored_cart", read_before_the_other_orders)

    answer = begin.begin_checkout(cart_id=cart["id"], agreed=agreed, call=staff_call())

    assert answer.existed
    assert answer.order.totals.discount.amount == 300


def test_a_shopper_goes_back_from_an_order_that_becomes_paid_while_it_is_read(
    racing_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_shop(racing_store)
    cart = filled_cart(racing_store)
    checkout = check_out(racing_store, cart).body
    order_id, intent_id = checkout["order"]["id"], checkout["payment"]["intent_id"]
    racing_store.stripe.pay(intent_id)
    between_the_two(monkeypatch, settles(racing_store, intent_id, order_id))

    with pytest.raises(leaving.AlreadyPaid):
        leaving.leave_checkout(cart_id=cart["id"], call=staff_call())

    assert staff_order(racing_store, checkout)["status"] == "placed"
