"""The price of one piece: which list is chosen, and why the others are not."""

import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.kernel.money import exponent
from commerce.prices.engine import UnitPrice, resolved
from commerce.prices.model import Entry, PriceList, Tier
from commerce.prices.rules import Bound, Facts
from tests.unit.prices.builders import NOW, entry, exchange, manual, off, price, price_list, request, rule


def found(**more: Any) -> UnitPrice:
    result = price(**more)
    assert result is not None
    return result


def reasons(result: UnitPrice) -> dict[str, str | None]:
    return {candidate.source: candidate.reason for candidate in result.candidates}


class TestChoice:
    def test_is_the_catalogs_price_where_there_is_no_list(self) -> None:
        result = found()

        assert (result.amount, result.source, result.compare_at) == (1000, "catalog.price", None)
        assert result.message == "10.00 USD, the catalog's price."
        assert reasons(result) == {"catalog.price": None}

    def test_is_nothing_where_there_is_no_price(self) -> None:
        assert price(base={"EUR": 900}) is None
        assert price(base={}, lists=[price_list("sale", adjustment=off(1000))]) is None

    def test_is_a_lists_price_where_the_catalog_has_none(self) -> None:
        result = found(base={}, lists=[price_list("vip")], entries=entry("vip", (1, 800)))

        assert (result.amount, result.source) == (800, "list:vip")

    def test_goes_by_whom_a_list_is_for_before_its_priority(self) -> None:
        lists = [
            price_list("everybody", priority=9999),
            price_list("country", priority=500, countries=("US",)),
            price_list("region", priority=50, regions=("US-CA",)),
            price_list("group", priority=5, customer_groups=("vip", "staff")),
        ]
        entries = {key: own for one in lists for key, own in entry(one.id, (1, 900)).items()}
        asked = request(country="US", region="US-CA", customer_groups=frozenset({"vip"}))

        chosen = []
        while lists:
            result = found(request=asked, lists=lists, entries=entries)
            chosen.append(result.source)
            lists = [one for one in lists if f"list:{one.id}" != result.source]

        assert chosen == ["list:group", "list:region", "list:country", "list:everybody"]

    def test_goes_by_priority_then_by_id(self) -> None:
        entries = entry("b", (1, 1)) | entry("a", (1, 2)) | entry("c", (1, 3))

        first = found(lists=[price_list("a"), price_list("b"), price_list("c", priority=1)], entries=entries)
        second = found(lists=[price_list("b"), price_list("a")], entries=entries)

        assert (first.source, second.source) == ("list:c", "list:a")

    def test_says_why_each_other_lost(self) -> None:
        lists = [
            price_list("later", starts_at=NOW + timedelta(seconds=1)),
            price_list("over", ends_at=NOW),
            price_list("off", active=False),
            price_list("france", countries=("FR",)),
            price_list("texas", regions=("US-TX",)),
            price_list("till", channels=("pos",)),
            price_list("vip", customer_groups=("vip",)),
            price_list("empty"),
            price_list("bulk"),
            price_list("no-sale", kind="sale"),
            price_list("chosen", priority=1),
            price_list("outranked"),
            price_list("euros", currency="EUR"),
        ]
        entries = (
            entry("bulk", (10, 1))
            | entry("no-sale", (1, 1000))
            | entry("chosen", (1, 950))
            | entry("outranked", (1, 1))
        )

        result = found(lists=lists, entries=entries)

        assert reasons(result) == {
            "list:later": "not_in_force",
            "list:over": "not_in_force",
            "list:off": "not_in_force",
            "list:france": "country",
            "list:texas": "region",
            "list:till": "channel",
            "list:vip": "customer_group",
            "list:empty": "no_price",
            "list:bulk": "quantity",
            "list:no-sale": "not_below_catalog",
            "list:chosen": None,
            "list:outranked": "outranked",
            "catalog.price": "outranked",
        }
        assert all(candidate.message for candidate in result.candidates)

    def test_passes_over_prices_of_a_deleted_list_of_the_same_id(self) -> None:
        old = {"sale": Entry(of="pl_another", tiers=(Tier(min_quantity=1, amount=1),))}

        assert found(lists=[price_list("sale")], entries=old).source == "catalog.price"

    def test_begins_and_ends_to_the_millisecond(self) -> None:
        lists = [price_list("day", starts_at=NOW, ends_at=NOW + timedelta(days=1))]
        moments = [
            NOW - timedelta(milliseconds=1),
            NOW,
            NOW + timedelta(days=1, milliseconds=-1),
            NOW + timedelta(days=1),
        ]

        amounts = [
            found(request=request(now=now), lists=lists, entries=entry("day", (1, 500))).amount for now in moments
        ]

        assert amounts == [1000, 500, 500, 1000]


