"""What holds for all promotions and all carts, in currencies with 0, 2 and 3 decimal places."""

from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from commerce.kernel.money import grain
from commerce.kernel.rounding import Rounding, rounded
from commerce.promotions.engine import evaluate
from commerce.promotions.model import Promotion
from commerce.promotions.situation import Item, KnownCode, KnownLimits, Shard, Situation
from tests.support.promotions import NOON, promotion

CURRENCIES = ("USD", "JPY", "KWD", "ISK")
SKUS = [f"SKU-{number}" for number in range(8)]
SHELVES = ("food", "toys", "books")
IDS = [f"p{number}" for number in range(6)]

selections = st.fixed_dictionaries(
    {},
    optional={
        "skus": st.lists(st.sampled_from(SKUS), max_size=3, unique=True),
        "categories": st.lists(st.sampled_from(SHELVES), max_size=2, unique=True),
        "except_skus": st.lists(st.sampled_from(SKUS), max_size=2, unique=True),
    },
)
points = st.integers(1, 10_000)
amounts = st.integers(1, 300_000).flatmap(
    lambda amount: st.lists(st.sampled_from(CURRENCIES), min_size=3, max_size=4, unique=True).map(
        lambda named: [{"amount": amount, "currency": currency} for currency in sorted(named)]
    )
)
caps: st.SearchStrategy[list[dict[str, Any]]] = st.one_of(st.just([]), amounts)


def action(kind: str, **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"kind": st.just(kind), **parts})


def tiers() -> st.SearchStrategy[list[dict[str, Any]]]:
    begins = st.lists(st.integers(1, 40), min_size=1, max_size=4, unique=True).map(sorted)
    return begins.flatmap(
        lambda each: st.lists(points, min_size=len(each), max_size=len(each)).map(
            lambda off: [
                {"from_quantity": begin, "off_basis_points": percent} for begin, percent in zip(each, off, strict=True)
            ]
        )
    )


actions = st.one_of(
    action("percent_off_items", of=selections, off_basis_points=points, at_most=caps),
    action("percent_off_order", off_basis_points=points, at_most=caps),
    action("percent_off_shipping", off_basis_points=points, at_most=caps),
    action("amount_off_items", of=selections, off=amounts, each=st.sampled_from(["line", "piece"])),
    action("amount_off_order", off=amounts),
    action("fixed_price", of=selections, price=amounts),
    action(
        "buy_x_get_y",
        buy=selections,
        buy_quantity=st.integers(1, 4),
        get=selections,
        get_quantity=st.integers(1, 4),
        off_basis_points=points,
        times_at_most=st.one_of(st.none(), st.integers(1, 3)),
    ),
    action("cheapest_free", of=selections, every=st.integers(2, 5)),
    action("free_shipping", at_most=caps),
    action("tiered", of=selections, tiers=tiers()),
    action("gift", sku=st.just("PIN"), quantity=st.integers(1, 3)),
)
conditions = st.one_of(
    st.fixed_dictionaries({"kind": st.just("goods"), "of": selections, "quantity": st.integers(1, 20)}),
    st.fixed_dictionaries({"kind": st.just("subtotal"), "at_least": amounts}),
)
stackings = st.one_of(
    st.just({"stacking": "stacks"}),
    st.just({"stacking": "exclusive"}),
    st.sampled_from(["a", "b"]).map(lambda group: {"stacking": "best_of_group", "group": group}),
)
limits: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.fixed_dictionaries({}, optional={"uses": st.just(5), "budget": amounts, "uses_per_customer": st.just(1)}),
)


@st.composite
def promotions(draw: st.DrawFn) -> list[Promotion]:
    """Draw promotions with ids of their own and priorities that clash."""
    return [
        promotion(
            promotion_id,
            *draw(st.lists(actions, min_size=1, max_size=3)),
            priority=draw(st.integers(-1, 1)),
            trigger=draw(st.sampled_from(["automatic", "automatic", "code"])),
            conditions=draw(st.lists(conditions, max_size=1)),
            limits=draw(limits),
            **draw(stackings),
        )
        for promotion_id in draw(st.lists(st.sampled_from(IDS), unique=True, max_size=6))
    ]


@st.composite
def carts(draw: st.DrawFn) -> Situation:
    """Draw a cart with some codes, and something left of some limits."""
    currency = draw(st.sampled_from(CURRENCIES))
    items = tuple(
        Item(
            sku=sku,
            product_id=f"prod_{sku}",
            shelves=frozenset(draw(st.sets(st.sampled_from(SHELVES)))),
            quantity=draw(st.integers(1, 9)),
            unit_price=draw(st.integers(0, 100_000)),
        )
        for sku in draw(st.lists(st.sampled_from(SKUS), unique=True))
    )
    left = {
        promotion_id: KnownLimits(
            shards=tuple(
                Shard(number, draw(st.integers(0, 1)), {currency: draw(st.integers(0, 100_000))}) for number in range(2)
            ),
            customer_uses=draw(st.integers(0, 1)),
        )
        for promotion_id in IDS
    }
    named = draw(st.lists(st.sampled_from(IDS), max_size=4))
    return Situation(
        currency=currency,
        now=NOON,
        items=items,
        shipping=draw(st.integers(0, 20_000)),
        codes=tuple(KnownCode(code=f"C{place}", promotion_id=each) for place, each in enumerate(named)),
        limits=left,
        gift_prices=draw(st.sampled_from([None, {}, {"PIN": 500}])),
        rounding=draw(st.sampled_from(list(Rounding))),
    )


