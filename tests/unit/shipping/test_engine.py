"""What a parcel costs by tables, zones, conditions and surcharges, and why."""

from datetime import date
from typing import Any

import pytest

from commerce.kernel.money import Money
from commerce.shipping.calendar import Calendar, Promise
from commerce.shipping.days import Day
from commerce.shipping.engine import Option, options
from commerce.shipping.model import CarrierRates
from commerce.shipping.options import CarrierOffer, OpeningHours, PickupPoint
from commerce.shipping.parcel import Parcel
from commerce.shipping.rates import Conditions, Surcharge, Transit
from commerce.shipping.zones import Destination
from tests.unit.shipping.looking import (
    ADDRESS,
    BERLIN,
    NOW,
    SYLT,
    TOKYO,
    ZONES,
    band,
    eur,
    goods,
    looked_at,
    method,
    option,
    price,
    table,
)


class TestTables:
    def test_of_the_closest_zone_hold(self):
        both = method(tables=[table(band(None, 500), zones=["de"]), table(band(None, 900), zones=["de-islands"])])

        assert (price(both), price(both, destination=SYLT)) == (500, 900)

    def test_of_a_wider_zone_hold_where_no_closer_one_has_any(self):
        assert price(method(tables=[table(band(None, 500), zones=["de"])]), destination=SYLT) == 500

    def test_for_the_rest_hold_where_no_zones_does(self):
        both = method(tables=[table(band(None, 500), zones=["de"]), table(band(None, 1500))])

        assert (price(both), price(both, destination=TOKYO)) == (500, 1500)

    def test_leave_the_rest_to_the_prices(self):
        both = method(tables=[table(band(None, 500), zones=["de"])], prices=(eur(1700),))

        assert price(both, destination=TOKYO) == 1700

    def test_without_prices_for_the_rest_are_no_rate(self):
        assert price(method(tables=[table(band(None, 500), zones=["de"])]), destination=TOKYO) == "no_rate"

    def test_of_a_closer_zone_that_end_are_not_made_good_by_a_wider_one(self):
        both = method(tables=[table(band(None, 500), zones=["de"]), table(band(10, 900), zones=["de-islands"])])

        assert price(both, goods(11), destination=SYLT) == "no_rate"

    def test_are_for_their_currencies_alone(self):
        assert price(method(tables=[table(band(None, 500))]), currency="CHF") == "currency"
        by_amount = table(band(None, 500), by="amount", currency="EUR")
        assert price(method(tables=[by_amount]), currency="CHF") == "no_rate"
        assert price(method(tables=[by_amount], prices=(Money(amount=7, currency="CHF"),)), currency="CHF") == 7

    def test_weigh_the_packaging_too(self):
        assert price(method(tables=[table(band(1000, 1), band(None, 2))], packaging_grams=1)) == 2

    def test_count_goods_of_unknown_weight_as_nothing(self):
        assert price(method(tables=[table(band(0, 1), band(None, 2))]), goods(None)) == 1

    def test_are_the_lowest_while_nobody_knows_where(self):
        found = option(
            method(tables=[table(band(None, 900), zones=["world"]), table(band(None, 500), zones=["de"])]),
            destination=None,
        )

        assert (found.price, found.estimated) == (500, True)

    def test_for_everywhere_are_no_estimate(self):
        assert not option(method(prices=(eur(500),)), destination=None).estimated


class TestConditions:
    @pytest.mark.parametrize(
        ("conditions", "reason"),
        [
            ({"min_amounts": [eur(5001)]}, "amount"),
            ({"max_amounts": [eur(4999)]}, "amount"),
            ({"min_weight_grams": 3001}, "weight"),
            ({"max_weight_grams": 2999}, "weight"),
            ({"min_quantity": 3}, "quantity"),
            ({"max_quantity": 1}, "quantity"),
            ({"max_length_mm": 299}, "size"),
            ({"max_girth_mm": 899}, "size"),
            ({"only_shelves": ["books"]}, "goods"),
            ({"no_shelves": ["fragile"]}, "goods"),
            ({"only_tax_classes": ["books"]}, "goods"),
            ({"no_tax_classes": ["standard"]}, "goods"),
            ({"except_zones": ["de-islands"]}, "zone"),
        ],
    )
    def test_say_why_it_is_not_there(self, conditions: dict[str, Any], reason: str):
        items = (goods(sides=(300, 200, 100), shelves=("mugs", "fragile"), tax_class="standard"), goods(2000))
        bound = method(prices=(eur(500),), conditions=Conditions(**conditions))

        assert price(bound, *items, destination=SYLT) == reason

    @pytest.mark.parametrize(
        "conditions",
        [
            {"min_amounts": [eur(5000)], "max_amounts": [eur(5000)]},
            {"min_amounts": [Money(amount=10**7, currency="CHF")]},
            {"min_weight_grams": 1000, "max_weight_grams": 1000},
            {"min_quantity": 1, "max_quantity": 1},
            {"max_length_mm": 300, "max_girth_mm": 900},
            {"only_shelves": ["mugs", "books"], "no_shelves": ["books"]},
            {"only_tax_classes": ["standard"], "no_tax_classes": ["reduced"]},
            {"except_zones": ["de-islands"]},
        ],
    )
    def test_that_are_met_change_nothing(self, conditions: dict[str, Any]):
        item = goods(sides=(300, 200, 100), shelves=("mugs",), tax_class="standard")

        assert price(method(prices=(eur(500),), conditions=Conditions(**conditions)), item) == 500

    def test_of_size_are_met_by_goods_whose_size_nobody_knows(self):
        assert price(method(prices=(eur(500),), conditions=Conditions(max_length_mm=1))) == 500

    def test_are_told_apart_from_other_reasons(self):
        assert price(method(prices=(eur(500),), active=False)) == "inactive"
        assert price(method(prices=(eur(500),), countries=("AT",))) == "country"
        assert price(method(prices=(eur(500),), zones=["eu"])) == "zone"
        assert price(method(prices=(eur(500),)), currency="USD") == "currency"

    def test_of_place_rule_nothing_out_while_nobody_knows_where(self):
        bound = method(prices=(eur(500),), countries=("AT",), zones=["eu"], conditions=Conditions(except_zones=["de"]))

        assert price(bound, destination=None) == 500


