"""Which locations an order's units come from, and why."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.inventory.allocation import Destination, Plan, plan
from commerce.inventory.errors import InsufficientStock
from commerce.inventory.locations import Location, in_order
from commerce.inventory.model import Level
from commerce.inventory.strategies import STRATEGIES

SKUS = ("TEE", "MUG", "MAP")
HAMPTON = Destination("US", "NH", "03842")


def place(name: str, priority: int = 0, **fields: Any) -> Location:
    return Location(id=name, title=name.title(), priority=priority, **fields)


def address(country: str, region: str | None = None, postal_code: str | None = None) -> dict[str, str | None]:
    return {"country": country, "region": region, "postal_code": postal_code}


def planned(
    wanted: Mapping[str, int],
    stock: Mapping[str, Mapping[str, int]],
    places: Sequence[Location] = (),
    **chosen: Any,
) -> Plan:
    """Plan for a stock by location and SKU; its locations are in the order in which they stand there."""
    found = tuple(places) or tuple(place(name, number) for number, name in enumerate(stock))
    levels = {
        sku: [Level(sku=sku, location=one.id, available=stock.get(one.id, {}).get(sku, 0)) for one in in_order(found)]
        for sku in wanted
    }
    return plan(wanted=wanted, levels=levels, places=in_order(found), **chosen)


def taken(found: Plan) -> list[tuple[str, str, int]]:
    return [(part.sku, part.location, part.quantity) for part in found.allocations]


class TestPriority:
    def test_takes_the_first_location_that_has_all_of_a_line(self):
        stock = {"main": {"TEE": 2}, "attic": {"TEE": 9}, "shop": {"TEE": 9}}

        assert taken(planned({"TEE": 3}, stock)) == [("TEE", "attic", 3)]

    def test_splits_a_line_that_no_location_can_serve_whole(self):
        stock = {"main": {"TEE": 2}, "attic": {}, "shop": {"TEE": 9}}

        assert taken(planned({"TEE": 10}, stock)) == [("TEE", "main", 2), ("TEE", "shop", 8)]

    def test_names_every_line_that_is_short_and_how_many_are_left(self):
        with pytest.raises(InsufficientStock) as refusal:
            planned({"TEE": 3, "MUG": 1, "MAP": 5}, {"main": {"TEE": 2, "MAP": 5}})

        assert [(fault.param, fault.code, fault.message) for fault in refusal.value.errors] == [
            ("lines.TEE.quantity", "inventory.insufficient_stock", "Only 2 of TEE are left; 3 are needed."),
            ("lines.MUG.quantity", "inventory.insufficient_stock", "MUG is out of stock."),
        ]

    def test_knows_a_sku_without_levels_as_out_of_stock(self):
        with pytest.raises(InsufficientStock):
            plan(wanted={"TEE": 1}, levels={}, places=())

    def test_says_nothing_where_there_is_no_choice(self):
        assert planned({"TEE": 1}, {"main": {"TEE": 1}}).because == ()

    def test_says_in_which_order_locations_were_asked(self):
        assert planned({"TEE": 1}, {"main": {"TEE": 1}, "attic": {}}).because == (
            "main: priority 0",
            "attic: priority 1",
        )


class TestNearest:
    PLACES = (
        place("abroad", 0, address=address("CA")),
        place("west", 1, address=address("US", "CA", "94105")),
        place("boston", 2, address=address("US", "MA", "02110")),
        place("portsmouth", 3, address=address("US", "nh", "03801")),
        place("nowhere", 4),
    )

    def come_from(self, destination: Destination | None, *names: str) -> list[str]:
        stock = {name: {"TEE": 1} for name in names or [one.id for one in self.PLACES]}
        quantity = len(stock)
        found = planned({"TEE": quantity}, stock, self.PLACES, strategy="nearest", destination=destination)
        return [location for _, location, _ in taken(found)]

    def test_asks_the_region_first_then_the_country_then_others(self):
        assert self.come_from(HAMPTON) == ["portsmouth", "boston", "west", "abroad", "nowhere"]

    def test_knows_neighbours_by_how_postal_codes_begin(self):
        """Boston's 021 shares the 0 with Maine's 041; San Francisco's 941 shares nothing."""
        assert self.come_from(Destination("US", "ME", "04101"), "west", "boston") == ["boston", "west"]

    def test_prefers_a_country_that_is_said_to_be_near(self):
        places = (place("us", 0, address=address("US")), place("de", 1, address=address("DE"), near=("FR", "AT")))
        stock = {"us": {"TEE": 5}, "de": {"TEE": 5}}

        found = planned({"TEE": 1}, stock, places, strategy="nearest", destination=Destination("FR"))

        assert taken(found) == [("TEE", "de", 1)]
        assert found.because == ("de: FR is near to it", "us: in another country")

    def test_goes_by_priority_where_nothing_is_sent(self):
        assert self.come_from(None) == ["abroad", "west", "boston", "portsmouth", "nowhere"]

    def test_says_why(self):
        stock = {"boston": {"TEE": 1}, "portsmouth": {"TEE": 1}}

        found = planned({"TEE": 1}, stock, self.PLACES, strategy="nearest", destination=HAMPTON)

        assert found.because[:2] == (
            "portsmouth: in the same region, nh; postal codes begin alike with 038",
            "boston: in the same country, US; postal codes begin alike with 0",
        )


