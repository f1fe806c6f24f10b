"""The real thing and a notebook use the same cards: they agree on every balance, and on what is refused."""

import random
from typing import Any

import pytest

from commerce.giftcards import ledger
from commerce.giftcards.errors import InsufficientBalance
from commerce.giftcards.model import GiftCardState, TenderPart
from tests.faults.giftcards.conftest import adjust, card, disable, issued, redeem, refund, release

pytestmark = pytest.mark.java

STEPS = 90


class Notebook:
    """What cards hold, by simple sums."""

    def __init__(self, *card_ids: str) -> None:
        self.balance = dict.fromkeys(card_ids, 1000)
        self.spent = dict.fromkeys(card_ids, 0)
        self.open: list[tuple[str, tuple[TenderPart, ...]]] = []
        self.paid: list[tuple[str, tuple[TenderPart, ...]]] = []

    def moved(self, parts: tuple[TenderPart, ...], sign: int) -> None:
        for part in parts:
            self.balance[part.account_id] += sign * part.amount
            self.spent[part.account_id] -= sign * part.amount


@pytest.mark.parametrize("seed", range(3))
def test_cards_hold_what_the_notebook_says(tables: Any, seed: int) -> None:
    chance = random.Random(seed)
    notebook = Notebook(*(issued(1000) for _ in range(3)))
    outcomes = set()
    for number in range(STEPS):
        outcomes.add(step(chance, notebook, number))

    for card_id, balance in notebook.balance.items():
        now = card(card_id)
        assert (now.balance, now.spent) == (balance, notebook.spent[card_id])
    assert outcomes >= {"redeemed", "refused", "released", "refunded", "adjusted"}
    assert ledger.differences() == ()


def step(chance: random.Random, notebook: Notebook, number: int) -> str:
    """Do something with the cards and write it down; return what came of it."""
    ids = chance.sample(sorted(notebook.balance), chance.randint(1, 3))
    what = chance.choice(["redeem"] * 4 + ["release", "pay", "refund", "adjust"] + ["disable"] * (number > STEPS - 10))
    if what == "redeem":
        return redeemed(notebook, chance.randint(1, 700), ids)
    if what == "adjust":
        delta = chance.choice([-60, 90])
        if notebook.balance[ids[0]] + delta < 0:
            with pytest.raises(InsufficientBalance):
                adjust(ids[0], delta)
            return "not adjusted"
        adjust(ids[0], delta)
        notebook.balance[ids[0]] += delta
        return "adjusted"
    if what == "disable":
        disable(ids[0])
        return "disabled"
    if notebook.open and what in {"release", "pay"}:
        order = notebook.open.pop(chance.randrange(len(notebook.open)))
        if what == "pay":
            notebook.paid.append(order)
            return "paid"
        release(*order)
        notebook.moved(order[1], 1)
        return "released"
    if notebook.paid and what == "refund":
        order_id, parts = notebook.paid.pop(chance.randrange(len(notebook.paid)))
        refund(order_id, parts, f"ref_{number}")
        notebook.moved(parts, 1)
        return "refunded"
    return "nothing"


def redeemed(notebook: Notebook, due: int, ids: list[str]) -> str:
    able = [each for each in ids if card(each).state is GiftCardState.ACTIVE]
    if sum(notebook.balance[each] for each in able) < due:
        with pytest.raises(InsufficientBalance):
            redeem(due, *ids)
        return "refused"
    order = redeem(due, *ids)
    notebook.open.append(order)
    notebook.moved(order[1], -1)
    return "redeemed"
