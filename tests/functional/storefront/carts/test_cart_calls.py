"""What carts cost in calls to DynamoDB: the same for 1, 10 and 50 lines."""

import pytest

from tests.support.calls import counted
from tests.support.promotions import LIMITS, promote
from tests.support.store import Store


class TestCalls:
    @pytest.mark.parametrize("count", [1, 10, 50])
    def test_are_as_many_however_long_the_cart_is(self, store: Store, shop, count: int):
        path = f"/v1/carts/{shop.many(count, amount=100)}"

        with counted(store) as read:
            store.get(path)
        with counted(store) as listed:
            store.get(f"{path}/shipping-methods")
        with counted(store) as line_set:
            store.put(f"{path}/lines/MANY-0", {"quantity": 2})
        with counted(store) as changed:
            store.patch(path, {"email": "ann@example.com"})
        with counted(store) as line_set_once:
            store.put(f"{path}/lines/MANY-0", {"quantity": 3}, headers={"Idempotency-Key": "k"})
        with counted(store) as line_removed:
            store.delete(f"{path}/lines/MANY-0")

        assert read == listed == {"BatchGetItem": 2}
        assert line_set == changed == {"BatchGetItem": 2, "PutItem": 1}
        assert line_set_once == {"GetItem": 1, "BatchGetItem": 2, "TransactWriteItems": 1}
        assert line_removed == {"BatchGetItem": 2 if count > 1 else 1, "PutItem": 1}

    @pytest.mark.parametrize(("count", "calls"), [(1, 2), (10, 2), (50, 3)])
    def test_are_as_many_with_codes_and_limits_until_a_read_is_full(self, store: Store, shop, count: int, calls: int):
        path = f"/v1/carts/{shop.many(count, amount=1000)}"
        store.patch(path, {"email": "ann@example.com"})
        promote(store, "all", limits=LIMITS)
        for number in range(5):
            promote(store, f"coded-{number}", code=f"CODE{number}", limits=LIMITS)
            added = store.post(f"{path}/codes", {"code": f"CODE{number}"})
            assert added.status == 200, added.body

        with counted(store) as read:
            cart = store.get(path).body
        with counted(store) as line_set:
            store.put(f"{path}/lines/MANY-0", {"quantity": 2})

        assert [tried["applied"] for tried in cart["promotions"]] == [True] * 6
        assert read == {"BatchGetItem": calls}
        assert line_set == {"BatchGetItem": calls, "PutItem": 1}

    def test_are_fewer_while_there_is_nothing_to_price(self, store: Store):
        with counted(store) as started:
            cart_id = store.post("/v1/carts", {}).body["id"]
        with counted(store) as read:
            store.get(f"/v1/carts/{cart_id}")
        with counted(store) as refused:
            store.put("/v1/carts/cart_aaaaaaaaaaaaaaaaaaaaaaaaaa/lines/TEE-S", {"quantity": 1})

        assert started == {"PutItem": 1}
        assert read == {"BatchGetItem": 1}
        assert refused == {"BatchGetItem": 1}
