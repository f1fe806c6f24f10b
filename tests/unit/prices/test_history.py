"""The lowest price of the thirty days before a reduction, as the shopper in question saw it."""

from collections.abc import Mapping, Sequence
from copy import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from commerce.prices.engine import PriceRequest, resolved
from commerce.prices.history import lowest_30_days
from commerce.prices.model import Entry, PastList, PriceList, SkuPrices, Tier
from commerce.prices.past import Past
from commerce.prices.rules import Bound, Facts, PastRule
from commerce.prices.timeline import Track, millis, recorded, stored, window_start
from tests.unit.prices.builders import NOW, off, price_list, request, rule

type Steps = Sequence[tuple[float, int | None]]
"""Days before now, and the amount from then on."""


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def timeline(**tracks: Steps) -> SkuPrices:
    found: dict[str, Track] = {}
    for name, steps in tracks.items():
        track: Track = ()
        for days, amount in steps:
            track = recorded(track, amount=amount, now=ago(days))
        found[name] = track
    return SkuPrices(timeline=stored(found))


def lowest(
    prices: SkuPrices | None = None,
    *,
    base: int = 1000,
    past: Past | None = None,
    facts: Facts | None = None,
    **asked: Any,
) -> int | None:
    return lowest_30_days(
        request=request(**asked),
        base=base,
        since=ago(365),
        prices=prices or SkuPrices(),
        past=past or Past(),
        facts=facts or Facts(),
    )


class TestTheCatalogsPrice:
    def test_that_fell_is_compared_with_the_lowest_before(self) -> None:
        assert lowest(timeline(USD=[(100, 1000), (20, 900), (15, 1000), (5, 800)])) == 900

    def test_is_looked_at_for_thirty_days_before_it_fell_not_before_today(self) -> None:
        assert lowest(timeline(USD=[(100, 1000), (60, 700), (50, 1000), (25, 800)])) == 700
        assert lowest(timeline(USD=[(100, 1000), (60, 700), (56, 1000), (25, 800)])) == 1000

    def test_that_never_changed_has_nothing_before(self) -> None:
        assert lowest() is None
        assert lowest(timeline(USD=[(10, 1000)])) is None

    def test_that_rose_was_lower_before(self) -> None:
        assert lowest(timeline(USD=[(100, 800), (5, 1000)])) == 800

    def test_falls_anew_with_each_step(self) -> None:
        assert lowest(timeline(USD=[(100, 1000), (10, 900), (5, 800)])) == 900

    def test_that_was_off_sale_in_between_was_there_before(self) -> None:
        assert lowest(timeline(USD=[(100, 800), (10, None), (5, 800)])) == 800
        assert lowest(timeline(USD=[(100, 700), (50, None), (5, 800)])) is None


class TestLists:
    def test_that_are_planned_count_from_when_they_begin(self) -> None:
        sale = price_list("sale", kind="sale", adjustment=off(2000), since=ago(90), starts_at=ago(3))
        prices = timeline(USD=[(200, 1000), (30, 950)])

        assert lowest(prices, base=950, past=Past([sale])) == 950

    def test_that_went_before_are_remembered(self) -> None:
        sale = price_list("sale", kind="sale", adjustment=off(1000), since=ago(3))
        flash = price_list("flash", kind="sale", adjustment=off(5000), since=ago(20))

        assert lowest(past=Past([sale], [PastList(was=flash, until=ago(19))])) == 500
        assert lowest(past=Past([sale], [PastList(was=replace_since(flash, ago(50)), until=ago(40))])) == 1000

    def test_that_only_changed_their_terms_go_on(self) -> None:
        before = price_list("sale", kind="sale", adjustment=off(2000), since=ago(20), priority=1)
        sale = price_list("sale", kind="sale", adjustment=off(2000), since=ago(2), priority=5)

        assert lowest(past=Past([sale], [PastList(was=before, until=ago(2))])) == 1000

    def test_for_others_do_not_count(self) -> None:
        sale = price_list("sale", kind="sale", adjustment=off(1000), since=ago(3))
        vip = price_list("vip", adjustment=off(5000), since=ago(90), customer_groups=("vip",))
        france = price_list("france", adjustment=off(4000), since=ago(90), countries=("FR",))
        past = Past([sale, vip, france])

        assert lowest(past=past) == 1000
        assert lowest(past=Past([sale, vip]), customer_groups=frozenset({"vip"})) == 1000
        was_vip = Past([sale], [PastList(was=vip, until=ago(5))])
        assert lowest(past=was_vip, customer_groups=frozenset({"vip"})) == 500
        assert lowest(past=was_vip) == 1000

    def test_that_were_never_chosen_do_not_count(self) -> None:
        first = price_list("first", adjustment=off(500), since=ago(90), priority=9)
        cheaper = price_list("cheaper", adjustment=off(5000), since=ago(90), ends_at=ago(5))
        sale = price_list("sale", kind="sale", adjustment=off(1000), since=ago(3), priority=10)

        assert lowest(past=Past([first, cheaper, sale])) == 950

    def test_have_prices_of_their_own(self) -> None:
        one = price_list("one", kind="sale", since=ago(90))
        prices = timeline(USD=[(200, 1000)], pl_one=[(20, 600), (15, 700), (10, None), (4, 650)])

        assert lowest(prices, past=Past([one])) == 600

    def test_that_began_with_the_product_have_nothing_before(self) -> None:
        sale = price_list("sale", kind="sale", adjustment=off(1000), since=ago(400))

        assert lowest(past=Past([sale])) is None
        assert lowest(timeline(USD=[(9, 1000)]), past=Past([sale])) is None


