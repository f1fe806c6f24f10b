"""What a basket costs."""

from collections.abc import Sequence
from copy import replace

from hypothesis import given
from hypothesis import strategies as st

from commerce.catalog.model import Variant
from commerce.kernel.money import MOST, Money
from commerce.prices.engine import UnitPrice
from commerce.pricing.basket import BasketLine, Bill, Delivery
from commerce.pricing.model import PAYS, SHIPPING, SIGNS, CardPayment, Quote, Totals
from commerce.pricing.quotes import quote, subtotal
from commerce.promotions.outcomes import Evaluation
from commerce.taxes.engine import taxed
from commerce.taxes.lines import Taxable, Taxed
from commerce.taxes.model import TaxRules
from commerce.taxes.places import Place
from tests.unit.taxes.rules import GERMAN, TODAY

CURRENCIES = ["USD", "JPY", "KWD"]


def variant(sku: str, price: Money) -> Variant:
    return Variant(
        sku=sku,
        product_id="prod_1",
        product_title="Tee",
        product_slug="tee",
        title=sku,
        options={},
        image=None,
        prices={price.currency: price},
        sellable=True,
        weight_grams=None,
        requires_shipping=True,
    )


def line(sku: str, amount: int, quantity: int, currency: str = "USD") -> BasketLine:
    price = Money(amount=amount, currency=currency)
    unit = UnitPrice(amount, currency, source="catalog.price", message=f"{price}, the catalog's price.")
    return BasketLine(variant=variant(sku, price), quantity=quantity, price=unit)


def delivery(amount: int, currency: str = "USD", *, list_amount: int | None = None, id_: str = "std") -> Delivery:
    price = Money(amount=amount, currency=currency)
    list_price = price if list_amount is None else Money(amount=list_amount, currency=currency)
    return Delivery(id=id_, title="Standard", price=price, list_price=list_price)


def quoted(lines: Sequence[BasketLine], sent: Delivery | None = None, currency: str = "USD") -> Quote:
    return quote(
        currency=currency,
        lines=lines,
        delivery=sent,
        promotions=Evaluation(currency),
        taxes=taxes_of(lines, sent, currency),
    )


def taxes_of(
    lines: Sequence[BasketLine],
    sent: Delivery | None = None,
    currency: str = "USD",
    *,
    rules: TaxRules | None = None,
    to: str | None = None,
    prices_include_tax: bool = True,
) -> Taxed:
    """Return the taxes of a basket; without rules there are none."""
    goods = [Taxable(each.variant.sku, each.variant.prices[currency].amount * each.quantity) for each in lines]
    shipping = [Taxable(SHIPPING, sent.price.amount, is_shipping=True)] if sent else []
    return taxed(
        items=[*goods, *shipping],
        rules=rules or TaxRules(),
        destination=Place(to) if to else None,
        prices_include_tax=prices_include_tax,
        on=TODAY,
    )


@st.composite
def baskets(draw: st.DrawFn) -> tuple[str, list[BasketLine], Delivery | None]:
    currency = draw(st.sampled_from(CURRENCIES))
    amounts = draw(st.lists(st.tuples(st.integers(0, MOST), st.integers(1, 999)), max_size=50))
    lines = [line(f"SKU-{place}", amount, quantity, currency) for place, (amount, quantity) in enumerate(amounts)]
    list_amount = draw(st.integers(0, MOST))
    price = draw(st.sampled_from([0, list_amount]))
    sent = draw(st.sampled_from([None, delivery(price, currency, list_amount=list_amount)]))
    return currency, lines, sent


