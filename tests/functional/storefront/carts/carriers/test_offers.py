"""Carriers' offers: what was chosen is what is charged."""

import json
from typing import Any

import pytest

from commerce.kernel import clock
from commerce.kernel.transactions import commit
from commerce.shipping import quoting
from tests.support.calls import counted
from tests.support.carrier_shop import (
    FALLBACK,
    HOME,
    MINUTE,
    OFFERED,
    carries,
    cart,
    choose,
    codes,
    listed,
    quotes,
    shown,
)
from tests.support.carriers import KEY, Provider, point, rate
from tests.support.shipping import money
from tests.support.store import Store


class TestList:
    def test_shows_the_carriers_offers_in_place_of_the_methods_own_rates(self, shop: Store, provider: Provider):
        items = listed(shop, cart(shop))

        assert shown(items) == OFFERED
        assert [item["kind"] for item in items] == ["carrier", "carrier", "delivery"]
        assert items[0]["parts"] == [{"source": "carrier", "title": "Ups Ground", "amount": money(750)}]
        assert items[0]["valid_until"] == clock.text(clock.from_epoch(clock.epoch(clock.now()) // 1800 * 1800 + 3600))
        assert provider.asked[0]["key"] == KEY

    def test_asks_once_for_all_shoppers_with_the_same_parcel(self, shop: Store, provider: Provider):
        first, second = listed(shop, cart(shop)), listed(shop, cart(shop, name="Bob", line1="2 Pier"))

        assert first == second
        assert len(provider.asked) == 1

    @pytest.mark.parametrize("other", [{"quantity": 2}, {"postal_code": "10001"}, {"country": "CA"}, {"city": "Waco"}])
    def test_asks_again_for_another_parcel(self, shop: Store, provider: Provider, other: dict[str, Any]):
        listed(shop, cart(shop))
        listed(shop, cart(shop, **other))

        assert len(provider.asked) == 2

    def test_asks_again_after_half_an_hour(self, shop: Store, provider: Provider):
        cart_id = cart(shop)
        listed(shop, cart_id)
        shop.tick(31 * MINUTE)
        provider.rates = [rate("ups_ground", 8.25)]

        assert shown(listed(shop, cart_id)) == [("Ups Ground", 825), ("Standard", 500)]

    def test_asks_nobody_before_there_is_an_address_or_anything_to_weigh(self, shop: Store, provider: Provider):
        cart_id = cart(shop)
        shop.patch(f"/v1/carts/{cart_id}", {"shipping_address": None})

        assert shown(listed(shop, cart_id)) == [("Standard", 500)]
        assert provider.asked == []

    def test_offers_the_services_that_the_shop_wants(self, shop: Store):
        carries(shop, carrier={"services": ["ups_air"]})

        assert shown(listed(shop, cart(shop))) == [("Ups Air", 1999), ("Standard", 500)]

    def test_adds_what_the_shop_adds(self, shop: Store):
        carries(shop, surcharges=[{"title": "Packing", "prices": [money(100)]}, {"title": "Fee", "basis_points": 1000}])

        [ground, *_] = listed(shop, cart(shop))

        assert [(part["title"], part["amount"]["amount"]) for part in ground["parts"]] == [
            ("Ups Ground", 750),
            ("Packing", 100),
            ("Fee", 75),
        ]

    def test_offers_nothing_where_no_carrier_goes(self, shop: Store, provider: Provider):
        provider.rates = []

        assert shown(listed(shop, cart(shop))) == [("Standard", 500)]

    def test_is_the_methods_own_rates_while_the_shop_asks_nobody(self, shop: Store, provider: Provider, monkeypatch):
        monkeypatch.setattr(quoting, "settings", lambda: type("Off", (), {"carrier_rates": "off"}))
        cart_id = cart(shop)

        assert shown(listed(shop, cart_id)) == FALLBACK
        assert choose(shop, cart_id, "ups").status == 200
        assert provider.asked == []

    def test_lets_a_shopper_choose_a_carriers_pickup_point(self, shop: Store, provider: Provider):
        provider.points = [point(2, metres=800.0), point(1, metres=90.5, services=("ups_ground",))]
        carries(shop, carrier={"to_points": True})
        cart_id = cart(shop)

        items = listed(shop, cart_id)
        chosen = choose(shop, cart_id, items[0]["id"])

        assert shown(items)[:3] == [
            ("Ups Ground: Kiosk 1, 1 Quay Street", 750),
            ("Ups Ground: Kiosk 2, 2 Quay Street", 750),
            ("Ups Air: Kiosk 2, 2 Quay Street", 1999),
        ]
        assert chosen.body["shipping_option"]["point"]["id"] == "P1"
        assert chosen.body["shipping_option"]["point"]["metres"] == 90


class TestRaces:
    def test_two_who_ask_at_once_are_offered_the_same(self, shop: Store, provider: Provider, monkeypatch):
        cart_id = cart(shop)
        seen: list[list[dict[str, Any]]] = []

        def overtaken(writes: Any) -> None:
            monkeypatch.setattr(quoting, "commit", commit)
            provider.rates = [rate("ups_ground", 9.99)]
            seen.append(listed(shop, cart_id))
            commit(writes)

        monkeypatch.setattr(quoting, "commit", overtaken)

        late = listed(shop, cart_id)

        assert late == seen[0]
        assert shown(late) == [("Ups Ground", 999), ("Standard", 500)]
        assert len(quotes(shop)) == 1


class TestChoice:
    def test_is_charged_as_it_was_offered_whatever_carriers_ask_since(self, shop: Store, provider: Provider):
        cart_id = cart(shop)
        [ground, *_] = listed(shop, cart_id)
        choose(shop, cart_id, ground["id"])
        shop.tick(16 * MINUTE)
        provider.rates = [rate("ups_ground", 99.0)]
        assert shown(listed(shop, cart_id))[0] == ("Ups Ground", 9900)

        body = shop.get(f"/v1/carts/{cart_id}").body
        order = shop.post(f"/v1/carts/{cart_id}/checkout", {"expected_total": body["totals"]["total"]})

        assert body["problems"] == []
        assert body["totals"]["shipping"] == money(750)
        assert (order.status, order.body["order"]["totals"]["shipping"]) == (201, money(750))
        assert order.body["order"]["shipping"] == {"id": ground["id"], "title": "Ups Ground", "price": money(750)}

    def test_lapses_and_the_cart_says_so_with_what_is_on_offer_now(self, shop: Store, provider: Provider):
        cart_id = cart(shop)
        [ground, *_] = listed(shop, cart_id)
        choose(shop, cart_id, ground["id"])
        shop.tick(46 * MINUTE)

        before = shop.get(f"/v1/carts/{cart_id}").body
        provider.rates = [rate("ups_ground", 8.25)]
        listed(shop, cart_id)
        after = shop.get(f"/v1/carts/{cart_id}").body
        refused = shop.post(f"/v1/carts/{cart_id}/checkout", {"expected_total": after["totals"]["total"]})

        [problem] = before["problems"]
        assert (problem["code"], problem["blocking"]) == ("carts.shipping_offer_lapsed", True)
        assert shown(problem["shipping_methods"]) == [("Standard", 500)]
        assert shown(after["problems"][0]["shipping_methods"]) == [("Ups Ground", 825), ("Standard", 500)]
        assert after["shipping_method"] == ground["id"]
        assert after["totals"]["shipping"] == money(0)
        assert (refused.status, refused.code) == (422, "checkout.cart_not_ready")

    @pytest.mark.parametrize(
        "change", [{"shipping_address": {**HOME, "postal_code": "10001"}}, {"currency": "EUR"}, {"quantity": 2}]
    )
    def test_lapses_when_the_parcel_becomes_another(self, shop: Store, change: dict[str, Any]):
        cart_id = cart(shop)
        [ground, *_] = listed(shop, cart_id)
        choose(shop, cart_id, ground["id"])

        if "quantity" in change:
            shop.put(f"/v1/carts/{cart_id}/lines/LAMP", change)
        else:
            shop.patch(f"/v1/carts/{cart_id}", change)

        assert codes(shop, cart_id) == ["carts.shipping_offer_lapsed"]

    def test_holds_again_when_the_parcel_is_what_it_was(self, shop: Store):
        cart_id = cart(shop)
        [ground, *_] = listed(shop, cart_id)
        choose(shop, cart_id, ground["id"])
        shop.put(f"/v1/carts/{cart_id}/lines/LAMP", {"quantity": 2})

        shop.put(f"/v1/carts/{cart_id}/lines/LAMP", {"quantity": 1})

        assert codes(shop, cart_id) == []

    def test_survives_changes_that_are_no_part_of_the_parcel(self, shop: Store):
        cart_id = cart(shop)
        [ground, *_] = listed(shop, cart_id)
        choose(shop, cart_id, ground["id"])

        shop.patch(f"/v1/carts/{cart_id}", {"email": "bob@example.com", "shipping_address": {**HOME, "name": "Bob"}})

        assert codes(shop, cart_id) == []

    def test_goes_with_its_method(self, shop: Store):
        cart_id = cart(shop)
        [ground, *_] = listed(shop, cart_id)
        choose(shop, cart_id, ground["id"])
        shop.delete("/v1/admin/shipping-methods/ups")

        assert codes(shop, cart_id) == ["carts.shipping_offer_lapsed"]

    def test_may_be_made_until_the_offer_runs_out(self, shop: Store, provider: Provider):
        cart_id = cart(shop)
        [ground, *_] = listed(shop, cart_id)
        provider.rates = [rate("ups_ground", 99.0)]

        shop.tick(44 * MINUTE)
        late = choose(shop, cart_id, ground["id"])
        shop.tick(2 * MINUTE)
        too_late = choose(shop, cart_id, ground["id"])

        assert (late.status, late.body["totals"]["shipping"]) == (200, money(750))
        assert (too_late.status, too_late.code) == (422, "carts.shipping_method_unavailable")

    def test_cannot_be_made_of_what_was_offered_for_another_parcel(self, shop: Store):
        [cheap, *_] = listed(shop, cart(shop))
        other = cart(shop, quantity=9)
        listed(shop, other)

        assert choose(shop, other, cheap["id"]).status == 422

    @pytest.mark.parametrize("made_up", ["offer-0", "offer-aaaaaaaaaaaaaaaaaaaaaaaa-1-0", "x" * 80])
    def test_cannot_be_made_up(self, shop: Store, made_up: str):
        cart_id = cart(shop)
        listed(shop, cart_id)

        assert choose(shop, cart_id, made_up).status == 422

    def test_is_forgotten_with_another_one(self, shop: Store):
        cart_id = cart(shop)
        [ground, *_] = listed(shop, cart_id)
        choose(shop, cart_id, ground["id"])
        choose(shop, cart_id, "standard")
        shop.tick(60 * MINUTE)

        assert codes(shop, cart_id) == []
        assert choose(shop, cart_id, None).body["shipping_method"] is None
        assert codes(shop, cart_id) == ["carts.shipping_method_missing"]


class TestCalls:
    def test_to_list_offers_are_one_read_more_and_one_write(self, shop: Store):
        cart_id = cart(shop)

        with counted(shop) as first:
            listed(shop, cart_id)
        with counted(shop) as second:
            listed(shop, cart_id)

        assert first == {"BatchGetItem": 3, "PutItem": 1}
        assert second == {"BatchGetItem": 3}

    def test_to_choose_one_are_one_read_more(self, shop: Store):
        cart_id = cart(shop)
        [ground, *_] = listed(shop, cart_id)

        with counted(shop) as chosen:
            choose(shop, cart_id, ground["id"])

        assert chosen == {"BatchGetItem": 3, "PutItem": 1}

    def test_to_read_a_cart_that_chose_one_are_as_ever(self, shop: Store):
        cart_id = cart(shop)
        [ground, *_] = listed(shop, cart_id)
        choose(shop, cart_id, ground["id"])

        with counted(shop) as read:
            shop.get(f"/v1/carts/{cart_id}")

        assert read == {"BatchGetItem": 2}

    def test_keep_offers_no_longer_than_they_are_needed(self, shop: Store):
        listed(shop, cart(shop))

        [quote] = quotes(shop)

        assert int(quote["expires_ttl"]["N"]) == clock.epoch(clock.now()) // 1800 * 1800 + 3600
        assert "Austin" not in json.dumps(quote)