class TestRules:
    def test_count_with_the_lowest_that_they_could_have_made(self) -> None:
        scarce = rule("clear", (0, 0), (50, -3000), since=ago(90))
        sale = price_list("sale", kind="sale", adjustment=off(1000), since=ago(3))

        assert lowest(past=Past([sale], rules=[scarce])) == 700
        assert lowest(past=Past([sale], past_rules=[PastRule(was=scarce, until=ago(10))])) == 700
        assert lowest(past=Past([sale], past_rules=[PastRule(was=scarce, until=ago(60))])) == 1000

    def test_count_within_their_bounds(self) -> None:
        clear = rule("clear", (0, -3000), since=ago(90), floor=Bound(basis_points=8500))
        sale = price_list("sale", kind="sale", adjustment=off(1000), since=ago(3))

        assert lowest(past=Past([sale], rules=[clear])) == 850


def replace_since(one: PriceList, since: datetime) -> PriceList:
    return one.model_copy(update={"since": since})


# ---- against a model that looks at every moment ------------------------------------------------------------


def shown_at(
    moment: datetime,
    asked: PriceRequest,
    tracks: Mapping[str, Steps],
    versions: Sequence[tuple[PriceList, datetime | None]],
) -> int | None:
    """What the shopper saw at a moment, by the engine itself."""
    held = {
        name: next((amount for days, amount in reversed(steps) if ago(days) <= moment), None)
        for name, steps in tracks.items()
    }
    lists = [one for one, until in versions if one.since <= moment and (until is None or moment < until)]
    entries = {
        one.id: Entry(of=one.key, tiers=(Tier(min_quantity=1, amount=amount),))
        for one in lists
        if (amount := held.get(one.key)) is not None
    }
    catalog = held["USD"]
    found = resolved(
        request=replace(asked, now=moment),
        base={"USD": catalog} if catalog is not None else {},
        entries=entries,
        lists=lists,
        rules=[],
        facts=Facts(),
    )
    return found.amount if found is not None else None


def model(
    asked: PriceRequest, tracks: Mapping[str, Steps], versions: Sequence[tuple[PriceList, datetime | None]]
) -> int | None:
    """The lowest price before, found by asking for the price at every moment at which anything happened."""
    moments = {ago(days) for steps in tracks.values() for days, _ in steps}
    for one, until in versions:
        moments |= {moment for moment in (one.since, one.starts_at, one.ends_at, until) if moment is not None}
    order = sorted(moment for moment in moments if moment <= NOW)
    seen = [(moment, shown_at(moment, asked, tracks, versions)) for moment in order]
    last = len(seen) - 1
    while last > 0 and seen[last - 1][1] == seen[-1][1]:
        last -= 1
    start, began = window_start(seen[last][0]), millis(seen[last][0])
    ends = [*order[1:], NOW]
    amounts = [
        amount
        for (moment, amount), until in list(zip(seen, ends, strict=True))[:last]
        if amount is not None and millis(moment) < began and millis(until) > start
    ]
    return min(amounts, default=None)


@st.composite
def pasts(draw: st.DrawFn) -> tuple[dict[str, Steps], list[tuple[PriceList, datetime | None]]]:
    """Prices and lists that change at noon, one of each at most on a day: what is kept exactly."""
    days = st.integers(1, 38)
    amounts = st.one_of(st.none(), st.integers(1, 20).map(lambda tens: tens * 10))

    def steps() -> Steps:
        changed = draw(st.lists(days, max_size=6, unique=True))
        return [(day, draw(amounts)) for day in sorted(changed, reverse=True)]

    tracks: dict[str, Steps] = {"USD": [(60, draw(st.integers(10, 20)) * 10), *steps()]}
    versions: list[tuple[PriceList, datetime | None]] = []
    for number in range(draw(st.integers(0, 3))):
        tracks[f"pl_list-{number}"] = steps()
        born = draw(st.integers(2, 45))
        changed = draw(st.lists(st.integers(1, born - 1), max_size=2, unique=True)) if born > 1 else []
        births = [born, *sorted(changed, reverse=True)]
        for place, day in enumerate(births):
            starts, ends = draw(st.one_of(st.none(), days)), draw(st.one_of(st.none(), days))
            one = price_list(
                f"list-{number}",
                kind=draw(st.sampled_from(["sale", "override"])),
                priority=draw(st.integers(0, 2)),
                countries=draw(st.sampled_from([None, ("US",), ("FR",)])),
                adjustment=draw(st.sampled_from([None, off(1000), off(5000)])),
                active=draw(st.booleans()) or draw(st.booleans()),
                starts_at=ago(starts) if starts is not None else None,
                ends_at=ago(ends) if ends is not None else None,
                since=ago(day),
            )
            versions.append((one, ago(births[place + 1]) if place + 1 < len(births) else None))
    return tracks, versions


class TestAgainstTheModel:
    @given(drawn=pasts())
    def test_finds_what_asking_at_every_moment_finds(
        self, drawn: tuple[dict[str, Steps], list[tuple[PriceList, datetime | None]]]
    ) -> None:
        tracks, versions = drawn
        past = Past(
            [one for one, until in versions if until is None],
            [PastList(was=one, until=until) for one, until in versions if until is not None],
        )

        found = lowest(timeline(**tracks), past=past, country="US")

        assert found == model(request(country="US"), tracks, versions)