class TestQuote:
    @given(baskets(), st.booleans())
    def test_totals_follow_the_formula(self, basket, prices_include_tax):
        currency, lines, sent = basket
        taxes = taxes_of(lines, sent, currency, rules=GERMAN, to="DE", prices_include_tax=prices_include_tax)

        totals = quote(
            currency=currency, lines=lines, delivery=sent, promotions=Evaluation(currency), taxes=taxes
        ).totals

        added_tax = 0 if prices_include_tax else totals.tax.amount
        assert totals.total.amount == (
            totals.subtotal.amount - totals.discount.amount + totals.shipping.amount + added_tax
        )
        assert totals.due == totals.total
        assert totals.subtotal == subtotal(currency=currency, lines=lines)
        assert totals.subtotal.amount == sum(each.variant.prices[currency].amount * each.quantity for each in lines)
        assert totals.shipping.amount == (sent.price.amount if sent else 0)
        assert totals.prices_include_tax is prices_include_tax
        assert min(totals.total.amount, totals.due.amount, totals.tax.amount, totals.discount.amount) >= 0

    @given(baskets())
    def test_replaying_the_trace_gives_the_total(self, basket):
        currency, lines, sent = basket

        found = quoted(lines, sent, currency)

        assert sum(SIGNS[step.part] * step.amount.amount for step in found.trace) == found.totals.total.amount

    @given(baskets(), st.randoms(use_true_random=False))
    def test_order_of_lines_changes_neither_totals_nor_hash(self, basket, random):
        currency, lines, sent = basket
        shuffled = lines[:]
        random.shuffle(shuffled)

        first, second = quoted(lines, sent, currency), quoted(shuffled, sent, currency)

        assert second.totals == first.totals
        assert second.pricing_hash == first.pricing_hash
        assert [each.sku for each in second.lines] == [each.variant.sku for each in shuffled]

    def test_names_where_each_amount_came_from(self):
        found = quoted([line("TEE-S", 1999, 2)], delivery(0, list_amount=500))

        assert [(step.part, step.subject, step.source, step.amount.amount) for step in found.trace] == [
            ("subtotal", "lines.TEE-S", "catalog.price", 3998),
            ("shipping", "shipping_method", "shipping.free_over", 0),
        ]
        assert found.trace[1].message == "Standard: 0.00 USD instead of 5.00 USD, the subtotal is high enough."

    def test_writes_amounts_with_the_currencys_own_places(self):
        messages = [quoted([line("TEE", 1999, 1, each)], currency=each).trace[0].message for each in CURRENCIES]

        assert messages == [
            "1 x 19.99 USD, the catalog's price.",
            "1 x 1,999 JPY, the catalog's price.",
            "1 x 1.999 KWD, the catalog's price.",
        ]


class TestTaxes:
    @given(baskets(), st.booleans(), st.sampled_from(["DE", "FR", "NO", None]))
    def test_lines_and_shipping_add_up_to_the_totals(self, basket, prices_include_tax, to):
        currency, lines, sent = basket
        taxes = taxes_of(lines, sent, currency, rules=GERMAN, to=to, prices_include_tax=prices_include_tax)

        found = quote(currency=currency, lines=lines, delivery=sent, promotions=Evaluation(currency), taxes=taxes)

        every = [each.tax for each in found.lines] + ([found.shipping_tax] if found.shipping_tax else [])
        assert sum(each.tax.amount for each in every) == found.totals.tax.amount
        assert sum(each.gross.amount for each in every) == found.totals.total.amount
        assert sum(SIGNS[step.part] * step.amount.amount for step in found.trace) == found.totals.total.amount

    def test_of_another_country_change_the_price_and_say_so(self):
        found = taxed_for("FR", prices_include_tax=True)

        assert [(step.part, step.source, step.amount.amount) for step in found.trace] == [
            ("subtotal", "catalog.price", 11900),
            ("subtotal", "taxes.restated", 100),
            ("contained_tax", "taxes.rate", 2000),
        ]
        assert (found.totals.subtotal.amount, found.totals.tax.amount, found.totals.total.amount) == (
            12000,
            2000,
            12000,
        )


def taxed_for(to: str, *, prices_include_tax: bool) -> Quote:
    """Quote 119.00 of goods that go somewhere from a shop in Germany."""
    lines = [line("A", 11900, 1)]
    taxes = taxes_of(lines, rules=GERMAN, to=to, prices_include_tax=prices_include_tax)
    return quote(currency="USD", lines=lines, delivery=None, promotions=Evaluation("USD"), taxes=taxes)


def paying(*payments: CardPayment) -> Quote:
    """Quote 2.00 of goods of which these cards pay."""
    lines = [line("A", 100, 2)]
    return quote(
        currency="USD",
        lines=lines,
        delivery=None,
        promotions=Evaluation("USD"),
        taxes=taxes_of(lines),
        pays=lambda _: payments,
    )


