"""What holds for the taxes of any sale."""

from collections.abc import Sequence
from copy import replace
from fractions import Fraction
from random import Random
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from commerce.kernel.money import MOST, grain
from commerce.kernel.rounding import Rounding, rounded
from commerce.taxes.engine import taxed
from commerce.taxes.lines import Buyer, Taxable, Taxed
from commerce.taxes.model import Registration, TaxRate, TaxRules
from commerce.taxes.places import Place
from tests.unit.taxes.drawn import CLASSES, COUNTRIES, buyers, decimals, places, shops
from tests.unit.taxes.rules import TODAY


@st.composite
def baskets(draw: st.DrawFn) -> list[Taxable]:
    largest = draw(st.sampled_from([3, 1000, MOST]))
    amounts = draw(st.lists(st.integers(0, largest), min_size=1, max_size=100))
    goods = [
        Taxable(
            f"SKU-{number}",
            amount,
            tax_class=draw(st.sampled_from(CLASSES)),
            priced_for=draw(st.sampled_from([None, None, *COUNTRIES])),
        )
        for number, amount in enumerate(amounts)
    ]
    charges = draw(st.lists(st.sampled_from(["shipping", "gift-wrap"]), unique=True))
    return goods + [Taxable(key, draw(st.integers(0, largest)), is_shipping=True) for key in charges]


@st.composite
def sales(draw: st.DrawFn) -> tuple[list[Taxable], dict[str, object]]:
    return draw(baskets()), {
        "rules": draw(shops),
        "destination": draw(st.none() | places),
        "prices_include_tax": draw(st.booleans()),
        "buyer": draw(buyers),
        "on": TODAY,
        "rounding": draw(st.sampled_from(Rounding)),
    }


def of(items: Sequence[Taxable], about: dict[str, object]) -> Taxed:
    return taxed(items=items, **about)  # type: ignore[arg-type]


class TestTaxes:
    @given(sales())
    def test_add_up_in_each_line_and_in_all(self, made: tuple[list[Taxable], dict[str, object]]):
        items, about = made

        found = of(items, about)

        assert len(found.every) == len(items)
        for line in found.every:
            assert line.net + line.tax == line.gross
            assert sum(part.tax for part in line.parts) == line.tax
            assert min(line.net, line.tax, line.gross, *(part.tax for part in line.parts), 0) == 0
        assert found.net + found.tax == found.gross

    @given(sales())
    def test_leave_the_price_or_say_by_how_much_it_changed(self, made: tuple[list[Taxable], dict[str, object]]):
        items, about = made

        found = of(items, about)

        given_amounts = {(item.is_shipping, item.key): item.amount for item in items}
        for is_shipping, lines in ((False, found.lines), (True, found.shipping)):
            for key, line in lines.items():
                assert line.amount == given_amounts[is_shipping, key]
                assert line.charged == (line.gross if found.prices_include_tax else line.net)
                assert line.amount + line.restated == line.charged
        assert found.restated == any(line.charged != line.amount for line in found.every)

    @given(sales())
    def test_of_a_domestic_sale_never_change_the_price(self, made: tuple[list[Taxable], dict[str, object]]):
        items, about = made
        home = Place("DE")
        rules = replace(cast("TaxRules", about["rules"]), home=home, exemptions=())
        at_home = [replace(item, priced_for=None) for item in items]

        found = of(at_home, {**about, "rules": rules, "destination": home, "buyer": Buyer()})

        assert not found.restated

    @given(sales(), st.randoms(use_true_random=False))
    def test_do_not_depend_on_the_order_of_anything(
        self, made: tuple[list[Taxable], dict[str, object]], chance: Random
    ):
        items, about = made
        rules = about["rules"]
        assert isinstance(rules, TaxRules)

        shuffled = chance.sample(items, len(items))
        others = replace(
            rules,
            rates=tuple(chance.sample(rules.rates, len(rules.rates))),
            registrations=tuple(chance.sample(rules.registrations, len(rules.registrations))),
        )

        assert of(shuffled, {**about, "rules": others}) == of(items, about)

    @given(
        amounts=st.lists(st.integers(0, MOST), min_size=1, max_size=100),
        rate=decimals,
        rounding=st.sampled_from(Rounding),
        includes_tax=st.booleans(),
    )
    def test_rounded_once_are_those_of_the_sum(
        self, amounts: list[int], rate: str, rounding: Rounding, *, includes_tax: bool
    ):
        rules = TaxRules(
            home=Place("DE"),
            registrations=(Registration("DE"),),
            rates=(TaxRate("de", "VAT", rate, "DE"),),
            rounding_level="order",
        )
        items = [Taxable(f"SKU-{number}", amount) for number, amount in enumerate(amounts)]
        about: dict[str, object] = {"rules": rules, "destination": Place("DE"), "on": TODAY, "rounding": rounding}

        found = of(items, {**about, "prices_include_tax": includes_tax})

        factor = Fraction(rate) / (1 + Fraction(rate)) if includes_tax else Fraction(rate)
        assert found.tax == rounded(sum(amounts) * factor, rounding)
        assert all(abs(line.tax - line.amount * factor) < 2 for line in found.every)

    @given(st.integers(0, MOST), decimals, st.sampled_from(Rounding))
    def test_are_taken_out_of_a_price_as_they_were_put_in(self, net: int, rate: str, rounding: Rounding):
        rules = TaxRules(
            home=Place("DE"), registrations=(Registration("DE"),), rates=(TaxRate("de", "VAT", rate, "DE"),)
        )
        about: dict[str, object] = {"rules": rules, "destination": Place("DE"), "on": TODAY, "rounding": rounding}

        added = of([Taxable("A", net)], {**about, "prices_include_tax": False})
        taken = of([Taxable("A", added.gross)], {**about, "prices_include_tax": True})

        assert abs(taken.tax - added.tax) <= 1

    @given(sales(), st.sampled_from(["KWD", "ISK", "UGX", "JPY", "USD", "MGA"]))
    def test_of_prices_that_can_be_charged_give_totals_that_can_be_charged(
        self, made: tuple[list[Taxable], dict[str, object]], currency: str
    ):
        items, about = made
        step = grain(currency)
        chargeable = [replace(item, amount=item.amount // step * step) for item in items]

        found = of(chargeable, {**about, "grain": step})

        added = 0 if found.prices_include_tax else found.tax
        assert (sum(line.charged for line in found.every) + added) % step == 0
        assert found.gross % step == 0
        for line in found.every:
            assert line.net + line.tax == line.gross
            assert sum(part.tax for part in line.parts) == line.tax
            assert min(line.net, line.tax, line.gross) >= 0
