"""Conversion: exact, with an ending, and everything that is needed to compute it again."""

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.kernel.money import exponent, grain
from commerce.kernel.rounding import Towards, ended
from commerce.prices.exchange import Quoted, Rate, Rates, converted, decimal_text, rate_between
from commerce.prices.model import PriceRounding
from tests.unit.prices.builders import NOW

ECB = Rates(
    source="ecb",
    base="EUR",
    at=NOW,
    fetched={"USD": Fraction("1.25"), "JPY": Fraction("160"), "KWD": Fraction("0.384"), "ISK": Fraction("140.3")},
)


def rate(text: str) -> Rate:
    return Rate(Fraction(text), "ecb", NOW)


class TestRateBetween:
    def test_goes_over_the_base_of_the_source(self) -> None:
        texts = {
            (source, target): decimal_text(found.rate)
            for source, target in (("EUR", "USD"), ("USD", "EUR"), ("USD", "JPY"), ("JPY", "KWD"))
            if (found := rate_between(ECB, source, target)) is not None
        }

        assert texts == {
            ("EUR", "USD"): "1.25",
            ("USD", "EUR"): "0.8",
            ("USD", "JPY"): "128",
            ("JPY", "KWD"): "0.0024",
        }

    def test_has_twelve_places_at_most(self) -> None:
        found = rate_between(ECB, "ISK", "USD")

        assert found is not None
        assert decimal_text(found.rate) == "0.008909479686"
        assert Fraction(decimal_text(found.rate)) == found.rate

    def test_takes_what_staff_wrote_first_both_ways(self) -> None:
        written = Rates(
            source="ecb", base="EUR", at=NOW, fetched=ECB.fetched, manual={"JPY": (Quoted(Fraction(130), "USD"), NOW)}
        )

        there, back = rate_between(written, "USD", "JPY"), rate_between(written, "JPY", "USD")

        assert there is not None
        assert back is not None
        assert (decimal_text(there.rate), there.source, decimal_text(back.rate)) == ("130", "manual", "0.007692307692")
        from_euro = rate_between(written, "EUR", "JPY")
        assert from_euro is not None
        assert from_euro.rate == 160

    def test_is_nothing_where_nobody_said(self) -> None:
        assert rate_between(ECB, "USD", "CHF") is None
        assert rate_between(ECB, "CHF", "USD") is None
        assert rate_between(Rates(), "USD", "EUR") is None

    def test_grows_old_unless_staff_wrote_it(self) -> None:
        age = timedelta(hours=1)

        assert not rate("1").is_older_than(age, now=NOW + age)
        assert rate("1").is_older_than(age, now=NOW + age + timedelta(seconds=1))
        assert not Rate(Fraction(1), "manual", NOW).is_older_than(age, now=NOW + timedelta(days=999))


class TestConverted:
    @pytest.mark.parametrize(
        ("amount", "source", "target", "text", "result"),
        [
            (1000, "USD", "JPY", "150", 1500),
            (1500, "JPY", "USD", "0.0066666667", 1000),
            (1000, "USD", "KWD", "0.3072", 3070),
            (3070, "KWD", "USD", "3.2552083333", 999),
            (1999, "USD", "ISK", "140.3", 2805),
            (1000, "USD", "MGA", "4500", 4_500_000),
            (0, "USD", "JPY", "150", 0),
            (1, "USD", "KWD", "0.3", 10),
        ],
    )
    def test_minds_the_decimal_places(self, amount: int, source: str, target: str, text: str, result: int) -> None:
        assert converted(amount, source=source, target=target, rate=rate(text), rule=None).amount == result

    @pytest.mark.parametrize(
        ("rule", "result"),
        [
            (PriceRounding(step=100, ending=99), 1799),
            (PriceRounding(step=100, ending=95), 1895),
            (PriceRounding(step=100, ending=0), 1800),
            (PriceRounding(step=100, ending=0, towards=Towards.UP), 1900),
            (PriceRounding(step=5), 1845),
        ],
    )
    def test_has_the_ending_that_the_shop_wants(self, rule: PriceRounding, result: int) -> None:
        found = converted(1999, source="USD", target="EUR", rate=rate("0.9231"), rule=rule)

        assert (found.amount, found.rule, found.rate_text) == (result, rule, "0.9231")
        assert (found.source, found.at, found.from_amount, found.from_currency) == ("ecb", NOW, 1999, "USD")

    @given(
        amount=st.integers(0, 10**8),
        pair=st.permutations(["USD", "JPY", "KWD", "ISK", "EUR"]),
        step=st.integers(1, 1000),
        data=st.data(),
    )
    def test_can_be_computed_again_from_what_is_stored(
        self, amount: int, pair: list[str], step: int, data: st.DataObject
    ) -> None:
        source, target = pair[:2]
        rule = data.draw(
            st.one_of(st.none(), st.builds(PriceRounding, step=st.just(step), ending=st.integers(0, step - 1)))
        )
        between = rate_between(ECB, source, target)
        assert between is not None

        found = converted(amount, source=source, target=target, rate=between, rule=rule)

        exact = found.from_amount * Fraction(found.rate_text) * Fraction(10) ** (exponent(target) - exponent(source))
        used = found.rule or PriceRounding(step=1)
        charged = grain(target)
        assert found.amount == ended(exact, step=used.step, ending=used.ending, towards=used.towards, grain=charged)
        assert (found.amount == 0) == (amount == 0)
        assert found.amount % charged == 0
        assert abs(found.amount - exact) <= used.step * charged
