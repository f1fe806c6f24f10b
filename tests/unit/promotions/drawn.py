"""Promotions and carts as hypothesis draws them, in currencies with 0, 2 and 3 decimal places."""

from typing import Any

from hypothesis import strategies as st

from commerce.kernel.rounding import Rounding
from commerce.promotions.known import KnownCode, KnownLimits, Shard
from commerce.promotions.model import Promotion
from commerce.promotions.situation import Item, Situation
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
