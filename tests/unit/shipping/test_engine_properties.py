"""What holds for every shop and every parcel."""

import json
from datetime import UTC, datetime
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from commerce.kernel.money import Money
from commerce.shipping.engine import Option, options
from commerce.shipping.model import ShippingMethod
from commerce.shipping.parcel import Item, Parcel
from commerce.shipping.rates import Band, Conditions, RateTable, Surcharge
from commerce.shipping.zones import Area, Destination, PostalCodes, Zone

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CURRENCIES = ("USD", "JPY", "KWD", "ISK")
ZONES = (
    Zone(id="us", title="US", areas=[Area(country="US")]),
    Zone(
        id="far",
        title="Far",
        areas=[Area(country="US", postal_codes=[PostalCodes(first="96"), PostalCodes(first="99")])],
    ),
    Zone(id="rest", title="Rest", areas=[]),
)
ZONE_LISTS = st.none() | st.lists(st.sampled_from(["us", "far", "rest"]), min_size=1, unique=True)
TABLE_ZONES = st.permutations([None, ["us"], ["far", "rest"]])
"""A zone has one table."""

AMOUNTS = st.integers(0, 99_999_999)
DESTINATIONS = st.none() | st.builds(
    Destination, st.sampled_from(["US", "JP"]), postal_code=st.sampled_from(["96701", "10001"])
)
SIDES = st.tuples(*[st.integers(1, 3000)] * 3).map(lambda sides: tuple(sorted(sides, reverse=True)))
ITEMS = st.builds(
    Item,
    quantity=st.integers(1, 999),
    weight_grams=st.none() | st.integers(0, 50_000),
    sides_mm=st.none() | SIDES,
    shelves=st.lists(st.sampled_from(["lamps", "mugs"]), unique=True).map(tuple),
    tax_class=st.sampled_from(["standard", "books"]),
)
PARCELS = st.builds(Parcel, st.lists(ITEMS, min_size=1, max_size=8).map(tuple), st.integers(0, 2**52))


def money(amount: int, currency: str) -> Money:
    return Money(amount=amount, currency=currency)


