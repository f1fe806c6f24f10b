"""What each card pays of an order, and where refunds of it go."""

from collections.abc import Sequence
from copy import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from commerce.giftcards.errors import RefundNotSplittable
from commerce.giftcards.model import (
    MOST_CREDITS,
    MOST_GIFT_CARDS,
    Card,
    GiftCardKind,
    GiftCardState,
    RefundSplit,
    TenderPart,
    Unusable,
    has_expired,
    paid_by,
    refund_split,
    unusable,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CURRENCIES = ("USD", "JPY", "KWD", "ISK")
STEPS = {"USD": 1, "JPY": 1, "KWD": 10, "ISK": 1}


def card(number: int = 1, balance: int = 1000, **fields: Any) -> Card:
    return Card(**{
        "id": f"gc_{number}",
        "kind": GiftCardKind.GIFT_CARD,
        "label": f"•••• {number}",
        "currency": "USD",
        "balance": balance,
        **fields,
    })  # fmt: skip


def credit(number: int = 9, balance: int = 1000, **fields: Any) -> Card:
    return card(number, balance, kind=GiftCardKind.STORE_CREDIT, email="ada@example.com", **fields)


def days(number: int) -> datetime:
    return NOW + timedelta(days=number)


def pay(due: int, *cards: Card, **more: Any) -> tuple[TenderPart, ...]:
    return paid_by(due=due, cards=cards, currency="USD", now=NOW, **more)


def amounts(parts: Sequence[TenderPart]) -> dict[str, int]:
    return {part.account_id: part.amount for part in parts}


@st.composite
def wallets(draw: st.DrawFn, currency: str) -> list[Card]:
    """Draw cards of every kind and state, of which some can pay."""
    drawn = st.fixed_dictionaries({
        "balance": st.integers(0, 50_000),
        "kind": st.sampled_from(GiftCardKind),
        "currency": st.sampled_from([currency] * 4 + ["EUR"]),
        "expires_at": st.none() | st.integers(-2, 400).map(days),
        "state": st.sampled_from([GiftCardState.ACTIVE] * 5 + [GiftCardState.DISABLED]),
    })  # fmt: skip
    return [card(number, **fields) for number, fields in enumerate(draw(st.lists(drawn, max_size=12)))]


currencies = st.sampled_from(CURRENCIES)
dues = st.integers(0, 200_000)


class TestPaidBy:
    def test_takes_what_expires_first_and_then_by_id(self) -> None:
        last, first, never_b, never_a = (
            card(1, expires_at=days(20)),
            card(2, expires_at=days(10)),
            card(4),
            card(3),
        )

        parts = pay(3500, last, never_b, first, never_a)

        assert [(part.account_id, part.amount) for part in parts] == [
            ("gc_2", 1000),
            ("gc_1", 1000),
            ("gc_3", 1000),
            ("gc_4", 500),
        ]

    def test_takes_gift_cards_before_credit_however_soon_the_credit_ends(self) -> None:
        assert amounts(pay(1200, credit(expires_at=days(1)), card(expires_at=days(300)))) == {"gc_1": 1000, "gc_9": 200}

    def test_leaves_untouched_what_is_not_needed(self) -> None:
        assert amounts(pay(300, card(1), card(2))) == {"gc_1": 300}
        assert pay(0, card(1)) == ()

    def test_passes_over_what_cannot_pay(self) -> None:
        spoiled = (
            card(1, state=GiftCardState.DISABLED),
            card(2, currency="EUR"),
            card(3, balance=0),
            card(4, expires_at=NOW),
        )

        assert pay(500, *spoiled, card(5, expires_at=NOW + timedelta(milliseconds=1))) == (
            TenderPart(account_id="gc_5", kind=GiftCardKind.GIFT_CARD, label="•••• 5", amount=500),
        )

    def test_takes_five_gift_cards_and_one_credit_at_most(self) -> None:
        wallet = [card(number, 10) for number in range(1, 8)] + [credit(8, 10), credit(9, 10)]

        assert amounts(pay(1000, *wallet)) == {f"gc_{number}": 10 for number in (1, 2, 3, 4, 5, 8)}

    def test_leaves_enough_to_be_charged(self) -> None:
        assert amounts(pay(1020, card(), least=50)) == {"gc_1": 970}
        assert amounts(pay(1020, card(1), card(2, 10), least=50)) == {"gc_1": 970}
        assert amounts(pay(1000, card(), least=50)) == {"gc_1": 1000}
        assert amounts(pay(2000, card(), least=50)) == {"gc_1": 1000}

    def test_what_they_leave_is_charged_with_what_they_may_not_pay(self) -> None:
        assert amounts(pay(1020, card(), least=50, beside=2500)) == {"gc_1": 1000}
        assert amounts(pay(1000, card(), least=50, beside=20)) == {"gc_1": 970}
        assert amounts(pay(1000, card(), step=10, beside=2504)) == {"gc_1": 994}

    def test_leaves_a_multiple_of_what_the_provider_counts_in(self) -> None:
        parts = paid_by(due=12_345, cards=[card(1, 10_000, currency="KWD")], currency="KWD", now=NOW, step=10)

        assert amounts(parts) == {"gc_1": 9_995}

    @given(st.data(), currencies, dues)
    def test_never_pays_more_than_there_is_nor_more_than_is_due(
        self, data: st.DataObject, currency: str, due: int
    ) -> None:
        wallet = data.draw(wallets(currency))

        parts = paid_by(due=due, cards=wallet, currency=currency, now=NOW)

        held = {each.id: each for each in wallet}
        assert sum(part.amount for part in parts) <= due
        assert len({part.account_id for part in parts}) == len(parts)
        for part in parts:
            paying = held[part.account_id]
            assert 0 < part.amount <= paying.balance
            assert (paying.currency, paying.state, part.kind) == (currency, GiftCardState.ACTIVE, paying.kind)
            assert not has_expired(paying, now=NOW)
        kinds = [part.kind for part in parts]
        assert kinds.count(GiftCardKind.GIFT_CARD) <= MOST_GIFT_CARDS
        assert kinds.count(GiftCardKind.STORE_CREDIT) <= MOST_CREDITS

    @given(st.data(), currencies, dues)
    def test_leaves_something_due_only_when_its_cards_are_empty(
        self, data: st.DataObject, currency: str, due: int
    ) -> None:
        wallet = data.draw(wallets(currency))

        parts = paid_by(due=due, cards=wallet, currency=currency, now=NOW)

        if sum(part.amount for part in parts) < due:
            held = {each.id: each.balance for each in wallet}
            assert amounts(parts) == {part.account_id: held[part.account_id] for part in parts}

    @given(st.data(), currencies, dues)
    def test_does_not_depend_on_the_order_of_the_cards(self, data: st.DataObject, currency: str, due: int) -> None:
        wallet = data.draw(wallets(currency))
        shuffled = data.draw(st.permutations(wallet))

        assert paid_by(due=due, cards=wallet, currency=currency, now=NOW) == paid_by(
            due=due, cards=shuffled, currency=currency, now=NOW
        )

    @given(st.data(), currencies, dues, st.integers(0, 500))
    def test_leaves_what_can_be_charged_or_pays_nothing(
        self, data: st.DataObject, currency: str, due: int, least: int
    ) -> None:
        step = STEPS[currency]
        wallet = data.draw(wallets(currency))

        parts = paid_by(due=due, cards=wallet, currency=currency, now=NOW, least=least, step=step)

        left = due - sum(part.amount for part in parts)
        greedy = due - sum(part.amount for part in paid_by(due=due, cards=wallet, currency=currency, now=NOW))
        assert left == 0 or not parts or (left >= least and left % step == 0)
        assert greedy <= left
        assert left - greedy < least + step or not parts


class TestUnusable:
    @pytest.mark.parametrize(
        ("found", "email", "problem"),
        [
            (None, "ada@example.com", Unusable.UNKNOWN),
            (card(), None, None),
            (card(state=GiftCardState.DISABLED), None, Unusable.DISABLED),
            (card(expires_at=NOW), None, Unusable.EXPIRED),
            (card(currency="EUR"), None, Unusable.WRONG_CURRENCY),
            (card(balance=0), None, Unusable.EMPTY),
            (credit(), "ada@example.com", None),
            (credit(), "Ada@Example.com ", None),
            (credit(), "eve@example.com", Unusable.NOT_YOURS),
            (credit(), None, Unusable.NOT_YOURS),
            (credit(state=GiftCardState.DISABLED), "eve@example.com", Unusable.NOT_YOURS),
        ],
    )
    def test_says_why(self, found: Card | None, email: str | None, problem: Unusable | None) -> None:
        assert unusable(found, currency="USD", email=email, now=NOW) is problem


def split(amount: int, provider: int, parts: Sequence[TenderPart], *before: RefundSplit, step: int = 1) -> RefundSplit:
    return refund_split(amount=amount, paid_by_provider=provider, paid_by=parts, refunded_before=before, step=step)


class TestRefundSplit:
    PARTS = pay(2500, card(1, expires_at=days(5)), card(2, expires_at=days(9)), credit())

    def test_gives_the_provider_its_money_first(self) -> None:
        assert split(300, 700, self.PARTS) == RefundSplit(to_provider=300)

    def test_then_undoes_what_the_cards_paid_from_the_last_to_the_first(self) -> None:
        found = split(2000, 700, self.PARTS)

        assert (found.to_provider, amounts(found.parts)) == (700, {"gc_9": 500, "gc_2": 800})

    def test_goes_on_where_the_refunds_before_ended(self) -> None:
        first = split(900, 700, self.PARTS)
        second = split(900, 700, self.PARTS, first)

        assert (first.to_provider, amounts(first.parts)) == (700, {"gc_9": 200})
        assert (second.to_provider, amounts(second.parts)) == (0, {"gc_9": 300, "gc_2": 600})

    @pytest.mark.parametrize("amount", [0, -1, 3201])
    def test_refuses_more_than_was_paid_and_nothing_at_all(self, amount: int) -> None:
        with pytest.raises(ValueError, match="cannot be refunded"):
            split(amount, 700, self.PARTS)

    def test_sends_the_provider_whole_steps_and_the_rest_to_the_cards(self) -> None:
        found = split(705, 700, self.PARTS, step=10)
        odd = split(395, 700, self.PARTS, step=10)

        assert (found.to_provider, amounts(found.parts)) == (700, {"gc_9": 5})
        assert (odd.to_provider, amounts(odd.parts)) == (390, {"gc_9": 5})

    def test_refuses_what_the_provider_cannot_send(self) -> None:
        with pytest.raises(RefundNotSplittable):
            split(395, 700, (), step=10)

    @given(st.data(), currencies, dues)
    def test_sums_up_and_gives_each_what_it_paid_over_any_sequence(
        self, data: st.DataObject, currency: str, due: int
    ) -> None:
        wallet = data.draw(wallets(currency))
        parts = paid_by(due=due, cards=wallet, currency=currency, now=NOW)
        provider = due - sum(part.amount for part in parts)
        left = due
        done: list[RefundSplit] = []
        while left:
            amount = data.draw(st.integers(1, left)) if len(done) < 12 else left
            found = split(amount, provider, parts, *done)
            assert found.amount == amount
            assert found.to_provider >= 0
            assert all(part.amount > 0 for part in found.parts)
            done.append(found)
            left -= amount

        assert sum(each.to_provider for each in done) == provider
        for part in parts:
            back = sum(each.amount for one in done for each in one.parts if each.account_id == part.account_id)
            assert back == part.amount

    @given(st.data(), currencies, dues)
    def test_leaves_each_what_it_would_have_paid_for_the_smaller_order(
        self, data: st.DataObject, currency: str, due: int
    ) -> None:
        assume(due > 0)
        wallet = data.draw(wallets(currency))
        parts = paid_by(due=due, cards=wallet, currency=currency, now=NOW)
        provider = due - sum(part.amount for part in parts)
        amount = data.draw(st.integers(1, due))

        found = split(amount, provider, parts)

        kept = amounts(parts)
        for part in found.parts:
            kept[part.account_id] -= part.amount
        smaller = amounts(paid_by(due=due - amount, cards=wallet, currency=currency, now=NOW))
        assert {name: left for name, left in kept.items() if left} == smaller

    @given(st.data(), dues)
    def test_of_several_is_that_of_their_sum(self, data: st.DataObject, due: int) -> None:
        assume(due > 1)
        parts = paid_by(due=due, cards=data.draw(wallets("USD")), currency="USD", now=NOW)
        provider = due - sum(part.amount for part in parts)
        first = data.draw(st.integers(1, due - 1))
        second = data.draw(st.integers(1, due - first))

        one = split(first, provider, parts)
        both = (one, split(second, provider, parts, one))

        at_once = split(first + second, provider, parts)
        assert sum(each.to_provider for each in both) == at_once.to_provider
        summed: dict[str, int] = {}
        for part in (part for each in both for part in each.parts):
            summed[part.account_id] = summed.get(part.account_id, 0) + part.amount
        assert summed == amounts(at_once.parts)

    @given(st.data(), dues)
    def test_counts_whole_steps_for_the_provider_whatever_is_asked(self, data: st.DataObject, due: int) -> None:
        wallet = data.draw(wallets("KWD"))
        parts = paid_by(due=due, cards=wallet, currency="KWD", now=NOW, step=10)
        provider = due - sum(part.amount for part in parts)
        assume(provider % 10 == 0 and due > 0)
        amount = data.draw(st.integers(1, due))

        try:
            found = split(amount, provider, parts, step=10)
        except RefundNotSplittable:
            room = sum(part.amount for part in parts)
            assert amount - min(amount, provider) // 10 * 10 > room
        else:
            assert found.to_provider % 10 == 0
            assert found.amount == amount


def test_a_part_names_no_more_than_its_card_and_amount() -> None:
    """It is stored on orders: whose a credit is does not belong there."""
    [part] = pay(5, replace(credit(), email="ada@example.com"))

    assert "ada" not in str(part)
