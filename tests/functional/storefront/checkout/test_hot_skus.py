"""Buying a SKU whose level is split over shards: like any other, and its units come back to where they were."""

from typing import Any

import pytest

from commerce.inventory import ledger
from commerce.kernel import clock
from tests.support.calls import counted
from tests.support.shop import bought, check_out, filled_cart, level, open_shop, staff_order
from tests.support.store import Store

BUCKETS = ("available", "reserved", "committed", "dispatched")


def hot_shop(store: Store, *, stock: int, shards: int = 4, also: str | None = None) -> None:
    open_shop(store, "MUG-BLUE", *([also] if also else []), stock=stock)
    assert store.put("/v1/admin/stock/MUG-BLUE/shards", {"shards": shards}).status == 200


def stored(store: Store) -> dict[str, dict[str, int]]:
    """Return what each row of the mugs' level holds."""
    rows = [item for item in store.items("inventory") if item["pk"]["S"] == "sku#MUG-BLUE"]
    return {
        row["sk"]["S"].removeprefix("level#"): {
            name: int(row[name]["N"]) for name in BUCKETS if name in row and row[name]["N"] != "0"
        }
        for row in rows
        if row["sk"]["S"].startswith("level#")
    }


@pytest.fixture(autouse=True)
def _adds_up(paying_store: Store) -> Any:
    yield
    assert ledger.differences(with_history=False) == ()


class TestBuying:
    def test_takes_a_line_from_one_shard(self, paying_store: Store) -> None:
        hot_shop(paying_store, stock=20)

        checkout = check_out(paying_store, filled_cart(paying_store, {"MUG-BLUE": 3}))

        assert checkout.status == 201
        held = [row for row in stored(paying_store).values() if "reserved" in row]
        assert held == [{"available": 2, "reserved": 3}]
        assert (level(paying_store)["available"], level(paying_store)["reserved"]) == (17, 3)

    def test_takes_the_last_units_from_as_many_shards_as_hold_them(self, paying_store: Store) -> None:
        hot_shop(paying_store, stock=7)

        checkout = bought(paying_store, {"MUG-BLUE": 7})

        assert staff_order(paying_store, checkout)["status"] == "placed"
        assert sorted(row["committed"] for row in stored(paying_store).values()) == [1, 2, 2, 2]
        assert level(paying_store)["available"] == 0

    def test_refuses_more_than_all_shards_have_and_says_how_many_there_are(self, paying_store: Store) -> None:
        hot_shop(paying_store, stock=7)
        cart = filled_cart(paying_store, {"MUG-BLUE": 8})

        answer = check_out(paying_store, cart)

        assert [problem["code"] for problem in cart["problems"]] == ["carts.insufficient_stock"]
        assert (answer.status, answer.code) == (409, "inventory.insufficient_stock")

    def test_is_one_transaction_and_one_read_more(self, paying_store: Store) -> None:
        hot_shop(paying_store, stock=40, shards=16, also="LAMP")
        plain, hot = filled_cart(paying_store, {"LAMP": 1}), filled_cart(paying_store, {"MUG-BLUE": 1, "LAMP": 1})

        with counted(paying_store) as for_plain:
            paying_store.get(f"/v1/carts/{plain['id']}")
        with counted(paying_store) as for_hot:
            paying_store.get(f"/v1/carts/{hot['id']}")
        check_out(paying_store, plain)
        with counted(paying_store) as checked_out:
            check_out(paying_store, hot)

        assert (for_plain, for_hot) == ({"BatchGetItem": 2}, {"BatchGetItem": 3})
        assert checked_out["BatchGetItem"] == 3
        assert checked_out["TransactWriteItems"] == 2, "the order, and its payment intent's id"


class TestAfterwards:
    @pytest.fixture
    def checkout(self, paying_store: Store) -> dict[str, Any]:
        """An order of all seven mugs, out of four shards, not paid yet."""
        hot_shop(paying_store, stock=7)
        answer = check_out(paying_store, filled_cart(paying_store, {"MUG-BLUE": 7}))
        assert answer.status == 201, answer.body
        found: dict[str, Any] = answer.body
        return found

    def test_an_unpaid_order_gives_each_shard_its_own_back(self, paying_store: Store, checkout: dict[str, Any]) -> None:
        paying_store.tick(31 * 60)

        assert staff_order(paying_store, checkout)["status"] == "expired"
        assert sorted(row["available"] for row in stored(paying_store).values()) == [1, 2, 2, 2]

    def test_an_order_is_sent_in_parts_and_the_rest_is_canceled(
        self, paying_store: Store, checkout: dict[str, Any]
    ) -> None:
        paying_store.stripe.pay(checkout["payment"]["intent_id"])
        paying_store.drain()
        path = f"/v1/admin/orders/{checkout['order']['id']}"

        for _ in range(2):
            parcel = paying_store.post(f"{path}/fulfillments", {"lines": [{"sku": "MUG-BLUE", "quantity": 3}]})
            assert parcel.status == 201, parcel.body

        sent = paying_store.get(path).body["fulfillments"]
        assert [each["lines"] for each in sent] == [[{"sku": "MUG-BLUE", "location": "main", "quantity": 3}]] * 2
        assert (level(paying_store)["committed"], level(paying_store)["dispatched"]) == (1, 6)
        assert paying_store.post(f"{path}/fulfillments", {}).status == 201
        assert level(paying_store)["dispatched"] == 7

    def test_an_order_that_is_canceled_gives_back_what_was_not_sent(
        self, paying_store: Store, checkout: dict[str, Any]
    ) -> None:
        paying_store.stripe.pay(checkout["payment"]["intent_id"])
        paying_store.drain()
        path = f"/v1/admin/orders/{checkout['order']['id']}"

        assert paying_store.post(f"{path}/cancel", {"reason": "changed their mind"}).status == 200

        assert sorted(row["available"] for row in stored(paying_store).values()) == [1, 2, 2, 2]

    def test_an_order_outlives_its_shards(self, paying_store: Store, checkout: dict[str, Any]) -> None:
        paying_store.put("/v1/admin/stock/MUG-BLUE/shards", {"shards": 1})
        clock.set_offset(1)

        paying_store.tick(31 * 60)

        assert staff_order(paying_store, checkout)["status"] == "expired"
        assert stored(paying_store) == {"main": {"available": 7}, "main#1": {}, "main#2": {}, "main#3": {}}
        assert check_out(paying_store, filled_cart(paying_store, {"MUG-BLUE": 7})).status == 201
