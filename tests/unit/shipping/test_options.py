"""What a cart can choose among the shipping methods."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.kernel.money import Money
from commerce.shipping.model import ShippingMethod, ShippingOption, options


def usd(amount: int) -> Money:
    return Money(amount=amount, currency="USD")


def method(id_: str = "standard", amount: int = 500, **fields) -> ShippingMethod:
    return ShippingMethod(id=id_, title=id_.capitalize(), prices=(usd(amount),), **fields)


class TestOptions:
    @pytest.mark.parametrize(("subtotal", "price"), [(0, 500), (4999, 500), (5000, 0), (5001, 0)])
    def test_are_free_from_the_bound_on(self, subtotal: int, price: int):
        found = options(methods=[method(free_over=(usd(5000),))], subtotal=usd(subtotal), country="NO")

        assert found == (ShippingOption(id="standard", title="Standard", price=usd(price)),)

    def test_are_free_only_in_the_currency_of_the_bound(self):
        yen = Money(amount=900, currency="JPY")
        both = ShippingMethod(id="x", title="X", prices=(usd(500), yen), free_over=(usd(1),))

        found = options(methods=[both], subtotal=Money(amount=10**6, currency="JPY"), country=None)

        assert [option.price for option in found] == [yen]

    def test_have_a_price_in_the_currency(self):
        assert options(methods=[method()], subtotal=Money.zero("EUR"), country="NO") == ()

    @pytest.mark.parametrize(
        ("country", "ids"), [("NO", ["everywhere", "nordic"]), ("DE", ["everywhere"]), (None, ["everywhere", "nordic"])]
    )
    def test_serve_the_country(self, country: str | None, ids: list[str]):
        methods = [method("everywhere"), method("nordic", countries=("NO", "SE")), method("paused", active=False)]

        found = options(methods=methods, subtotal=usd(1), country=country)

        assert [option.id for option in found] == ids

    @given(st.permutations([("a", 2), ("b", 1), ("c", 1), ("d", 0)]))
    def test_stand_in_the_shops_order_however_they_were_made(self, made: list[tuple[str, int]]):
        methods = [method(id_, position=position) for id_, position in made]

        found = options(methods=methods, subtotal=usd(1), country=None)

        assert [option.id for option in found] == ["d", "b", "c", "a"]
