"""What carts and orders make of several locations: channels, buffers, pick-up, calendars and the rule that chooses."""

from datetime import UTC, datetime
from typing import Any

import pytest

from commerce.kernel import clock
from tests.support.shop import ADDRESS, EMAIL, check_out, open_shop, staff_order
from tests.support.store import Store

SKU = "MUG-BLUE"


def locate(store: Store, location_id: str, **fields: Any) -> None:
    answer = store.put(f"/v1/admin/locations/{location_id}", {"title": location_id.capitalize(), **fields})
    assert answer.status == 200, answer.body


def receive(store: Store, location: str, quantity: int, sku: str = SKU) -> None:
    body = {"location": location, "quantity": quantity}
    assert store.post(f"/v1/admin/stock/{sku}/receipts", body).status == 201


def rule(store: Store, strategy: str) -> None:
    assert store.put("/v1/admin/allocation-rule", {"strategy": strategy}).status == 200


def cart(
    store: Store, quantity: int, *, sku: str = SKU, method: str = "standard", channel: str | None = None, **address: str
) -> dict[str, Any]:
    cart_id = store.post("/v1/carts", {"channel": channel} if channel else {}).body["id"]
    added = store.put(f"/v1/carts/{cart_id}/lines/{sku}", {"quantity": quantity})
    assert added.status == 200, added.body
    change = {"email": EMAIL, "shipping_address": {**ADDRESS, **address}, "shipping_method": method}
    answer = store.patch(f"/v1/carts/{cart_id}", change)
    assert answer.status == 200, answer.body
    body: dict[str, Any] = answer.body
    return body


def problems(cart: dict[str, Any]) -> list[str]:
    return [problem["code"] for problem in cart["problems"]]


def ordered(store: Store, cart: dict[str, Any]) -> dict[str, Any]:
    answer = check_out(store, cart)
    assert answer.status == 201, answer.body
    return staff_order(store, answer.body)


def sources(order: dict[str, Any]) -> list[tuple[str, int]]:
    return [(part["location"], part["quantity"]) for part in order["allocations"]]


@pytest.fixture
def shop(paying_store: Store) -> Store:
    """A shop with ten mugs at `main`."""
    open_shop(paying_store)
    return paying_store


class TestChannels:
    def test_see_the_locations_that_serve_them(self, shop: Store) -> None:
        locate(shop, "outlet", channels=["pos"])
        receive(shop, "outlet", 4)

        assert cart(shop, 1)["lines"][0]["available"] == 10
        assert cart(shop, 1, channel="pos")["lines"][0]["available"] == 14

    def test_are_offered_what_is_not_kept_back_from_them(self, shop: Store) -> None:
        locate(shop, "main", buffers={"*": 3, "pos": 0, "market": 8})

        offered = [cart(shop, 1, channel=channel)["lines"][0]["available"] for channel in (None, "pos", "market")]

        assert offered == [7, 10, 2]

    def test_cannot_order_what_is_kept_back(self, shop: Store) -> None:
        locate(shop, "main", buffers={"*": 3})
        wanted = cart(shop, 8)

        answer = check_out(shop, wanted)

        assert problems(wanted) == ["carts.insufficient_stock"]
        assert (answer.status, answer.code) == (409, "inventory.insufficient_stock")
        assert answer.body["errors"][0]["message"] == "Only 7 left of Enamel mug, One size."

    def test_order_from_what_serves_them(self, shop: Store) -> None:
        locate(shop, "outlet", channels=["pos"], priority=0)
        locate(shop, "main", priority=1)
        receive(shop, "outlet", 4)

        assert sources(ordered(shop, cart(shop, 2))) == [("main", 2)]
        assert sources(ordered(shop, cart(shop, 2, channel="pos"))) == [("outlet", 2)]