@given(promotions=promotions(), cart=carts(), data=st.data())
@settings(max_examples=100, deadline=None)
def test_no_order_of_promotions_lines_or_codes_changes_anything(
    promotions: list[Promotion], cart: Situation, data: st.DataObject
) -> None:
    mixed = Situation(
        **{
            **{name: getattr(cart, name) for name in Situation.__dataclass_fields__},
            "items": tuple(data.draw(st.permutations(cart.items))),
            "codes": tuple(data.draw(st.permutations(cart.codes))),
        }
    )

    again = evaluate(promotions=data.draw(st.permutations(promotions)), situation=mixed)

    assert again == evaluate(promotions=promotions, situation=cart)


@given(promotions=promotions(), cart=carts())
@settings(max_examples=100, deadline=None)
def test_nothing_costs_less_than_nothing_and_every_amount_is_explained(
    promotions: list[Promotion], cart: Situation
) -> None:
    found = evaluate(promotions=promotions, situation=cart)

    for sku, line in cart.by_sku.items():
        assert 0 <= sum(each.by_sku.get(sku, 0) for each in found.discounts) <= line.total
    assert 0 <= sum(each.shipping for each in found.discounts) <= cart.shipping
    assert all(amount > 0 for each in found.discounts for amount in each.by_sku.values())
    assert all(each.amount > 0 for each in found.discounts)
    explained = {each.promotion_id: each.amount for each in found.outcomes if each.amount}
    assert explained == {each.promotion_id: each.amount for each in found.discounts}


@given(cart=carts(), off=st.integers(1, 900_000), percent=points)
@settings(max_examples=100, deadline=None)
def test_what_an_order_saves_is_shared_out_to_the_last_unit(cart: Situation, off: int, percent: int) -> None:
    subtotal = sum(item.total for item in cart.items)
    exactly = promotion("p", {"kind": "amount_off_order", "off": [{"amount": off, "currency": cart.currency}]})
    in_part = promotion("p", {"kind": "percent_off_order", "off_basis_points": percent})

    saved = [evaluate(promotions=[each], situation=cart).amount for each in (exactly, in_part)]

    least = grain(cart.currency)
    part = rounded(Fraction(subtotal * percent, 10_000), cart.rounding, grain=least)
    assert saved == [min(off - off % least, subtotal), min(part, subtotal)]


@given(promotions=promotions(), cart=carts())
@settings(max_examples=100, deadline=None)
def test_what_was_tried_has_one_outcome_and_what_goes_together_may(
    promotions: list[Promotion], cart: Situation
) -> None:
    found = evaluate(promotions=promotions, situation=cart)

    by_id = {each.id: each for each in promotions}
    tried = [each.id for each in promotions if each.trigger == "automatic"]
    outcomes = [each for each in found.outcomes if each.promotion_id in by_id and each.reason[11:] != "already_applied"]
    named = {code.promotion_id or "" for code in cart.codes} & by_id.keys()
    assert sorted(each.promotion_id or "" for each in outcomes) == sorted({*tried, *named})
    assert {code.code for code in cart.codes} == {each.code for each in found.outcomes} - {None}
    applied = [by_id[each.promotion_id or ""] for each in found.outcomes if each.applied]
    groups = [each.group for each in applied if each.group]
    assert len(groups) == len(set(groups))
    assert len(applied) == 1 or all(each.stacking != "exclusive" for each in applied)


@given(promotions=promotions(), cart=carts())
@settings(max_examples=100, deadline=None)
def test_no_limit_is_passed(promotions: list[Promotion], cart: Situation) -> None:
    found = evaluate(promotions=promotions, situation=cart)

    by_id = {each.id: each for each in promotions}
    for outcome in (each for each in found.outcomes if each.applied):
        terms, left = by_id[outcome.promotion_id or ""].limits, cart.limits[outcome.promotion_id or ""]
        assert not terms.uses or left.uses
        assert not terms.budget or outcome.amount <= left.budget(cart.currency)
        assert not terms.uses_per_customer or left.customer_uses < terms.uses_per_customer
    limited = {
        each.promotion_id for each in found.outcomes if each.applied and by_id[each.promotion_id or ""].limits.are_set
    }
    assert limited == {claim.promotion_id for claim in found.claims}