class TestFewestParcels:
    def test_sends_all_from_one_place_that_has_all(self):
        stock = {"main": {"TEE": 5}, "attic": {"MUG": 5}, "shop": {"TEE": 1, "MUG": 1}}

        found = planned({"TEE": 1, "MUG": 1}, stock, strategy="fewest_parcels")

        assert taken(found) == [("TEE", "shop", 1), ("MUG", "shop", 1)]
        assert found.because[0] == "shop: 1 of 3 places have everything"

    def test_prefers_better_priorities_among_as_few(self):
        stock = {name: {"TEE": 1} for name in ("main", "attic", "shop")}

        assert taken(planned({"TEE": 2}, stock, strategy="fewest_parcels")) == [("TEE", "main", 1), ("TEE", "attic", 1)]

    def test_of_very_many_places_compares_those_that_have_most(self):
        stock = {f"p{number:02}": {"TEE": 1} for number in range(18)} | {"big": {"TEE": 30}}

        found = planned({"TEE": 15}, stock, strategy="fewest_parcels")

        assert taken(found) == [("TEE", "big", 15)]

    def test_falls_back_to_priority_where_ten_places_are_too_few(self):
        stock = {f"p{number:02}": {"TEE": 1} for number in range(18)}

        assert len(taken(planned({"TEE": 15}, stock, strategy="fewest_parcels"))) == 15


class TestCheapest:
    def test_weighs_parcels_against_units(self):
        places = (
            place("near", 0, parcel_cost=400, unit_cost=100),
            place("far", 1, parcel_cost=900, unit_cost=0),
        )
        stock = {"near": {"TEE": 50}, "far": {"TEE": 50}}

        few = planned({"TEE": 4}, stock, places, strategy="cheapest")
        many = planned({"TEE": 6}, stock, places, strategy="cheapest")

        assert (taken(few), taken(many)) == ([("TEE", "near", 4)], [("TEE", "far", 6)])
        assert many.because == (
            "far: parcels and units cost 900 together, the least of 3 ways",
            "near: not needed",
        )

    def test_splits_a_line_where_that_costs_less(self):
        places = (place("cheap", 0, unit_cost=1), place("dear", 1, unit_cost=50))
        stock = {"cheap": {"TEE": 3}, "dear": {"TEE": 9}}

        found = planned({"TEE": 5}, stock, places, strategy="cheapest")

        assert taken(found) == [("TEE", "cheap", 3), ("TEE", "dear", 2)]


@given(
    strategy=st.sampled_from(sorted(STRATEGIES)),
    wanted=st.dictionaries(st.sampled_from(SKUS), st.integers(1, 30), min_size=1),
    stock=st.dictionaries(
        st.sampled_from([f"place-{number}" for number in range(6)]),
        st.dictionaries(st.sampled_from(SKUS), st.integers(0, 15)),
        max_size=6,
    ),
    costs=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 50)), min_size=6, max_size=6),
)
def test_no_rule_takes_more_than_there_is_nor_less_than_is_wanted(
    strategy: Any, wanted: dict[str, int], stock: dict[str, dict[str, int]], costs: list[tuple[int, int]]
):
    places = [
        place(name, number, parcel_cost=costs[number][0], unit_cost=costs[number][1], address=address("US", "NH"))
        for number, name in enumerate(stock)
    ]

    try:
        found = planned(wanted, stock, places, strategy=strategy, destination=HAMPTON)
    except InsufficientStock:
        assert any(sum(at.get(sku, 0) for at in stock.values()) < quantity for sku, quantity in wanted.items())
        return

    parts = found.allocations
    assert all(0 < part.quantity <= stock[part.location][part.sku] for part in parts)
    assert {sku: sum(part.quantity for part in parts if part.sku == sku) for sku in wanted} == wanted
    assert len({(part.sku, part.location) for part in parts}) == len(parts)


@given(
    wanted=st.dictionaries(st.sampled_from(SKUS), st.integers(1, 8), min_size=1),
    stock=st.lists(st.dictionaries(st.sampled_from(SKUS), st.integers(0, 8)), min_size=2, max_size=4),
    costs=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 50)), min_size=4, max_size=4),
)
def test_the_cheapest_costs_no_more_and_the_fewest_are_no_more_than_any_other(
    wanted: dict[str, int], stock: list[dict[str, int]], costs: list[tuple[int, int]]
):
    places = [
        place(f"place-{number}", number, parcel_cost=costs[number][0], unit_cost=costs[number][1])
        for number in range(len(stock))
    ]
    there = {one.id: at for one, at in zip(places, stock, strict=True)}
    try:
        plans: dict[Any, Plan] = {
            strategy: planned(wanted, there, places, strategy=strategy, destination=HAMPTON) for strategy in STRATEGIES
        }
    except InsufficientStock:
        return

    def cost(found: Plan) -> int:
        by_id = {one.id: one for one in places}
        parcels = sum(by_id[name].parcel_cost for name in {part.location for part in found.allocations})
        return parcels + sum(by_id[part.location].unit_cost * part.quantity for part in found.allocations)

    def parcels(found: Plan) -> int:
        return len({part.location for part in found.allocations})

    assert cost(plans["cheapest"]) == min(map(cost, plans.values()))
    assert parcels(plans["fewest_parcels"]) == min(map(parcels, plans.values()))
