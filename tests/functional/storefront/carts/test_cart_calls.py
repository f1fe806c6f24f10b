"""What carts cost in calls to DynamoDB: the same for 1, 10 and 50 lines."""

import pytest

from tests.support.calls import counted
from tests.support.store import Store


@pytest.fixture(params=[1, 10, 50])
def cart_id(request, store: Store, shop) -> str:
    """A cart with so many lines."""
    numbers = [str(place) for place in range(request.param)]
    product = {
        "title": "Many",
        "status": "active",
        "options": [{"name": "No", "values": numbers}],
        "variants": [
            {"sku": f"MANY-{number}", "options": {"No": number}, "prices": [{"amount": 100, "currency": "USD"}]}
            for number in numbers
        ],
    }
    assert store.post("/v1/admin/products", product).status == 201
    cart_id: str = shop.cart()
    for number in numbers:
        shop.puts(cart_id, f"MANY-{number}", 1)
    return cart_id


class TestCalls:
    def test_reads_a_cart_in_two_calls(self, store: Store, cart_id: str):
        with counted(store) as calls:
            store.get(f"/v1/carts/{cart_id}")

        assert calls == {"BatchGetItem": 2}

    def test_lists_shipping_methods_in_two_calls(self, store: Store, cart_id: str):
        with counted(store) as calls:
            store.get(f"/v1/carts/{cart_id}/shipping-methods")

        assert calls == {"BatchGetItem": 2}

    def test_changes_a_cart_in_three_calls(self, store: Store, cart_id: str):
        with counted(store) as calls:
            store.put(f"/v1/carts/{cart_id}/lines/MANY-0", {"quantity": 2})
            store.patch(f"/v1/carts/{cart_id}", {"email": "ann@example.com"})

        assert calls == {"BatchGetItem": 4, "PutItem": 2}

    def test_changes_a_cart_once_per_key_in_four_calls(self, store: Store, cart_id: str):
        with counted(store) as calls:
            store.put(f"/v1/carts/{cart_id}/lines/MANY-0", {"quantity": 2}, headers={"Idempotency-Key": "k"})

        assert calls == {"GetItem": 1, "BatchGetItem": 2, "TransactWriteItems": 1}


class TestFewerCalls:
    def test_starts_a_cart_in_one_call(self, store: Store):
        with counted(store) as calls:
            store.post("/v1/carts", {})

        assert calls == {"PutItem": 1}

    def test_reads_an_empty_cart_in_one_call(self, store: Store):
        cart_id = store.post("/v1/carts", {}).body["id"]

        with counted(store) as calls:
            store.get(f"/v1/carts/{cart_id}")

        assert calls == {"BatchGetItem": 1}

    def test_refuses_a_missing_cart_after_one_call(self, store: Store):
        with counted(store) as calls:
            store.put("/v1/carts/cart_aaaaaaaaaaaaaaaaaaaaaaaaaa/lines/TEE-S", {"quantity": 1})

        assert calls == {"BatchGetItem": 1}