class TestRules:
    @pytest.fixture
    def three(self, shop: Store) -> Store:
        """Ten mugs at main in California, three each at a depot in Massachusetts and a shop in New Hampshire."""
        america = {"name": "Depot", "line1": "1 Road", "city": "City", "country": "US"}
        main = {**america, "region": "CA", "postal_code": "94105"}
        locate(shop, "main", priority=0, address=main, parcel_cost=900)
        depot = {**america, "region": "MA", "postal_code": "02110"}
        locate(shop, "depot", priority=1, address=depot, parcel_cost=300)
        locate(shop, "shop", priority=2, address={**america, "region": "NH", "postal_code": "03801"}, parcel_cost=500)
        receive(shop, "depot", 3)
        receive(shop, "shop", 3)
        return shop

    @pytest.mark.parametrize(
        ("strategy", "quantity", "expected"),
        [
            ("priority", 2, [("main", 2)]),
            ("nearest", 2, [("shop", 2)]),
            ("nearest", 12, [("shop", 3), ("depot", 3), ("main", 6)]),
            ("cheapest", 2, [("depot", 2)]),
            ("cheapest", 5, [("depot", 3), ("shop", 2)]),
            ("fewest_parcels", 5, [("main", 5)]),
            ("fewest_parcels", 12, [("main", 10), ("depot", 2)]),
        ],
    )
    def test_choose_where_units_come_from(
        self, three: Store, strategy: str, quantity: int, expected: list[tuple[str, int]]
    ) -> None:
        rule(three, strategy)

        order = ordered(three, cart(three, quantity, region="NH"))

        assert sources(order) == expected
        assert order["allocated_by"]["strategy"] == strategy

    def test_say_why(self, three: Store) -> None:
        rule(three, "nearest")

        order = ordered(three, cart(three, 1, region="NH"))

        assert (
            order["allocated_by"]["because"][0] == "shop: in the same region, NH; postal codes begin alike with 03801"
        )

    def test_split_a_line_in_one_transaction_and_give_all_of_it_back(self, three: Store) -> None:
        rule(three, "nearest")
        wanted = cart(three, 12, region="NH")

        ordered(three, wanted)
        three.delete(f"/v1/carts/{wanted['id']}/checkout")

        levels = three.get(f"/v1/admin/stock/{SKU}").body["levels"]
        assert [(level["location"], level["available"], level["reserved"]) for level in levels] == [
            ("main", 10, 0),
            ("depot", 3, 0),
            ("shop", 3, 0),
        ]

    def test_send_nothing_from_where_nothing_is_sent(self, three: Store) -> None:
        locate(three, "shop", priority=2, ships=False)
        rule(three, "nearest")

        assert cart(three, 14, region="NH")["lines"][0]["available"] == 13
        assert sources(ordered(three, cart(three, 2, region="NH"))) == [("depot", 2)]


class TestPickup:
    @pytest.fixture
    def counter(self, shop: Store) -> Store:
        """Goods can be fetched at `shop`, which has two of ten and two mugs."""
        locate(shop, "shop", pickup=True, ships=False)
        receive(shop, "shop", 2)
        point = {"address": ADDRESS, "location": "shop"}
        method = {"title": "Fetch", "kind": "pickup", "prices": [{"amount": 0, "currency": "USD"}], "pickup": point}
        assert shop.put("/v1/admin/shipping-methods/fetch", method).status == 200
        return shop

    def test_takes_goods_from_where_they_are_fetched(self, counter: Store) -> None:
        assert sources(ordered(counter, cart(counter, 2, method="fetch"))) == [("shop", 2)]

    def test_has_what_lies_there_and_no_more(self, counter: Store) -> None:
        wanted = cart(counter, 3, method="fetch")

        assert wanted["lines"][0]["available"] == 2
        assert problems(wanted) == ["carts.insufficient_stock"]
        assert problems(cart(counter, 3)) == []

    def test_is_over_where_the_location_gives_nothing_out(self, counter: Store) -> None:
        locate(counter, "shop", pickup=False)

        assert problems(cart(counter, 1, method="fetch")) == ["carts.insufficient_stock"]


class TestCalendars:
    def test_of_the_location_that_sends_promise_the_day(self, shop: Store) -> None:
        shop._offset += (datetime(2026, 3, 2, 9, tzinfo=UTC) - clock.now()).total_seconds()
        clock.set_offset(shop._offset)
        assert shop.put("/v1/admin/shipping-calendar", {"time_zone": "UTC", "handling_days": 1}).status == 200
        transits = [{"min_days": 1, "max_days": 2}]
        method = {"title": "Days", "prices": [{"amount": 500, "currency": "USD"}], "transits": transits}
        assert shop.put("/v1/admin/shipping-methods/days", method).status == 200
        locate(shop, "depot", priority=1, calendar={"time_zone": "UTC", "handling_days": 4})
        receive(shop, "depot", 5)

        def promise(quantity: int) -> tuple[str, str]:
            shown = cart(shop, quantity, method="days")["shipping_option"]["promise"]
            return shown["earliest"], shown["latest"]

        assert promise(2) == ("2026-03-04", "2026-03-05")
        # Twelve come from both: the depot's part leaves on Friday, and arrives after the weekend.
        assert promise(12) == ("2026-03-09", "2026-03-10")
