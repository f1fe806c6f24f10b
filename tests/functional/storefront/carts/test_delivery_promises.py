"""What a cart is promised, and what becomes of it when the day goes by."""

from datetime import UTC, datetime
from typing import Any

import pytest

from commerce.kernel import clock
from tests.support.shipping import money
from tests.support.store import Store

MONDAY_MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = 60 * 60
CALENDAR = {"time_zone": "Europe/Berlin", "cut_off": "14:00"}


def puts(store: Store, method_id: str = "express", **fields: Any) -> None:
    method = {"title": method_id.capitalize(), "prices": [money(900)], "transits": [{"min_days": 1, "max_days": 2}]}
    answer = store.put(f"/v1/admin/shipping-methods/{method_id}", {**method, **fields})
    assert answer.status == 200, answer.body


def at(store: Store, moment: datetime) -> None:
    """Set the store's clock."""
    store._offset += (moment - clock.now()).total_seconds()
    clock.set_offset(store._offset)


@pytest.fixture
def monday(store: Store, shop) -> Store:
    """A Monday morning in a shop that promises days."""
    at(store, MONDAY_MORNING)
    assert store.put("/v1/admin/shipping-calendar", CALENDAR).status == 200
    puts(store)
    return store


def ready(store: Store, shop, address: dict[str, Any], method_id: str = "express") -> str:
    cart_id: str = shop.cart(MUG=1)
    change = {
        "email": "ann@example.com",
        "shipping_address": {**address, "country": "DE"},
        "shipping_method": method_id,
    }
    answer = store.patch(f"/v1/carts/{cart_id}", change)
    assert answer.status == 200, answer.body
    return cart_id


class TestPromise:
    def test_stands_with_the_options_and_with_the_chosen_one(self, monday: Store, shop, address):
        cart_id = ready(monday, shop, address)

        [express, standard] = monday.get(f"/v1/carts/{cart_id}/shipping-methods").body["items"]
        body = monday.get(f"/v1/carts/{cart_id}").body

        assert express["promise"] == {"earliest": "2026-03-03", "latest": "2026-03-04"}
        assert standard["promise"] is None
        assert body["shipping_option"] == express

    def test_that_is_kept_is_no_problem(self, monday: Store, shop, address):
        cart_id = ready(monday, shop, address)
        at(monday, datetime(2026, 3, 2, 12, 59, tzinfo=UTC))

        assert monday.get(f"/v1/carts/{cart_id}").body["problems"] == []

    def test_that_lapsed_is_told_and_stops_nobody(self, monday: Store, shop, address):
        cart_id = ready(monday, shop, address)
        at(monday, datetime(2026, 3, 2, 13, 0, tzinfo=UTC))

        body = monday.get(f"/v1/carts/{cart_id}").body

        [problem] = body["problems"]
        assert (problem["code"], problem["blocking"]) == ("carts.delivery_promise_changed", False)
        assert problem["message"] == (
            "The goods were to arrive by 2026-03-04, now 2026-03-05 at the latest; "
            "choose the shipping method again to agree."
        )
        assert problem["shipping_methods"][0]["promise"] == {"earliest": "2026-03-04", "latest": "2026-03-05"}
        assert body["shipping_method"] == "express"
        assert body["totals"]["shipping"] == money(900)

    def test_that_is_guaranteed_must_be_agreed_to_again(self, monday: Store, shop, address):
        puts(monday, guaranteed=True)
        cart_id = ready(monday, shop, address)
        at(monday, datetime(2026, 3, 2, 13, 0, tzinfo=UTC))
        total = monday.get(f"/v1/carts/{cart_id}").body["totals"]["total"]

        refused = monday.post(f"/v1/carts/{cart_id}/checkout", {"expected_total": total})
        agreed = monday.patch(f"/v1/carts/{cart_id}", {"shipping_method": "express"})

        assert (refused.status, refused.code) == (422, "checkout.cart_not_ready")
        assert refused.body["errors"][0]["code"] == "carts.delivery_promise_changed"
        assert agreed.body["problems"] == []

    def test_that_nobody_can_keep_any_more_is_told_too(self, monday: Store, shop, address):
        cart_id = ready(monday, shop, address)
        puts(monday, transits=[])

        [problem] = monday.get(f"/v1/carts/{cart_id}").body["problems"]

        assert problem["code"] == "carts.delivery_promise_changed"
        assert "now on a day that nobody can promise" in problem["message"]

    def test_that_becomes_an_earlier_one_is_no_problem(self, monday: Store, shop, address):
        cart_id = ready(monday, shop, address)
        puts(monday, transits=[{"min_days": 0, "max_days": 1}])

        assert monday.get(f"/v1/carts/{cart_id}").body["problems"] == []

    def test_that_was_never_made_cannot_lapse(self, monday: Store, shop, address):
        cart_id = ready(monday, shop, address, "standard")
        puts(monday, "standard", prices=[money(500)])
        at(monday, datetime(2026, 3, 20, tzinfo=UTC))

        assert monday.get(f"/v1/carts/{cart_id}").body["problems"] == []

    def test_survives_other_changes_of_the_cart(self, monday: Store, shop, address):
        cart_id = ready(monday, shop, address)
        at(monday, datetime(2026, 3, 2, 13, 0, tzinfo=UTC))

        changed = monday.patch(f"/v1/carts/{cart_id}", {"email": "bob@example.com"})

        assert [problem["code"] for problem in changed.body["problems"]] == ["carts.delivery_promise_changed"]

    def test_is_not_made_to_a_shop_without_a_calendar(self, store: Store, shop, address):
        puts(store)
        cart_id = ready(store, shop, address)

        assert store.get(f"/v1/carts/{cart_id}").body["shipping_option"]["promise"] is None