class TestTiers:
    ENTRIES = entry("bulk", (1, 900), (10, 800), (100, 850))

    @pytest.mark.parametrize(
        ("quantity", "amount", "source"),
        [
            (1, 900, "list:bulk"),
            (9, 900, "list:bulk"),
            (10, 800, "list:bulk/tier:10"),
            (99, 800, "list:bulk/tier:10"),
            (100, 850, "list:bulk/tier:100"),
        ],
    )
    def test_are_taken_by_quantity_also_where_they_rise(self, quantity: int, amount: int, source: str) -> None:
        result = found(request=request(quantity=quantity), lists=[price_list("bulk")], entries=self.ENTRIES)

        assert (result.amount, result.source) == (amount, source)

    def test_leave_smaller_quantities_to_the_percentage(self) -> None:
        result = found(lists=[price_list("bulk", adjustment=off(500))], entries=entry("bulk", (10, 800)))

        assert (result.amount, result.source) == (950, "list:bulk")


class TestReductions:
    def test_of_a_sale_are_from_the_catalogs_price(self) -> None:
        result = found(lists=[price_list("sale", kind="sale", adjustment=off(2500))])

        assert (result.amount, result.compare_at, result.is_reduced) == (750, 1000, True)

    def test_of_an_override_are_none_unless_it_says_so(self) -> None:
        lists = [price_list("contract")]

        assert found(lists=lists, entries=entry("contract", (1, 700))).compare_at is None
        assert found(lists=lists, entries=entry("contract", (1, 700), compare_at=900)).compare_at == 900

    def test_are_never_shown_from_what_is_not_higher(self) -> None:
        assert found(lists=[price_list("a")], entries=entry("a", (1, 700), compare_at=700)).compare_at is None
        assert found(compare_at={"USD": 1000}).compare_at is None
        assert found(compare_at={"USD": 1001}).compare_at == 1001

    @pytest.mark.parametrize(
        ("currency", "base", "rounding", "amount"),
        [
            ("USD", 1999, {}, 1799),
            ("USD", 1999, {"step": 100, "ending": 99}, 1799),
            ("USD", 1950, {"step": 100, "ending": 99}, 1799),
            ("USD", 2049, {"step": 100, "ending": 95, "towards": "down"}, 1795),
            ("USD", 2049, {"step": 100, "ending": 0, "towards": "up"}, 1900),
            ("USD", 50, {"step": 100, "ending": 99}, 99),
            ("JPY", 1980, {}, 1782),
            ("JPY", 1980, {"step": 100, "ending": 80}, 1780),
            ("KWD", 5125, {}, 4610),
            ("ISK", 4990, {"step": 500}, 4500),
        ],
    )
    def test_get_the_ending_that_the_list_wants(
        self, currency: str, base: int, rounding: dict[str, Any], amount: int
    ) -> None:
        lists = [price_list("tenth", currency=currency, adjustment=off(1000, **rounding))]

        assert found(request=request(currency=currency), base={currency: base}, lists=lists).amount == amount


class TestConversion:
    def test_is_for_what_has_no_price_in_the_currency(self) -> None:
        rates = exchange({"USD": "1.10", "JPY": "165"})

        result = found(request=request(currency="JPY"), exchange=rates)

        assert (result.amount, result.currency, result.source) == (1500, "JPY", "exchange:ecb")
        assert result.converted is not None
        assert (result.converted.rate_text, result.converted.of) == ("150", "catalog.price")
        assert (result.converted.from_amount, result.converted.from_currency) == (1000, "USD")
        assert found(request=request(currency="JPY"), base={"USD": 1000, "JPY": 900}, exchange=rates).amount == 900

    def test_is_of_what_it_costs_at_home_with_its_lists(self) -> None:
        lists = [price_list("sale", kind="sale", adjustment=off(5000))]

        result = found(request=request(currency="EUR"), lists=lists, exchange=exchange({"USD": "1.25"}))

        assert (result.amount, result.compare_at) == (400, 800)
        assert result.converted is not None
        assert result.converted.of == "list:sale"
        assert reasons(result) == {"list:sale": None, "catalog.price": "outranked"}

    def test_comes_after_lists_of_the_currency(self) -> None:
        result = found(
            request=request(currency="EUR"),
            lists=[price_list("euro", currency="EUR")],
            entries=entry("euro", (1, 950)),
            exchange=exchange({"USD": "1.25"}),
        )

        assert result.source == "list:euro"

    def test_needs_a_rate_that_is_young_enough(self) -> None:
        asked = request(currency="EUR")

        assert price(request=asked) is None
        assert price(request=asked, exchange=exchange({})) is None
        assert price(request=asked, exchange=exchange({"USD": "1.25"}, oldest=timedelta(0))) is not None
        late = request(currency="EUR", now=NOW + timedelta(days=7, seconds=1))
        assert price(request=late, exchange=exchange({"USD": "1.25"})) is None
        assert price(request=late, exchange=manual({"EUR": "0.8"})) is not None

    def test_sells_nothing_that_is_too_dear_to_be_charged(self) -> None:
        dear = manual({"VND": "999999999"})

        assert price(request=request(currency="VND"), exchange=dear) is None


