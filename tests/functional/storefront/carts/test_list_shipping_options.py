"""GET /v1/carts/{cart_id}/shipping-methods."""

from tests.support.shipping import flat, money
from tests.support.store import Store


class TestListShippingOptions:
    def test_prices_the_methods_for_the_cart_in_the_shops_order(self, store: Store, shop):
        shop.ships("express", money(1500), position=1)
        shop.ships("pickup", money(0), position=1)
        shop.ships("first", money(900), position=0)
        cart_id = shop.cart(TEE_S=3)

        answer = store.get(f"/v1/carts/{cart_id}/shipping-methods")

        assert answer.status == 200
        assert answer.body == {
            "items": [
                flat("first", 900),
                flat("standard", 500, free=True),
                flat("express", 1500),
                flat("pickup", 0),
            ],
            "next_cursor": None,
        }

    def test_lists_what_serves_the_country_in_the_currency(self, store: Store, shop, address):
        shop.ships("nordic", money(700), countries=["NO", "SE"])
        shop.ships("german", money(700), countries=["DE"])
        shop.ships("euros", money(700, "EUR"))
        shop.ships("paused", money(700), active=False)
        cart_id = shop.cart(TEE_S=1)

        before = store.get(f"/v1/carts/{cart_id}/shipping-methods").body
        store.patch(f"/v1/carts/{cart_id}", {"shipping_address": address})
        after = store.get(f"/v1/carts/{cart_id}/shipping-methods").body

        assert [option["id"] for option in before["items"]] == ["german", "nordic", "standard"]
        assert [option["id"] for option in after["items"]] == ["nordic", "standard"]

    def test_is_empty_when_nothing_is_sent(self, store: Store, shop):
        shop.sells("EBOOK", money(900), requires_shipping=False)

        answer = store.get(f"/v1/carts/{shop.cart(EBOOK=1)}/shipping-methods")

        assert answer.body["items"] == []

    def test_is_empty_in_a_shop_without_methods(self, store: Store):
        cart_id = store.post("/v1/carts", {}).body["id"]

        answer = store.get(f"/v1/carts/{cart_id}/shipping-methods")

        assert answer.body == {"items": [], "next_cursor": None}

    def test_does_not_find_another_cart(self, store: Store):
        answer = store.get("/v1/carts/cart_aaaaaaaaaaaaaaaaaaaaaaaaaa/shipping-methods")

        assert (answer.status, answer.code) == (404, "carts.not_found")
