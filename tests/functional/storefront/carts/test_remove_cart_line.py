"""DELETE /v1/carts/{cart_id}/lines/{sku}."""

from tests.support.store import Store


class TestRemoveCartLine:
    def test_answers_the_cart_without_the_line(self, store: Store, shop):
        cart_id = shop.cart(TEE_S=1, MUG=2)

        answer = store.delete(f"/v1/carts/{cart_id}/lines/TEE-S")

        assert answer.status == 200
        assert [line["sku"] for line in answer.body["lines"]] == ["MUG"]
        assert answer.body["totals"]["subtotal"]["amount"] == 2400
        assert answer.body == store.get(f"/v1/carts/{cart_id}").body

    def test_removes_what_is_not_sold_any_more(self, store: Store, shop):
        product_id = shop.sells("BAG", {"amount": 4000, "currency": "USD"})
        cart_id = shop.cart(BAG=1)
        shop.changes(product_id, status="archived")

        answer = store.delete(f"/v1/carts/{cart_id}/lines/BAG")

        assert answer.body["lines"] == []

    def test_does_not_find_a_line_that_is_not_there(self, store: Store, shop):
        cart_id = shop.cart(MUG=1)

        answer = store.delete(f"/v1/carts/{cart_id}/lines/TEE-S")

        assert (answer.status, answer.code) == (404, "carts.line_not_found")
        assert store.get(f"/v1/carts/{cart_id}").body["version"] == 2

    def test_does_not_find_another_cart(self, store: Store, shop):
        answer = store.delete("/v1/carts/cart_aaaaaaaaaaaaaaaaaaaaaaaaaa/lines/TEE-S")

        assert (answer.status, answer.code) == (404, "carts.not_found")

    def test_answers_the_same_to_a_repeated_key(self, store: Store, shop):
        path, headers = f"/v1/carts/{shop.cart(TEE_S=1)}/lines/TEE-S", {"Idempotency-Key": "gone-1"}

        first = store.delete(path, headers=headers)
        second = store.delete(path, headers=headers)

        assert (first.status, second.status) == (200, 200)
        assert second.body == first.body
