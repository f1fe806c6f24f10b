"""What a cart says is wrong with it."""

from datetime import UTC, datetime

from commerce.carts.model import Cart, CartState, new_cart
from commerce.carts.priced import PricedCart, Terms
from commerce.carts.views import view_of
from commerce.catalog.model import Variant
from commerce.customers.model import PostalAddress
from commerce.inventory.locations import Location, Locations
from commerce.inventory.model import Level
from commerce.kernel.money import Money
from commerce.shipping.model import ShippingMethod
from commerce.shipping.rules import ShippingRules

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STANDARD = ShippingMethod(id="standard", title="Standard", prices=(Money(amount=500, currency="USD"),))


def variant(sku: str, *, title: str = "Tee", **fields) -> Variant:
    defaults = {
        "product_id": "prod_1",
        "product_title": title,
        "product_slug": "tee",
        "title": "S",
        "options": {"Size": "S"},
        "image": None,
        "prices": {"USD": Money(amount=1999, currency="USD")},
        "sellable": True,
        "weight_grams": None,
        "requires_shipping": True,
    }
    return Variant(sku=sku, **(defaults | fields))


def cart(**quantities: int) -> Cart:
    filled = new_cart(cart_id="cart_1", currency="USD", now=NOW)
    for sku, quantity in quantities.items():
        filled = filled.with_quantity(sku=sku, quantity=quantity)
    address = PostalAddress(name="Ann", line1="Kaigaten 1", city="Bergen", country="NO")
    return filled.model_copy(
        update={"email": "ann@example.com", "shipping_address": address, "shipping_method": "standard"}
    )


def priced(state: Cart, *variants: Variant, stock: tuple[int, ...] = (9,)) -> PricedCart:
    return PricedCart(
        cart=state,
        variants={each.sku: each for each in variants},
        levels={
            each.sku: [Level(sku=each.sku, location=f"at-{place}", available=left) for place, left in enumerate(stock)]
            for each in variants
        },
        terms=Terms(
            shipping=ShippingRules(methods=(STANDARD,)),
            locations=Locations(tuple(Location(id=f"at-{place}", title="") for place in range(len(stock)))),
        ),
        now=NOW,
    )


class TestProblems:
    def test_are_none_when_all_is_there(self):
        found = priced(cart(A=2), variant("A"))

        assert found.problems == ()
        assert found.quote.totals.due.amount == 2 * 1999 + 500

    def test_count_the_stock_of_all_locations(self):
        assert priced(cart(A=5), variant("A"), stock=(3, 2)).problems == ()
        assert priced(cart(A=6), variant("A"), stock=(3, 2)).problems[0].available == 5

    def test_speak_of_articles_by_their_names(self):
        messages = [
            priced(cart(A=2), variant("A"), stock=(1,)).problems[0].message,
            priced(cart(A=2), variant("A"), stock=(0,)).problems[0].message,
            priced(cart(A=2), variant("A", title="S"), stock=(0,)).problems[0].message,
        ]

        assert messages == ["Only 1 left of Tee, S.", "Tee, S is sold out.", "S is sold out."]

    def test_name_each_line_that_is_not_sold(self):
        lines = cart(GONE=1, DRAFT=1, EURO=1, A=1)
        prices = {"EUR": Money(amount=1, currency="EUR")}

        found = priced(lines, variant("DRAFT", sellable=False), variant("EURO", prices=prices), variant("A"))

        assert [(problem.code, problem.param) for problem in found.problems] == [
            ("carts.line_unavailable", "lines.GONE"),
            ("carts.line_unavailable", "lines.DRAFT"),
            ("carts.line_unavailable", "lines.EURO"),
        ]
        assert [line.unit_price for line in view_of(found).lines[:3]] == [None] * 3
        assert [line.title for line in view_of(found).lines] == [None, None, "S", "S"]

    def test_are_all_blocking_so_far(self):
        found = priced(new_cart(cart_id="cart_1", currency="USD", now=NOW))

        assert found.blocking == found.problems != ()

    def test_are_none_of_a_cart_that_a_checkout_holds(self):
        held = cart(A=2).model_copy(update={"state": CartState.LOCKED, "order_id": "ord_1"})

        assert priced(held, variant("A"), stock=(0,)).problems == ()

    def test_need_no_address_when_nothing_is_sent(self):
        digital = cart(A=1).model_copy(update={"shipping_address": None, "shipping_method": None})

        assert priced(digital, variant("A", requires_shipping=False)).problems == ()

    def test_need_an_address_as_soon_as_one_article_is_sent(self):
        mixed = cart(A=1, B=1).model_copy(update={"shipping_address": None, "shipping_method": None})

        found = priced(mixed, variant("A", requires_shipping=False), variant("B"))

        assert [problem.code for problem in found.problems] == [
            "carts.shipping_address_missing",
            "carts.shipping_method_missing",
        ]

    def test_never_charge_for_sending_what_is_not_sent(self):
        found = priced(cart(A=1), variant("A", requires_shipping=False))

        assert found.quote.totals.shipping.amount == 0
        assert [step.part for step in found.quote.trace] == ["subtotal"]