class TestZones:
    def test_make_the_price_follow_the_address(self, store: Store, shop, address):
        areas = [{"country": "DE", "postal_codes": [{"first": "25849", "last": "25869"}]}]
        store.put("/v1/admin/shipping-zones", {"items": [{"id": "sylt", "title": "Sylt", "areas": areas}]})
        puts(store, surcharges=[{"title": "Island", "prices": [money(1400)], "zones": ["sylt"]}])
        cart_id = ready(store, shop, {**address, "postal_code": "10115"})

        before = store.get(f"/v1/carts/{cart_id}").body
        sylt = {**address, "country": "DE", "postal_code": "25863"}
        after = store.patch(f"/v1/carts/{cart_id}", {"shipping_address": sylt}).body

        assert (before["totals"]["shipping"], after["totals"]["shipping"]) == (money(900), money(2300))
        assert before["pricing_hash"] != after["pricing_hash"]
        assert after["shipping_method"] == "express"

    def test_take_a_method_away_and_the_cart_says_so(self, store: Store, shop, address):
        store.put("/v1/admin/shipping-zones", {"items": [{"id": "de", "title": "DE", "areas": [{"country": "DE"}]}]})
        puts(store, zones=["de"])
        cart_id = ready(store, shop, address)

        moved = store.patch(f"/v1/carts/{cart_id}", {"shipping_address": {**address, "country": "FR"}}).body

        [problem] = moved["problems"]
        assert problem["code"] == "carts.shipping_method_unavailable"
        assert [option["id"] for option in problem["shipping_methods"]] == ["standard"]
        assert moved["shipping_method"] == "express"


class TestWeights:
    def test_are_those_of_the_goods_that_are_sent(self, store: Store, shop, address):
        for sku, grams, ships in (("STONE", 1500, True), ("EBOOK", 9000, False)):
            variant = {"sku": sku, "prices": [money(100)], "weight_grams": grams, "requires_shipping": ships}
            store.post("/v1/admin/products", {"title": sku, "status": "active", "variants": [variant]})
            shop.receives(sku, 20)
        bands = [{"up_to": 3000, "prices": [money(500)]}, {"up_to": 10_000, "prices": [money(900)]}]
        puts(store, prices=None, tables=[{"by": "weight", "bands": bands}])
        cart_id = shop.cart(STONE=2, EBOOK=1)

        prices = []
        for quantity in (2, 3, 7):
            shop.puts(cart_id, "STONE", quantity)
            items = store.get(f"/v1/carts/{cart_id}/shipping-methods").body["items"]
            prices.append([item["price"]["amount"] for item in items if item["id"] == "express"])

        assert prices == [[500], [900], []]


class TestPickup:
    def test_is_a_method_with_an_address_and_hours(self, monday: Store, shop, address):
        place = {"name": "Quay shop", "line1": "1 Quay", "city": "Kiel", "postal_code": "24103", "country": "DE"}
        hours = [{"weekday": 4, "opens": "10:00", "closes": "18:00"}]
        pickup = {"address": place, "opening_hours": hours, "instructions": "Ring twice."}
        puts(monday, "counter", prices=[money(0)], kind="pickup", pickup=pickup, transits=[])

        body = monday.get(f"/v1/carts/{ready(monday, shop, address, 'counter')}").body

        option = body["shipping_option"]
        assert (option["kind"], option["promise"]) == ("pickup", {"earliest": "2026-03-05", "latest": "2026-03-05"})
        assert option["pickup"]["address"]["line1"] == "1 Quay"
        assert (option["pickup"]["opening_hours"], option["pickup"]["instructions"]) == (hours, "Ring twice.")
