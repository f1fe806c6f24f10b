"""What holds for all promotions and all carts, in currencies with 0, 2 and 3 decimal places."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from commerce.kernel.money import grain
from commerce.kernel.rounding import rounded
from commerce.promotions.engine import evaluate
from commerce.promotions.model import Promotion
from commerce.promotions.situation import Situation
from tests.support.promotions import promotion
from tests.unit.promotions.drawn import carts, points, promotions


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