class TestCards:
    @given(baskets(), st.integers(0, 100), st.integers(0, 100))
    def test_make_what_is_due_from_the_total(self, basket, gift_card_percent, credit_percent):
        currency, lines, sent = basket

        def pays(bill: Bill) -> list[CardPayment]:
            by_card = bill.total * gift_card_percent // 100
            by_credit = (bill.total - by_card) * credit_percent // 100
            return [CardPayment("gc_1", "gift_card", "1234", by_card), CardPayment("gc_2", "credit", "5678", by_credit)]

        taxes = taxes_of(lines, sent, currency)
        found = quote(
            currency=currency, lines=lines, delivery=sent, promotions=Evaluation(currency), taxes=taxes, pays=pays
        )

        without = quoted(lines, sent, currency)
        totals = found.totals
        assert totals.total == without.totals.total
        assert totals.due.amount == totals.total.amount - totals.gift_cards.amount - totals.credit.amount >= 0
        assert sum(SIGNS[step.part] * step.amount.amount for step in found.trace) == totals.total.amount
        replayed = sum((SIGNS[step.part] + PAYS.get(step.part, 0)) * step.amount.amount for step in found.trace)
        assert replayed == totals.due.amount

    def test_are_told_what_they_may_not_pay(self):
        asked: list[Bill] = []

        def pays(bill: Bill) -> list[CardPayment]:
            asked.append(bill)
            return []

        gift_card = variant("GIFT", USD_25).model_copy(update={"gift_card": True})
        lines = [line("A", 11900, 1), replace(line("GIFT", 2500, 1), variant=gift_card)]
        taxes = taxes_of(lines, rules=GERMAN, to="DE", prices_include_tax=False)

        quote(currency="USD", lines=lines, delivery=None, promotions=Evaluation("USD"), taxes=taxes, pays=pays)

        gift = taxes.lines["GIFT"]
        assert asked == [Bill(total=taxes_total(taxes), not_by_cards=gift.gross)]

    def test_are_written_into_the_trace(self):
        found = paying(
            CardPayment("gc_1", "gift_card", "•••• 1234", 150), CardPayment("gc_2", "credit", "•••• 5678", 50)
        )

        assert [(step.part, step.subject, step.source, step.message) for step in found.trace[1:]] == [
            ("gift_card", "gift_cards.gc_1", "giftcards.gift_card", "Gift card •••• 1234 pays 1.50 USD."),
            ("credit", "gift_cards.gc_2", "giftcards.credit", "Store credit •••• 5678 pays 0.50 USD."),
        ]

    def test_are_none_in_totals_that_were_stored_before_there_were_any(self):
        stored = quoted([line("A", 100, 2)]).totals.model_dump(mode="json")
        older = {name: value for name, value in stored.items() if name not in {"gift_cards", "credit"}}

        assert Totals.model_validate(older) == Totals.model_validate(stored)


USD_25 = Money(amount=2500, currency="USD")


def taxes_total(taxes: Taxed) -> int:
    """Return what goods cost with their taxes."""
    return sum(each.gross for each in taxes.lines.values())


class TestPricingHash:
    def test_differs_with_everything_that_is_agreed_to(self):
        baskets = [
            quoted([line("A", 100, 2)]),
            quoted([line("A", 100, 3)]),
            quoted([line("A", 200, 1)]),
            quoted([line("A", 200, 2)]),
            quoted([line("B", 100, 2)]),
            quoted([line("A", 100, 1), line("B", 100, 1)]),
            quoted([line("A", 100, 2)], delivery(0)),
            quoted([line("A", 100, 2)], delivery(5)),
            quoted([line("A", 100, 2)], delivery(5, id_="express")),
            quoted([line("A", 100, 2, "JPY")], currency="JPY"),
            taxed_for("DE", prices_include_tax=True),
            taxed_for("DE", prices_include_tax=False),
            taxed_for("FR", prices_include_tax=True),
            paying(CardPayment("gc_1", "gift_card", "1234", 100)),
            paying(CardPayment("gc_2", "gift_card", "1234", 100)),
            paying(CardPayment("gc_1", "gift_card", "1234", 99)),
            paying(CardPayment("gc_1", "credit", "1234", 100)),
        ]

        assert len({basket.pricing_hash for basket in baskets}) == len(baskets)

    def test_stays_the_same_over_releases(self):
        """Shoppers hold hashes while a release goes out: a change of the format raises HASH_VERSION knowingly."""
        found = quoted([line("TEE-S", 1999, 2)], delivery(500))

        assert found.pricing_hash == "e8bcbda4fe1f2215104025bd61ab94d906990717cfe5850baa0de5c0a5657629"
