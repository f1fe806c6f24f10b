"""What a cart can choose among methods with flat prices."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.kernel.money import Money
from commerce.shipping.engine import Option, options
from commerce.shipping.model import ShippingMethod
from commerce.shipping.parcel import Item, Parcel
from commerce.shipping.zones import Destination

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def usd(amount: int) -> Money:
    return Money(amount=amount, currency="USD")


def method(id_: str = "standard", amount: int = 500, **fields) -> ShippingMethod:
    return ShippingMethod(id=id_, title=id_.capitalize(), prices=(usd(amount),), **fields)


def offered(*methods: ShippingMethod, amount: int = 1, currency: str = "USD", country: str | None = "NO"):
    return options(
        methods=methods,
        zones=(),
        parcel=Parcel((Item(1),), amount),
        destination=Destination(country) if country else None,
        currency=currency,
        now=NOW,
        calendar=None,
    )


def shown(option: Option) -> tuple[str, str, int]:
    return option.id, option.title, option.price


class TestOptions:
    @pytest.mark.parametrize(("amount", "price"), [(0, 500), (4999, 500), (5000, 0), (5001, 0)])
    def test_are_free_from_the_bound_on(self, amount: int, price: int):
        [found] = offered(method(free_over=(usd(5000),)), amount=amount)

        assert shown(found) == ("standard", "Standard", price)
        assert found.list_price == 500

    def test_are_free_only_in_the_currency_of_the_bound(self):
        yen = Money(amount=900, currency="JPY")
        both = ShippingMethod(id="x", title="X", prices=(usd(500), yen), free_over=(usd(1),))

        found = offered(both, amount=10**6, currency="JPY", country=None)

        assert [option.price for option in found] == [900]

    def test_have_a_price_in_the_currency(self):
        assert offered(method(), currency="EUR") == ()

    @pytest.mark.parametrize(
        ("country", "ids"), [("NO", ["everywhere", "nordic"]), ("DE", ["everywhere"]), (None, ["everywhere", "nordic"])]
    )
    def test_serve_the_country(self, country: str | None, ids: list[str]):
        methods = [method("everywhere"), method("nordic", countries=("NO", "SE")), method("paused", active=False)]

        assert [option.id for option in offered(*methods, country=country)] == ids

    @given(st.permutations([("a", 2), ("b", 1), ("c", 1), ("d", 0)]))
    def test_stand_in_the_shops_order_however_they_were_made(self, made: list[tuple[str, int]]):
        methods = [method(id_, position=position) for id_, position in made]

        assert [option.id for option in offered(*methods)] == ["d", "b", "c", "a"]

    def test_say_what_the_price_is_made_of(self):
        [paid] = offered(method())
        [free] = offered(method(free_over=(usd(1),)))

        assert [(part.source, part.amount) for part in paid.parts] == [("prices", 500)]
        assert [(part.source, part.amount) for part in free.parts] == [("prices", 500), ("free_over", -500)]