class TestSurcharges:
    def test_are_for_each_piece_that_they_are_about(self):
        heavy = Surcharge(title="Heavy", per="item", prices=[eur(300)], heavier_than_grams=20_000)

        found = option(method(prices=(eur(500),), surcharges=[heavy]), goods(20_001, quantity=3), goods(20_000))

        assert [(part.source, part.title, part.amount) for part in found.parts] == [
            ("prices", "Parcel", 500),
            ("surcharge", "Heavy", 900),
        ]

    @pytest.mark.parametrize(
        ("about", "pieces"),
        [
            ({}, 6),
            ({"shelves": ["lamps"]}, 2),
            ({"longer_than_mm": 999}, 2),
            ({"longer_than_mm": 1000}, 0),
            ({"girth_over_mm": 1399}, 2),
        ],
    )
    def test_are_about_goods_by_category_and_size(self, about: dict[str, Any], pieces: int):
        each = Surcharge(title="Each", per="item", prices=[eur(1)], **about)
        lamps = goods(quantity=2, sides=(1000, 100, 100), shelves=("lamps",))

        assert price(method(prices=(eur(500),), surcharges=[each]), lamps, goods(quantity=4)) == 500 + pieces

    def test_may_be_a_part_of_the_goods(self):
        insured = method(prices=(eur(500),), surcharges=[Surcharge(title="Insured", basis_points=150, part_of="goods")])

        assert price(insured, amount=3333) == 500 + 50

    def test_do_not_depend_on_each_other(self):
        fuel, remote = Surcharge(title="Fuel", basis_points=1000), Surcharge(title="Remote", prices=[eur(900)])

        there = method(prices=(eur(500),), surcharges=[fuel, remote])
        back = method(prices=(eur(500),), surcharges=[remote, fuel])

        assert price(there) == price(back) == 500 + 50 + 900

    def test_without_an_amount_in_the_currency_leave_no_price(self):
        both = (eur(500), Money(amount=500, currency="CHF"))

        assert (
            price(method(prices=both, surcharges=[Surcharge(title="x", prices=[eur(1)])]), currency="CHF") == "currency"
        )

    def test_that_are_not_about_the_parcel_need_no_amount(self):
        both = (eur(500), Money(amount=500, currency="CHF"))
        far = Surcharge(title="x", prices=[eur(1)], zones=["de-islands"])

        assert price(method(prices=both, surcharges=[far]), currency="CHF") == 500

    def test_fall_away_with_the_price_unless_they_stay_all_the_same(self):
        stays = Surcharge(title="Island", prices=[eur(700)], even_when_free=True)
        falls = Surcharge(title="Fuel", basis_points=1000)

        found = option(method(prices=(eur(500),), free_over=(eur(5000),), surcharges=[stays, falls]))

        assert (found.price, found.list_price) == (700, 1250)
        assert [(part.source, part.amount) for part in found.parts][-1] == ("free_over", -550)