CURRENCIES = st.sampled_from(["USD", "JPY", "KWD", "ISK"])
GROUPS = st.sampled_from([None, ("vip",), ("vip", "staff")])


@st.composite
def lists_and_entries(draw: st.DrawFn) -> tuple[str, list[PriceList], dict[str, Entry]]:
    currency = draw(CURRENCIES)
    lists: list[PriceList] = []
    entries: dict[str, Entry] = {}
    for number in range(draw(st.integers(0, 6))):
        adjustment = draw(st.one_of(st.none(), st.builds(off, st.integers(1, 10_000))))
        one = price_list(
            f"list-{number}",
            currency=currency,
            kind=draw(st.sampled_from(["sale", "override"])),
            priority=draw(st.integers(0, 2)),
            countries=draw(st.sampled_from([None, ("US",), ("FR",)])),
            customer_groups=draw(GROUPS),
            adjustment=adjustment,
        )
        tiers = draw(st.dictionaries(st.integers(1, 20), st.integers(0, 10**6), max_size=4))
        if tiers:
            entries |= entry(one.id, *sorted(tiers.items()))
        lists.append(one)
    return currency, lists, entries


class TestProperties:
    @given(drawn=lists_and_entries(), base=st.integers(0, 10**6), quantity=st.integers(1, 25), seed=st.integers())
    def test_hold_whatever_the_order(
        self, drawn: tuple[str, list[PriceList], dict[str, Entry]], base: int, quantity: int, seed: int
    ) -> None:
        currency, lists, entries = drawn
        rules = [rule(f"rule-{number}", (0, -500 * number), currency=currency) for number in range(3)]
        asked = request(currency=currency, quantity=quantity, country="US", customer_groups=frozenset({"vip"}))

        def ask() -> UnitPrice:
            facts = Facts(stock=3)
            result = resolved(
                request=asked, base={currency: base}, entries=entries, lists=lists, rules=rules, facts=facts
            )
            assert result is not None
            return result

        first = ask()
        random.Random(seed).shuffle(lists)
        random.Random(seed).shuffle(rules)
        entries = dict(random.Random(seed).sample(sorted(entries.items()), len(entries)))

        assert ask() == first
        assert first.amount >= 0
        assert first.compare_at is None or first.compare_at > first.amount
        assert [one.source for one in first.candidates if one.reason is None] == [first.source]
        computed = not any(
            amount == first.amount for own in entries.values() for amount in (t.amount for t in own.tiers)
        )
        if exponent(currency) == 3 and computed and first.source != "catalog.price":
            assert first.amount % 10 == 0

    @given(drawn=lists_and_entries(), base=st.integers(1, 10**6), quantity=st.integers(1, 25))
    def test_hold_that_a_sale_is_cheaper(
        self, drawn: tuple[str, list[PriceList], dict[str, Entry]], base: int, quantity: int
    ) -> None:
        currency, lists, entries = drawn
        sales = {f"list:{one.id}" for one in lists if one.kind == "sale"}

        result = price(
            request=request(currency=currency, quantity=quantity, country="US", customer_groups=frozenset({"vip"})),
            base={currency: base},
            entries=entries,
            lists=lists,
        )

        assert result is not None
        if result.source.split("/")[0] in sales:
            assert result.amount < base
            assert result.compare_at is not None


class TestRules:
    def test_change_the_catalogs_price_only(self) -> None:
        scarce = rule("scarce", (0, 2000), (6, 0))

        assert found(rules=[scarce], facts=Facts(stock=5)).amount == 1200
        listed = found(rules=[scarce], facts=Facts(stock=5), lists=[price_list("a")], entries=entry("a", (1, 990)))
        assert (listed.amount, listed.source) == (990, "list:a")

    def test_are_tried_by_priority_and_one_is_taken(self) -> None:
        rules = [rule("b", (0, -1000)), rule("a", (0, -500)), rule("first", (100, -9000), priority=7)]

        result = found(rules=rules, facts=Facts(stock=5))

        assert (result.amount, result.source) == (950, "rule:a")
        assert reasons(result) == {
            "rule:first": "no_band",
            "rule:a": None,
            "rule:b": "outranked",
            "catalog.price": "outranked",
        }

    def test_of_other_currencies_are_not_tried(self) -> None:
        result = found(
            rules=[rule("a", (0, -500), currency="EUR"), rule("b", (0, -500), active=False)], facts=Facts(stock=1)
        )

        assert reasons(result) == {"catalog.price": None}

    def test_keep_the_price_that_the_catalog_compares_with(self) -> None:
        result = found(rules=[rule("a", (0, 2000))], facts=Facts(stock=1), compare_at={"USD": 1500})

        assert (result.amount, result.compare_at) == (1200, 1500)

    def test_are_bounded(self) -> None:
        result = found(rules=[rule("a", (0, -9000), floor=Bound(basis_points=8000))], facts=Facts(stock=1))

        assert result.amount == 800
