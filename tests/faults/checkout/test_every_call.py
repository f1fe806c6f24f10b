"""A fault at every call of the main line: whatever dies where, no unit and no cent is lost or counted twice."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from commerce.inventory import ledger
from tests.support.faulty import MODES, Crash, Mode, fault
from tests.support.shop import bought, check_out, filled_cart, level, open_shop
from tests.support.store import Answer, Store

MOST_CALLS = 14
"""More than any of the steps makes; the first that a fault does not strike ends the row."""

UNITS = 60


def ordered(store: Store, cart: dict[str, Any]) -> Answer:
    return check_out(store, cart, headers={"Idempotency-Key": f"order-{cart['id']}"})


def through(store: Store, at: int, mode: Mode, step: Callable[[], Any]) -> bool:
    """Run a step with a fault in it; tell whether the fault struck."""
    with fault(at, mode) as found, suppress(Crash):
        step()
    return found.struck


def settle_down(store: Store) -> None:
    """Let everything that runs by itself run: queues, two sweeps, and the hold's end."""
    store.drain()
    store.tick(31 * 60)
    store.tick(5 * 60)


def check(store: Store) -> None:
    """Check what is promised: stock, money, holds and limits."""
    stock = level(store)
    assert stock["received"] == UNITS
    assert stock["reserved"] == 0, "no hold outlives its end"
    assert stock["available"] + stock["sold"] == UNITS
    assert list(ledger.differences()) == []
    orders = [_document(item) for item in store.items("orders") if item["sk"]["S"] == "order"]
    intents = store.stripe.listed("payment_intents")
    for order in orders:
        own = [intent for intent in intents if intent["metadata"]["order_id"] == order["id"]]
        live = [intent for intent in own if intent["status"] != "canceled"]
        assert len(live) <= 1, "one live payment intent per order"
        refunded = sum(
            refund["amount"]
            for refund in store.stripe.listed("refunds")
            if refund["payment_intent"] in {intent["id"] for intent in own} and refund["status"] == "succeeded"
        )
        received = sum(intent["amount_received"] for intent in own)
        if order["status"] == "placed":
            assert received == 4300
        else:
            assert order["status"] in {"expired", "canceled"}
            assert received == refunded, "money without an order goes back"
        shown = store.get(f"/v1/admin/orders/{order['id']}").body
        assert shown["payment"]["captured"]["amount"] == received
        assert shown["payment"]["refunded"]["amount"] == refunded
        sequences = [entry["sequence"] for entry in shown["timeline"]]
        assert sequences == list(range(1, len(sequences) + 1)), "no event is lost or told twice"
    assert stock["sold"] == 2 * sum(order["status"] == "placed" for order in orders)
    for intent in intents:
        assert intent["metadata"]["order_id"] in {order["id"] for order in orders}
    assert {_count(item) for item in store.items("checkouts")} <= {0}, "no place among open checkouts is lost"
    carts = {item["pk"]["S"]: item["state"]["S"] for item in store.items("carts")}
    assert "locked" not in carts.values(), carts


def _document(item: dict[str, Any]) -> dict[str, Any]:
    return {"id": item["pk"]["S"], "status": item["document"]["M"]["status"]["S"]}


def _count(item: dict[str, Any]) -> int:
    return int(item["open_count"]["N"])


class TestCheckout:
    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize("shopper", ["retries and pays", "retries and leaves", "gives up"])
    def test_survives_a_fault_at_every_call(self, racing_store: Store, mode: Mode, shopper: str) -> None:
        open_shop(racing_store, stock=UNITS)
        struck = 0

        for at in range(1, MOST_CALLS):
            cart = filled_cart(racing_store, email=f"s{at}@example.com")
            if not through(racing_store, at, mode, partial(ordered, racing_store, cart)):
                break
            struck += 1
            if shopper != "gives up":
                answer = ordered(racing_store, cart)
                if answer.status == 409:
                    racing_store.tick(30)
                    answer = ordered(racing_store, cart)
                assert answer.status in {200, 201}, answer.body
                if shopper == "retries and pays":
                    racing_store.stripe.pay(answer.body["payment"]["intent_id"])
            settle_down(racing_store)
            check(racing_store)

        assert struck >= 6, "a checkout makes six calls at least"


class TestSettlement:
    @pytest.mark.parametrize("mode", MODES)
    def test_survives_a_fault_at_every_call(self, racing_store: Store, mode: Mode) -> None:
        open_shop(racing_store, stock=UNITS)

        for at in range(1, 5):
            checkout = check_out(racing_store, filled_cart(racing_store, email=f"s{at}@example.com")).body
            racing_store.stripe.pay(checkout["payment"]["intent_id"])
            through(racing_store, at, mode, racing_store.drain)
            settle_down(racing_store)
            check(racing_store)


class TestRefund:
    @pytest.mark.parametrize("mode", MODES)
    def test_survives_a_fault_at_every_call(self, racing_store: Store, mode: Mode) -> None:
        open_shop(racing_store, stock=UNITS)
        checkout = bought(racing_store)
        path = f"/v1/admin/orders/{checkout['order']['id']}/refunds"
        body = {"amount": {"amount": 100, "currency": "USD"}, "reason": "scratched"}

        for at in range(1, MOST_CALLS):
            key = {"Idempotency-Key": f"refund-{at}"}
            struck = through(racing_store, at, mode, partial(racing_store.post, path, body, headers=key))
            racing_store.stripe.new_events()  # The webhook is lost; the sweeper has to find out by itself.
            settle_down(racing_store)
            again = racing_store.post(path, body, headers=key)
            assert again.status == 201, again.body
            settle_down(racing_store)

            refunds = racing_store.stripe.listed("refunds")
            assert [refund["amount"] for refund in refunds] == [100] * at
            check(racing_store)
            if not struck:
                break


class TestSweep:
    @pytest.mark.parametrize("mode", MODES)
    def test_survives_a_fault_at_every_call(self, racing_store: Store, mode: Mode) -> None:
        open_shop(racing_store, stock=UNITS)

        for at in range(1, 22):
            check_out(racing_store, filled_cart(racing_store, email=f"s{at}@example.com"))
            struck = through(racing_store, at, mode, partial(_swept, racing_store))
            settle_down(racing_store)
            check(racing_store)
            if not struck:
                break


def _swept(store: Store) -> None:
    try:
        store.tick(31 * 60)
    except RuntimeError:
        store.drain()
