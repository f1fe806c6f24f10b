"""What holds for the money of any cart: the whole pipeline of prices, promotions, shipping and taxes, without I/O."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import replace
from dataclasses import dataclass
from unittest.mock import patch

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from commerce.carts.model import Cart, CartLine, new_cart
from commerce.carts.priced import PricedCart, Terms
from commerce.catalog.model import Variant
from commerce.customers.model import PostalAddress
from commerce.giftcards.model import Card, GiftCardKind, Tender, Unusable
from commerce.inventory.model import Level
from commerce.kernel.config import settings as shop_settings
from commerce.kernel.money import Money
from commerce.kernel.rounding import Rounding
from commerce.pricing.charges import uncharged
from commerce.promotions.codes import CartCode
from commerce.promotions.known import KnownCode, KnownLimits, Shard
from commerce.promotions.queries import Known
from commerce.shipping.model import ShippingMethod
from commerce.shipping.rules import ShippingRules
from commerce.taxes.model import Registration, TaxRate, TaxRules
from commerce.taxes.places import Place
from tests.support.promotions import NOON
from tests.unit.promotions.drawn import CURRENCIES, IDS, SHELVES, promotions
from tests.unit.taxes.drawn import CLASSES, COUNTRIES, decimals, shops

GIFT = "PIN"
"""What the drawn promotions give."""

LINES = (1, 2, 5, 20, 50, 100)
SIGNS = {"subtotal": 1, "discount": -1, "shipping": 1, "tax": 1, "contained_tax": 0, "gift_card": 0, "credit": 0}
PAID_OTHERWISE = ("gift_cards", "credit")
"""Totals that pay a part of what a cart costs, so that less is due."""

regions = st.sampled_from([("", ""), ("", ""), ("CA", "90001"), ("NY", "10001")])


@dataclass(frozen=True)
class Sale:
    """A cart with all that it is priced from, and the settings of its shop."""

    cart: PricedCart
    prices_include_tax: bool
    rounding: Rounding

    @contextmanager
    def at_its_shop(self) -> Iterator[PricedCart]:
        """Price the cart under the settings of the shop."""
        environment = {
            "PRICES_INCLUDE_TAX": str(self.prices_include_tax).lower(),
            "ROUNDING_MODE": self.rounding.value,
        }
        with patch.dict(os.environ, environment):
            shop_settings.cache_clear()
            try:
                yield replace(self.cart)
            finally:
                shop_settings.cache_clear()


@st.composite
def sales(draw: st.DrawFn) -> Sale:
    """Draw a cart of 1 to 100 lines, with promotions of all kinds, codes, limits, a shipping method and tax rules."""
    currency = draw(st.sampled_from(CURRENCIES))
    gift = _kinds(draw, currency, GIFT)[0]
    kinds = _kinds(draw, currency, "SKU")
    goods = [
        _dearer(kinds[number % len(kinds)], currency, sku=f"SKU-{number}", by=number // len(kinds))
        for number in range(draw(st.sampled_from(LINES)))
    ]
    quantities = draw(st.lists(st.integers(1, 9), min_size=1, max_size=3))
    lines = {each.sku: quantities[number % len(quantities)] for number, each in enumerate(goods)}
    left = draw(st.sampled_from([0, 9, 999]))
    rules, methods = (
        draw(shops | taxing_shops),
        draw(st.lists(_methods(currency), max_size=2, unique_by=lambda m: m.id)),
    )
    known = _known(draw, currency)
    cart = PricedCart(
        cart=_cart(draw, currency, lines, known),
        variants={each.sku: each for each in (*goods, gift)},
        levels={each.sku: [Level(sku=each.sku, location="main", available=left)] for each in (*goods, gift)},
        known=known,
        tenders=_tenders(draw, currency),
        terms=Terms(
            shipping=ShippingRules(methods=tuple(methods)), tax_rules=rules, promotions=tuple(draw(promotions()))
        ),
        now=NOON,
    )
    return Sale(cart, draw(st.booleans()), draw(st.sampled_from(list(Rounding))))


@st.composite
def _taxing_shops(draw: st.DrawFn) -> TaxRules:
    """Draw a shop that taxes all that it sells, wherever that goes."""
    rates = [
        TaxRate(f"{country}-{tax_class}", "VAT", draw(decimals), country, tax_class=tax_class)
        for country in COUNTRIES
        for tax_class in draw(st.sampled_from([("standard",), CLASSES]))
    ]
    return TaxRules(
        home=Place(draw(st.sampled_from(COUNTRIES))),
        rates=tuple(rates),
        registrations=tuple(Registration(country) for country in COUNTRIES),
        shipping=draw(st.sampled_from(["standard", "books", "proportional", "highest_of_goods"])),
        rounding_level=draw(st.sampled_from(["line", "order"])),
        keeps_net=draw(st.booleans()),
    )


taxing_shops = _taxing_shops()


def _kinds(draw: st.DrawFn, currency: str, name: str) -> list[Variant]:
    """Draw a few kinds of goods; long carts hold many of each, which cost a little more each time."""
    dearest = draw(st.sampled_from([3, 1000, 1_000_000]))
    return [
        Variant(
            sku=name,
            product_id=f"prod_{name}",
            product_title=name,
            product_slug=name.lower(),
            title=name,
            options={},
            image=None,
            prices={currency: Money(amount=amount, currency=currency)},
            sellable=True,
            weight_grams=100,
            requires_shipping=draw(st.sampled_from([True, True, False])),
            tax_class=draw(st.sampled_from(CLASSES)),
            shelves=tuple(sorted(draw(st.sets(st.sampled_from(SHELVES))))),
        )
        for amount in draw(st.lists(st.integers(0, dearest), min_size=1, max_size=4))
    ]


def _dearer(kind: Variant, currency: str, *, sku: str, by: int) -> Variant:
    price = Money(amount=kind.prices[currency].amount + by, currency=currency)
    return kind.model_copy(update={"sku": sku, "product_id": f"prod_{sku}", "prices": {currency: price}})


def _methods(currency: str) -> st.SearchStrategy[ShippingMethod]:
    amounts = st.integers(0, 20_000).map(lambda amount: (Money(amount=amount, currency=currency),))
    return st.builds(
        ShippingMethod,
        id=st.sampled_from(["standard", "express"]),
        title=st.just("Parcel"),
        prices=amounts,
        free_over=st.one_of(st.just(()), st.integers(1, 500_000).map(lambda a: (Money(amount=a, currency=currency),))),
    )


def _tenders(draw: st.DrawFn, currency: str) -> tuple[Tender, ...]:
    """Draw up to five gift cards and store credits; some of them cannot pay."""
    cards = [
        Card(
            id=f"gc_{number}",
            kind=draw(st.sampled_from(GiftCardKind)),
            label=f"gift card {number}",
            currency=currency,
            balance=balance,
        )
        for number, balance in enumerate(draw(st.lists(st.integers(1, 500_000), max_size=5)))
    ]
    return tuple(
        Tender(id=card.id, card=card, problem=draw(st.sampled_from([None, Unusable.DISABLED]))) for card in cards
    )


def _known(draw: st.DrawFn, currency: str) -> Known:
    """Draw up to five codes, and what is left of the limits of each promotion."""
    named = draw(st.lists(st.sampled_from(IDS), max_size=5))
    return Known(
        codes=tuple(KnownCode(code=f"CODE{place}", promotion_id=each) for place, each in enumerate(named)),
        limits={
            each: KnownLimits(
                shards=tuple(
                    Shard(number, draw(st.integers(0, 1)), {currency: draw(st.integers(0, 100_000))})
                    for number in range(2)
                ),
                customer_uses=draw(st.integers(0, 1)),
            )
            for each in IDS
        },
    )


def _cart(draw: st.DrawFn, currency: str, quantities: dict[str, int], known: Known) -> Cart:
    region, postal_code = draw(regions)
    address = PostalAddress(
        name="Ada",
        line1="1 Pier Road",
        city="Portsmouth",
        country=draw(st.sampled_from(COUNTRIES)),
        region=region or None,
        postal_code=postal_code or None,
    )
    return new_cart(cart_id="cart_1", currency=currency, now=NOON).model_copy(
        update={
            "lines": tuple(CartLine(sku=sku, quantity=quantity) for sku, quantity in quantities.items()),
            "codes": tuple(CartCode(code=each.code, promotion_id=each.promotion_id or "") for each in known.codes),
            "email": "ada@example.com",
            "shipping_address": draw(st.sampled_from([address, address, None])),
            "shipping_method": draw(st.sampled_from(["standard", "express", None])),
        }
    )


def mixed[T](draw: st.DataObject, things: Sequence[T]) -> tuple[T, ...]:
    return tuple(draw.draw(st.permutations(things)))


any_sale = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


class TestTotals:
    @given(sale=sales())
    @any_sale
    def test_add_up(self, sale: Sale) -> None:
        with sale.at_its_shop() as cart:
            totals = cart.quote.totals

        added = 0 if totals.prices_include_tax else totals.tax.amount
        assert totals.total.amount == (totals.subtotal.amount - totals.discount.amount + totals.shipping.amount + added)

    @given(sale=sales())
    @any_sale
    def test_are_what_the_explanation_says(self, sale: Sale) -> None:
        with sale.at_its_shop() as cart:
            quote = cart.quote

        assert sum(SIGNS[step.part] * step.amount.amount for step in quote.trace) == quote.totals.total.amount

    @given(sale=sales())
    @any_sale
    def test_are_never_negative(self, sale: Sale) -> None:
        with sale.at_its_shop() as cart:
            quote = cart.quote

        totals = quote.totals
        parts = (totals.subtotal, totals.discount, totals.shipping, totals.tax, totals.total, totals.due)
        assert all(part.amount >= 0 for part in parts)
        for line in quote.lines:
            assert 0 <= line.discount.amount <= line.total.amount
            assert min(line.tax.net.amount, line.tax.tax.amount, line.tax.gross.amount) >= 0

    @given(sale=sales())
    @any_sale
    def test_are_those_of_the_lines_and_the_shipping(self, sale: Sale) -> None:
        with sale.at_its_shop() as cart:
            quote = cart.quote

        taxed = [*(line.tax for line in quote.lines), *([quote.shipping_tax] if quote.shipping_tax else [])]
        off_shipping = sum(
            step.amount.amount for step in quote.trace if (step.part, step.subject) == ("discount", "shipping_method")
        )
        assert sum(each.gross.amount for each in taxed) == quote.totals.total.amount
        assert sum(each.tax.amount for each in taxed) == quote.totals.tax.amount
        assert sum(line.discount.amount for line in quote.lines) + off_shipping == quote.totals.discount.amount
        assert sum(line.total.amount + line.restated.amount for line in quote.lines) == quote.totals.subtotal.amount

    @given(sale=sales())
    @any_sale
    def test_have_the_discounts_of_the_promotions_that_apply(self, sale: Sale) -> None:
        with sale.at_its_shop() as cart:
            quote = cart.quote

        assert sum(each.amount.amount for each in quote.promotions if each.applied) == quote.totals.discount.amount
        assert all(each.amount.amount == 0 for each in quote.promotions if not each.applied)

    @given(sale=sales(), data=st.data())
    @any_sale
    def test_do_not_depend_on_the_order_of_lines_promotions_or_codes(self, sale: Sale, data: st.DataObject) -> None:
        cart, terms, known = sale.cart.cart, sale.cart.terms, sale.cart.known
        other = replace(
            sale.cart,
            cart=cart.model_copy(update={"lines": mixed(data, cart.lines), "codes": mixed(data, cart.codes)}),
            terms=replace(
                terms,
                promotions=mixed(data, terms.promotions),
                shipping=ShippingRules(methods=mixed(data, terms.shipping.methods)),
            ),
            known=replace(known, codes=mixed(data, known.codes)),
            tenders=mixed(data, sale.cart.tenders),
        )

        with sale.at_its_shop() as cart_, replace(sale, cart=other).at_its_shop() as again:
            one, two = cart_.quote, again.quote

        assert (one.totals, one.pricing_hash, one.promotions) == (two.totals, two.pricing_hash, two.promotions)
        assert sorted(one.lines, key=lambda line: line.sku) == sorted(two.lines, key=lambda line: line.sku)


class TestDue:
    """What is left to pay; what goes back belongs here too."""

    @given(sale=sales())
    @any_sale
    def test_is_the_total_less_what_is_paid_otherwise(self, sale: Sale) -> None:
        with sale.at_its_shop() as cart:
            quote = cart.quote

        totals = quote.totals
        paid: int = sum(getattr(totals, name).amount for name in PAID_OTHERWISE)
        assert 0 <= totals.due.amount == totals.total.amount - paid
        assert sum(payment.amount for payment in quote.payments) == paid

    @given(sale=sales())
    @any_sale
    def test_takes_from_no_card_more_than_it_has(self, sale: Sale) -> None:
        with sale.at_its_shop() as cart:
            payments = cart.quote.payments

        has = {each.id: each.card.balance for each in cart.tenders if each.card is not None and each.problem is None}
        assert all(0 < payment.amount <= has[payment.id] for payment in payments)
        assert len({payment.id for payment in payments}) == len(payments)

    @given(sale=sales())
    @any_sale
    def test_can_be_charged_where_the_total_could(self, sale: Sale) -> None:
        with sale.at_its_shop() as cart:
            totals = cart.quote.totals

        assert uncharged(totals.total) is not None or uncharged(totals.due) is None


class TestSending:
    @given(sale=sales())
    @any_sale
    def test_is_charged_for_what_is_sent_and_for_nothing_else(self, sale: Sale) -> None:
        with sale.at_its_shop() as cart:
            is_sent = any(line.variant.requires_shipping for line in cart.basket)
            totals = cart.quote.totals

        note(f"gifts: {cart.promotions.gifts}")
        assert is_sent or totals.shipping.amount == 0
