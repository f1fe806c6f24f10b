"""What a checkout does to a cart, and what the cart then answers."""

from typing import Any

import pytest

from commerce.carts import holding, queries
from commerce.carts.errors import CartChanged, CartLocked, CartNotFound, CartNotHeld, CartOrdered
from commerce.carts.model import Cart
from commerce.kernel import clock
from commerce.kernel.call import Call, system_call
from commerce.kernel.transactions import commit
from tests.support.store import Store

DAY = 24 * 60 * 60


def call() -> Call:
    return system_call(worker="test", now=clock.now())


def read(cart_id: str) -> Cart:
    return queries.priced_cart(cart_id=cart_id, call=call()).cart


def lock(cart: Cart, order_id: str = "ord_1") -> None:
    commit([holding.lock(cart=cart, order_id=order_id, hold_seconds=1800, call=call())])


def unlock(cart_id: str, order_id: str = "ord_1") -> None:
    commit([holding.unlock(cart_id=cart_id, order_id=order_id, call=call())])


def complete(cart_id: str, order_id: str = "ord_1") -> None:
    commit([holding.complete(cart_id=cart_id, order_id=order_id, call=call())])


def changes(store: Store, cart_id: str) -> list[Any]:
    return [
        store.put(f"/v1/carts/{cart_id}/lines/TEE-S", {"quantity": 1}),
        store.delete(f"/v1/carts/{cart_id}/lines/TEE-S"),
        store.patch(f"/v1/carts/{cart_id}", {"email": "bo@example.com"}),
    ]


class TestLock:
    def test_keeps_the_cart_readable_and_refuses_changes(self, store: Store, shop):
        cart_id = shop.ready_cart(TEE_S=2)
        lock(read(cart_id))

        answers = changes(store, cart_id)

        body = store.get(f"/v1/carts/{cart_id}").body
        assert (body["state"], body["order_id"], body["version"]) == ("locked", "ord_1", 4)
        assert [(answer.status, answer.code) for answer in answers] == [(409, "carts.locked")] * 3
        assert answers[0].body["order_id"] == "ord_1"
        assert "/checkout" in answers[0].body["detail"]

    def test_shows_no_problem_when_the_order_took_the_last_pieces(self, store: Store, shop):
        cart_id = shop.ready_cart(TEE_S=5)
        lock(read(cart_id))
        level = {"available": 0, "expected_available": 5, "reason": "counted"}
        store.put("/v1/admin/stock/TEE-S/levels/main", level)

        assert store.get(f"/v1/carts/{cart_id}").body["problems"] == []

    def test_is_refused_when_the_cart_changed_since_it_was_priced(self, store: Store, shop):
        cart_id = shop.ready_cart(TEE_S=2)
        seen = read(cart_id)
        shop.puts(cart_id, "TEE-S", 1)

        with pytest.raises(CartChanged):
            lock(seen)

        assert read(cart_id).state == "open"

    def test_is_refused_while_another_order_holds_the_cart(self, store: Store, shop):
        seen = read(shop.ready_cart(TEE_S=2))
        lock(seen)

        with pytest.raises(CartLocked) as refusal:
            lock(seen, "ord_2")

        assert refusal.value.order_id == "ord_1"

    def test_is_refused_once_the_cart_was_ordered(self, store: Store, shop):
        seen = read(shop.ready_cart(TEE_S=2))
        lock(seen)
        complete(seen.id)

        with pytest.raises(CartOrdered) as refusal:
            lock(seen, "ord_2")

        assert refusal.value.order_id == "ord_1"

    def test_is_refused_when_the_cart_is_gone(self, store: Store, shop):
        seen = read(shop.ready_cart(TEE_S=2))
        store.dynamodb.delete_item(TableName="test-carts", Key={"pk": {"S": f"cart#{seen.id}"}, "sk": {"S": "cart"}})

        with pytest.raises(CartNotFound):
            lock(seen)

        assert store.items("carts") == []

    def test_is_never_collected_nor_expired(self, store: Store, shop):
        cart_id = shop.ready_cart(TEE_S=2)
        lock(read(cart_id))

        clock.set_offset(90 * DAY)

        assert "expires_ttl" not in store.items("carts")[0]
        assert store.get(f"/v1/carts/{cart_id}").status == 200


class TestUnlock:
    def test_gives_the_cart_back_as_it_was(self, store: Store, shop):
        cart_id = shop.ready_cart(TEE_S=2)
        before = store.get(f"/v1/carts/{cart_id}").body
        lock(read(cart_id))

        unlock(cart_id)

        after = store.get(f"/v1/carts/{cart_id}").body
        moving = {"version", "updated_at", "expires_at"}
        assert {name: value for name, value in after.items() if name not in moving} == {
            name: value for name, value in before.items() if name not in moving
        }
        assert after["version"] == before["version"] + 2
        assert shop.puts(cart_id, "TEE-S", 1).status == 200
        assert "expires_ttl" in store.items("carts")[0]

    def test_counts_the_time_that_all_checkouts_held_stock(self, store: Store, shop):
        cart_id = shop.ready_cart(TEE_S=2)

        for order_id in ("ord_1", "ord_2"):
            lock(read(cart_id), order_id)
            unlock(cart_id, order_id)

        assert read(cart_id).hold_used_seconds == 3600

    @pytest.mark.parametrize("order_id", ["ord_2", "ord_1"])
    def test_is_refused_for_an_order_that_does_not_hold_the_cart(self, store: Store, shop, order_id: str):
        cart_id = shop.ready_cart(TEE_S=2)
        lock(read(cart_id))
        if order_id == "ord_1":
            unlock(cart_id)

        with pytest.raises(CartNotHeld):
            unlock(cart_id, order_id)


class TestComplete:
    def test_closes_the_cart_for_good(self, store: Store, shop):
        cart_id = shop.ready_cart(TEE_S=2)
        lock(read(cart_id))

        complete(cart_id)

        body = store.get(f"/v1/carts/{cart_id}").body
        assert (body["state"], body["order_id"]) == ("ordered", "ord_1")
        assert [(answer.status, answer.code) for answer in changes(store, cart_id)] == [(409, "carts.ordered")] * 3
        with pytest.raises(CartNotHeld):
            unlock(cart_id)

    def test_is_refused_for_an_order_that_does_not_hold_the_cart(self, store: Store, shop):
        cart_id = shop.ready_cart(TEE_S=2)
        lock(read(cart_id))

        with pytest.raises(CartNotHeld):
            complete(cart_id, "ord_2")

        assert read(cart_id).state == "locked"

    def test_can_come_at_once_when_nothing_is_due(self, store: Store, shop):
        seen = read(shop.ready_cart(TEE_S=2))

        commit([holding.order_at_once(cart=seen, order_id="ord_1", call=call())])

        assert read(seen.id).state == "ordered"
        with pytest.raises(CartOrdered):
            commit([holding.order_at_once(cart=seen, order_id="ord_2", call=call())])
