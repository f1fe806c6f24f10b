"""How much of each refund is tax."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.checkout.sales_taxes import parts_of_tax
from commerce.kernel.money import MOST
from commerce.kernel.rounding import Rounding


@st.composite
def refunded(draw: st.DrawFn) -> tuple[list[int], int, int]:
    """Return refunds that sum up to the total or more, the total, and the tax in it."""
    total = draw(st.integers(1, MOST))
    amounts = draw(st.lists(st.integers(1, total), max_size=12))
    return [*amounts, total], total, draw(st.integers(0, total))


@given(refunded(), st.sampled_from(Rounding))
def test_the_parts_add_up_to_the_tax_of_the_order(made: tuple[list[int], int, int], mode: Rounding) -> None:
    amounts, total, tax = made

    found = parts_of_tax(amounts, total=total, tax=tax, mode=mode)

    assert sum(found) == tax
    assert all(part >= 0 for part in found)


@given(refunded(), st.sampled_from(Rounding))
def test_a_later_refund_changes_no_earlier_part(made: tuple[list[int], int, int], mode: Rounding) -> None:
    amounts, total, tax = made

    found = parts_of_tax(amounts, total=total, tax=tax, mode=mode)

    assert parts_of_tax(amounts[:-1], total=total, tax=tax, mode=mode) == found[:-1]


@pytest.mark.parametrize(("mode", "part"), [(Rounding.HALF_UP, 91), (Rounding.UP, 91), (Rounding.DOWN, 90)])
def test_a_part_is_rounded_as_the_order_was(mode: Rounding, part: int) -> None:
    assert parts_of_tax([1000], total=4730, tax=430, mode=mode) == [part]


def test_an_order_that_cost_nothing_bore_no_tax() -> None:
    assert parts_of_tax([5], total=0, tax=0, mode=Rounding.HALF_UP) == [0]