class TestPromises:
    CALENDAR = Calendar(time_zone="Europe/Berlin", cut_off="14:00")
    PARCEL = method(
        prices=(eur(500),),
        transits=[Transit(min_days=4, max_days=8), Transit(zones=["de"], min_days=1, max_days=2)],
        handling_days=1,
    )

    @pytest.mark.parametrize(
        ("destination", "promise"),
        [
            (BERLIN, Promise(date(2026, 3, 4), date(2026, 3, 5))),
            (SYLT, Promise(date(2026, 3, 4), date(2026, 3, 5))),
            (TOKYO, Promise(date(2026, 3, 9), date(2026, 3, 13))),
            (None, Promise(date(2026, 3, 9), date(2026, 3, 13))),
        ],
    )
    def test_follow_the_closest_zone(self, destination: Destination | None, promise: Promise):
        assert option(self.PARCEL, destination=destination, calendar=self.CALENDAR).promise == promise

    def test_are_not_made_without_a_calendar_or_a_transit(self):
        assert option(self.PARCEL).promise is None
        assert option(method(prices=(eur(500),)), calendar=self.CALENDAR).promise is None

    def test_of_a_pickup_point_are_the_first_day_on_which_it_is_open(self):
        point = PickupPoint(
            address=ADDRESS,
            opening_hours=[OpeningHours(weekday=day, opens="10:00", closes="18:00") for day in (2, 4)],
            closed_days=[Day(date=date(2026, 3, 3))],
        )
        pickup = method("counter", kind="pickup", prices=(eur(0),), pickup=point)

        found = option(pickup, calendar=self.CALENDAR)

        assert found.price == 0
        assert found.promise == Promise(date(2026, 3, 5), date(2026, 3, 5))


class TestOffers:
    CARRIER = method(
        "ups",
        kind="carrier",
        prices=(eur(990),),
        carrier=CarrierRates(origin=ADDRESS, accounts=["se-1"]),
        surcharges=[Surcharge(title="Packing", prices=[eur(100)])],
        transits=[Transit(min_days=2, max_days=9)],
    )

    @staticmethod
    def offer(number: int = 0, *, amount: int = 700, currency: str = "EUR", days: int | None = 3) -> CarrierOffer:
        return CarrierOffer(
            id=f"offer-{number}",
            method_id="ups",
            title=f"UPS {number}",
            service="ground",
            amount=amount,
            currency=currency,
            days=days,
            valid_until=NOW,
        )

    def test_stand_in_place_of_the_methods_own_rates(self):
        found = looked_at(self.CARRIER, offers={"ups": (self.offer(0), self.offer(1, amount=900))})

        assert [(each.id, each.title, each.price) for each in found if isinstance(each, Option)] == [
            ("offer-0", "UPS 0", 800),
            ("offer-1", "UPS 1", 1000),
        ]

    def test_are_replaced_by_the_methods_own_rates_when_carriers_do_not_answer(self):
        assert [option(self.CARRIER, offers=offers).id for offers in ({"ups": None}, {}, None)] == ["ups"] * 3
        assert price(self.CARRIER, offers={"ups": None}) == 990 + 100

    def test_may_be_none_and_then_there_is_none(self):
        assert price(self.CARRIER, offers={"ups": ()}) == "no_offer"

    def test_in_another_currency_are_none(self):
        assert price(self.CARRIER, offers={"ups": (self.offer(currency="USD"),)}) == "no_offer"

    def test_need_an_address(self):
        assert price(self.CARRIER, destination=None) == "no_offer"

    def test_obey_the_methods_conditions(self):
        light = self.CARRIER.model_copy(update={"conditions": Conditions(max_weight_grams=999)})

        assert price(light, offers={"ups": (self.offer(),)}) == "weight"

    def test_promise_what_the_carrier_said_or_else_the_method(self):
        calendar = Calendar(time_zone="UTC")

        said = option(self.CARRIER, offers={"ups": (self.offer(days=3),)}, calendar=calendar)
        silent = option(self.CARRIER, offers={"ups": (self.offer(days=None),)}, calendar=calendar)

        assert said.promise == Promise(date(2026, 3, 5), date(2026, 3, 5))
        assert silent.promise == Promise(date(2026, 3, 4), date(2026, 3, 13))

    def test_are_free_from_the_bound_on_as_other_methods_are(self):
        free = self.CARRIER.model_copy(update={"free_over": (eur(5000),)})

        assert price(free, offers={"ups": (self.offer(),)}) == 0


def test_options_are_those_that_are_not_refused():
    methods = [
        method("b", prices=(eur(1),)),
        method("a", prices=(eur(2),)),
        method("c", prices=(eur(3),), active=False),
    ]

    found = options(
        methods=methods,
        zones=ZONES,
        parcel=Parcel((goods(),), 1),
        destination=BERLIN,
        currency="EUR",
        now=NOW,
        calendar=None,
    )

    assert [(each.id, each.price) for each in found] == [("a", 2), ("b", 1)]


class TestGrain:
    def test_surcharges_in_percent_come_to_amounts_that_can_be_charged(self) -> None:
        fuel = Surcharge(title="Fuel", basis_points=1050)
        sent = method(prices=(Money(amount=1230, currency="KWD"),), surcharges=[fuel])

        assert price(sent, currency="KWD") == 1230 + 130