@st.composite
def tables(draw: st.DrawFn, *, grows: bool = False, by: str | None = None) -> RateTable:
    """Draw a table; one that grows never costs less for more."""
    kind = by or draw(st.sampled_from(["weight", "quantity", "amount"]))
    currencies = [draw(st.sampled_from(CURRENCIES))] if kind == "amount" else list(CURRENCIES)
    bounds = sorted(draw(st.sets(st.integers(1, 200_000), max_size=6)))
    bands, lowest = [], dict.fromkeys(currencies, 0)
    for position, bound in enumerate([*bounds, None]):
        prices = {currency: draw(AMOUNTS) // 10 + (lowest[currency] if grows else 0) for currency in currencies}
        step = draw(st.none() | st.integers(500, 5000))
        step_prices = dict.fromkeys(currencies, draw(st.integers(0, 500))) if step else {}
        bands.append(
            Band(
                up_to=bound,
                prices=[money(min(amount, 99_999_999), currency) for currency, amount in prices.items()],
                step=step,
                step_prices=[money(amount, currency) for currency, amount in step_prices.items()],
            )
        )
        width = (bound or 0) - (bounds[position - 1] if position else 0)
        steps = -(-width // step) if step and bound else 0
        lowest = {currency: prices[currency] + steps * step_prices.get(currency, 0) for currency in currencies}
    return RateTable.model_validate(
        {"by": kind, "bands": bands, "currency": currencies[0] if kind == "amount" else None}
    )


@st.composite
def surcharges(draw: st.DrawFn) -> Surcharge:
    fields: dict[str, Any] = {
        "title": "More",
        "zones": draw(ZONE_LISTS),
        "shelves": draw(st.none() | st.just(["lamps"])),
        "longer_than_mm": draw(st.none() | st.integers(1, 2000)),
        "heavier_than_grams": draw(st.none() | st.integers(0, 40_000)),
        "even_when_free": draw(st.booleans()),
    }
    if draw(st.booleans()):
        part_of = draw(st.sampled_from(["price", "goods"]))
        return Surcharge.model_validate({**fields, "basis_points": draw(st.integers(1, 100_000)), "part_of": part_of})
    prices = [money(draw(AMOUNTS), currency) for currency in CURRENCIES]
    return Surcharge.model_validate({**fields, "per": draw(st.sampled_from(["order", "item"])), "prices": prices})


@st.composite
def methods(draw: st.DrawFn) -> ShippingMethod:
    return ShippingMethod(
        id=f"m{draw(st.integers(0, 10**6))}",
        title="Method",
        prices=tuple(money(draw(AMOUNTS), currency) for currency in CURRENCIES),
        free_over=tuple(money(draw(AMOUNTS), currency) for currency in CURRENCIES if draw(st.booleans())),
        countries=draw(st.none() | st.just(("US",))),
        zones=draw(ZONE_LISTS),
        tables=[
            table.model_copy(update={"zones": zones})
            for table, zones in zip(draw(st.lists(tables(), max_size=3)), draw(TABLE_ZONES), strict=False)
        ],
        packaging_grams=draw(st.integers(0, 1000)),
        volumetric_divisor=draw(st.none() | st.integers(1, 10_000)),
        conditions=draw(st.none() | st.builds(Conditions, max_weight_grams=st.none() | st.integers(0, 10**6))),
        surcharges=draw(st.lists(surcharges(), max_size=3)),
        position=draw(st.integers(0, 2)),
    )


SHOPS = st.lists(methods(), min_size=1, max_size=4, unique_by=lambda each: each.id)


def offered(
    shop: list[ShippingMethod], parcel: Parcel, destination: Destination | None, currency: str, zones: Any = ZONES
) -> tuple[Option, ...]:
    return options(
        methods=shop,
        zones=zones,
        parcel=parcel,
        destination=destination,
        currency=currency,
        now=NOW,
        calendar=None,
    )


class TestPrices:
    @given(SHOPS, PARCELS, DESTINATIONS, st.sampled_from(CURRENCIES))
    def test_are_whole_and_never_negative_and_the_sum_of_their_parts(
        self, shop: list[ShippingMethod], parcel: Parcel, destination: Destination | None, currency: str
    ):
        for option in offered(shop, parcel, destination, currency):
            assert type(option.price) is int
            assert 0 <= option.price <= option.list_price
            assert option.price == sum(part.amount for part in option.parts)
            assert all(part.amount >= 0 or part.source == "free_over" for part in option.parts)
            assert option.parts[0].source in {"prices", "table"}

    @given(SHOPS, PARCELS, DESTINATIONS, st.sampled_from(CURRENCIES), st.integers())
    def test_do_not_depend_on_any_order(
        self, shop: list[ShippingMethod], parcel: Parcel, destination: Destination | None, currency: str, seed: int
    ):
        random = Random(seed)
        shuffled = [
            method.model_copy(
                update={
                    "tables": random.sample(method.tables, len(method.tables)),
                    "surcharges": method.surcharges[::-1],
                }
            )
            for method in random.sample(shop, len(shop))
        ]
        items = Parcel(tuple(random.sample(parcel.items, len(parcel.items))), parcel.amount)
        zones = random.sample(ZONES, len(ZONES))

        plain = offered(shop, parcel, destination, currency)
        mixed = offered(shop, items, destination, currency, zones)
        both = offered(shuffled, items, destination, currency, zones)

        assert mixed == plain
        assert [(each.id, each.price) for each in both] == [(each.id, each.price) for each in plain]

    @given(SHOPS, PARCELS, DESTINATIONS, st.sampled_from(CURRENCIES))
    def test_are_the_same_for_goods_in_one_line_or_in_two(
        self, shop: list[ShippingMethod], parcel: Parcel, destination: Destination | None, currency: str
    ):
        first, *rest = parcel.items
        single = Item(1, first.weight_grams, first.sides_mm, first.shelves, first.tax_class)
        apart = Parcel((*[single] * min(first.quantity, 20), *rest), parcel.amount)
        together = Parcel(
            (Item(min(first.quantity, 20), first.weight_grams, first.sides_mm, first.shelves, first.tax_class), *rest),
            parcel.amount,
        )

        assert offered(shop, apart, destination, currency) == offered(shop, together, destination, currency)

    @given(SHOPS, PARCELS, st.sampled_from(CURRENCIES))
    def test_are_estimated_at_no_more_than_they_become(self, shop: list[ShippingMethod], parcel: Parcel, currency: str):
        estimates = {each.id: each.price for each in offered(shop, parcel, None, currency)}

        for destination in (Destination("US", None, "10001"), Destination("US", None, "96701"), Destination("JP")):
            for option in offered(shop, parcel, destination, currency):
                assert estimates[option.id] <= option.price

    @given(tables(grows=True, by="weight"), PARCELS, st.integers(0, 100_000), st.sampled_from(CURRENCIES))
    def test_grow_with_the_weight_where_the_table_does(
        self, table: RateTable, parcel: Parcel, more: int, currency: str
    ):
        one = ShippingMethod(id="m", title="M", tables=[table])
        heavier = Parcel((*parcel.items, Item(1, more)), parcel.amount)

        [before] = offered([one], parcel, None, currency)
        [after] = offered([one], heavier, None, currency)

        assert before.price <= after.price

    @given(PARCELS, st.integers(1, 10_000))
    def test_by_volume_are_never_below_those_by_weight(self, parcel: Parcel, divisor: int):
        by_gram = RateTable(by="weight", bands=[Band(prices=[money(0, "USD")], step=1, step_prices=[money(1, "USD")])])
        plain = ShippingMethod(id="m", title="M", tables=[by_gram])
        volumetric = plain.model_copy(update={"volumetric_divisor": divisor})

        [light] = offered([plain], parcel, None, "USD")
        [large] = offered([volumetric], parcel, None, "USD")

        assert light.price == parcel.weight_grams
        assert large.price == max(parcel.weight_grams, -(-parcel.volume_mm3 // divisor))


class TestStored:
    @given(methods())
    def test_methods_are_the_same_after_they_were_stored(self, method: ShippingMethod):
        stored = json.loads(json.dumps(method.model_dump(mode="json", exclude_defaults=True)))

        assert ShippingMethod.model_validate(stored) == method
