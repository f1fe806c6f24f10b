"""Which price a cart's line bears, and why."""

from typing import Any

from tests.support.store import Store


def put_list(store: Store, list_id: str, **fields: Any) -> None:
    body = {"title": list_id.capitalize(), "currency": "USD", "kind": "override", **fields}
    answer = store.put(f"/v1/admin/price-lists/{list_id}", body)
    assert answer.status == 200, answer.body


def put_price(store: Store, list_id: str, sku: str, *tiers: tuple[int, int]) -> None:
    body = {
        "tiers": [{"min_quantity": least, "amount": {"amount": amount, "currency": "USD"}} for least, amount in tiers]
    }
    answer = store.put(f"/v1/admin/price-lists/{list_id}/prices/{sku}", body)
    assert answer.status == 200, answer.body


class TestPriceLists:
    def test_give_a_line_the_price_of_its_quantity(self, store: Store, shop: Any) -> None:
        put_list(store, "volume")
        put_price(store, "volume", "MUG", (1, 1100), (10, 900))

        few = store.get(f"/v1/carts/{shop.cart(MUG=2)}").body
        many = store.get(f"/v1/carts/{shop.cart(MUG=12)}").body

        assert (few["lines"][0]["unit_price"]["amount"], few["totals"]["subtotal"]["amount"]) == (1100, 2200)
        assert (many["lines"][0]["unit_price"]["amount"], many["totals"]["subtotal"]["amount"]) == (900, 10800)
        assert many["explanation"][0]["source"] == "list:volume/tier:10"

    def test_hold_where_the_goods_go(self, store: Store, shop: Any, address: dict[str, Any]) -> None:
        put_list(store, "norway", countries=["NO"])
        put_price(store, "norway", "MUG", (1, 1500))
        cart_id = shop.cart(MUG=1)

        before = store.get(f"/v1/carts/{cart_id}").body
        after = store.patch(f"/v1/carts/{cart_id}", {"shipping_address": address}).body

        assert before["lines"][0]["unit_price"]["amount"] == 1200
        assert before["explanation"][0]["tried"] == []
        assert after["lines"][0]["unit_price"]["amount"] == 1500
