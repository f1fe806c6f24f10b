"""What a cart and a checkout ask of gift cards: which can pay, taking, giving back, refunding."""

from datetime import timedelta
from typing import Any

import pytest

from commerce.giftcards import ledger, operations, queries, tenders
from commerce.giftcards.codes import shown
from commerce.giftcards.errors import GiftCardNotFound, TooManyLookups
from commerce.giftcards.model import REFUNDED_FOR, Card, GiftCardState, Tender, TenderPart, Unusable, paid_by
from commerce.kernel import clock
from commerce.kernel.call import Actor, Call
from commerce.kernel.reads import fetch
from commerce.kernel.transactions import commit
from tests.support.calls import counted
from tests.support.store import Store, running_store

EMAIL = "ada@example.com"


def issue(store: Store, amount: int = 5000, *, currency: str = "USD", **more: Any) -> Any:
    answer = store.post("/v1/admin/gift-cards", {"amount": {"amount": amount, "currency": currency}, **more})
    assert answer.status == 201, answer.body
    return answer.body


def soon(**span: float) -> str:
    return clock.text(clock.now() + timedelta(**span))


def a_call() -> Call:
    return Call(now=clock.now(), actor=Actor(kind="shopper", id=""))


def named(*ids: str, email: str | None = EMAIL) -> tuple[Tender, ...]:
    answers = fetch(tenders.card_reads(ids=ids))
    return tenders.cards(answers=answers, ids=ids, currency="USD", email=email, now=clock.now())


def cards(*ids: str) -> tuple[Card, ...]:
    return tenders.usable(named(*ids))


def parts_of(due: int, *ids: str) -> tuple[TenderPart, ...]:
    return paid_by(due=due, cards=cards(*ids), currency="USD", now=clock.now())


def paid(due: int, *ids: str, order_id: str = "ord_1") -> tuple[TenderPart, ...]:
    held = cards(*ids)
    parts = paid_by(due=due, cards=held, currency="USD", now=clock.now())
    commit(operations.redeemed(parts=parts, cards=held, order_id=order_id, call=a_call()))
    return parts


class TestCards:
    def test_are_found_by_their_code(self, store: Store) -> None:
        card = issue(store, 5000)

        [found] = named(queries.card_id(code=card["code"].replace("-", "")))

        assert (found.id, found.problem) == (card["id"], None)
        assert found.card is not None
        assert (found.card.balance, found.card.label, found.card.version) == (5000, card["label"], 1)
        assert shown(card["code"].replace("-", "")) == card["code"]

    def test_of_a_typed_code_are_counted(self) -> None:
        with running_store(GIFT_CARD_LOOKUPS_PER_NETWORK="3") as store:
            store.tick(600 - clock.epoch(clock.now()) % 600)
            card = issue(store)
            code = card["code"].replace("-", "")

            assert queries.card_of(code=code, call=a_call()).id == card["id"]
            for _ in range(2):
                with pytest.raises(GiftCardNotFound):
                    queries.card_of(code="0123456789ABCDEF", call=a_call())
            with pytest.raises(TooManyLookups):
                queries.card_of(code=code, call=a_call())

    def test_say_why_they_cannot_pay(self, store: Store) -> None:
        ids = {
            Unusable.DISABLED: issue(store)["id"],
            Unusable.EXPIRED: issue(store, expires_at=soon(minutes=5))["id"],
            Unusable.WRONG_CURRENCY: issue(store, currency="EUR")["id"],
            Unusable.NOT_YOURS: issue(store, kind="store_credit", email="eve@example.com")["id"],
            Unusable.EMPTY: issue(store, 1)["id"],
            Unusable.UNKNOWN: queries.card_id(code="0123456789ABCDEF"),
        }
        fine = issue(store, kind="store_credit", email="Ada@example.com")["id"]
        store.post(f"/v1/admin/gift-cards/{ids[Unusable.DISABLED]}/disable", {"reason": "x"})
        store.post(f"/v1/admin/gift-cards/{ids[Unusable.EMPTY]}/adjustments", {"delta": -1, "reason": "x"})
        store.tick(301)

        found = named(*ids.values(), fine)

        assert [each.problem for each in found] == [*ids, None]
        assert [card.id for card in tenders.usable(found)] == [fine]

    def test_of_an_owner_need_the_owner_s_address(self, store: Store) -> None:
        card_id = issue(store, kind="store_credit", email=EMAIL)["id"]

        assert [named(card_id, email=email)[0].problem for email in (EMAIL, None, "eve@example.com")] == [
            None,
            Unusable.NOT_YOURS,
            Unusable.NOT_YOURS,
        ]

    def test_are_read_at_one_key_each(self, store: Store) -> None:
        ids = [issue(store)["id"] for _ in range(6)]

        with counted(store) as calls:
            named(*ids)

        assert calls == {"BatchGetItem": 1}
        assert len(tenders.card_reads(ids=ids)) == 6


class TestPaying:
    def test_takes_two_writes_a_card_and_one_event(self, store: Store) -> None:
        ids = [issue(store, 1000)["id"] for _ in range(5)]
        ids.append(issue(store, 1000, kind="store_credit", email=EMAIL)["id"])
        held = cards(*ids)
        parts = paid_by(due=5500, cards=held, currency="USD", now=clock.now())

        writes = operations.redeemed(parts=parts, cards=held, order_id="ord_1", call=a_call())
        commit(writes)

        assert len(writes) == 2 * 6 + 1
        assert sum(card.balance for card in cards(*ids)) == 500
        assert ledger.differences() == ()

    def test_with_nothing_to_pay_writes_nothing(self, store: Store) -> None:
        with counted(store) as calls:
            taken = operations.redeemed(parts=(), cards=(), order_id="ord_1", call=a_call())
            given = operations.released(parts=(), order_id="ord_1", call=a_call())
            back = operations.refunded(parts=(), refund_id="ref_1", order_id="ord_1", call=a_call())

        assert taken == given == back == []
        assert calls == {}

    def test_says_in_the_ledger_for_what(self, store: Store) -> None:
        card_id = issue(store, 5000)["id"]
        parts = paid(1200, card_id)
        commit(operations.released(parts=parts, order_id="ord_1", call=a_call()))
        parts = paid(1300, card_id, order_id="ord_2")
        commit(operations.refunded(parts=parts, refund_id="ref_1", order_id="ord_2", call=a_call()))

        entries = store.get(f"/v1/admin/gift-cards/{card_id}").body["items"]

        told = [(entry["kind"], entry["amount"]["amount"], entry["reference"], entry["order_id"]) for entry in entries]
        assert told == [
            ("refund", 1300, "ref_1", "ord_2"),
            ("redeem", -1300, "ord_2", "ord_2"),
            ("release", 1200, "ord_1", "ord_1"),
            ("redeem", -1200, "ord_1", "ord_1"),
            ("issue", 5000, "", None),
        ]

    def test_announces_each_payment_and_what_comes_back(self, store: Store) -> None:
        card_id = issue(store, 5000)["id"]
        parts = paid(1200, card_id)
        commit(operations.released(parts=parts, order_id="ord_1", call=a_call()))

        rows = [(item["pk"]["S"], item["type"]["S"]) for item in store.items("outbox")]

        assert sorted(rows) == [
            (f"gift_card#{card_id}", "giftcards.issued"),
            ("gift_card_payment#ord_1", "giftcards.redeemed"),
            ("gift_card_payment#ord_1", "giftcards.released"),
        ]


class TestRefund:
    @pytest.mark.parametrize("days", [1, 300])
    def test_lets_the_card_be_used_for_a_year(self, store: Store, days: int) -> None:
        card_id = issue(store, expires_at=soon(days=days))["id"]
        parts = paid(1000, card_id)
        store.tick((days + 5) * 24 * 3600)
        assert cards(card_id) == ()

        now = clock.now()
        commit(operations.refunded(parts=parts, refund_id="ref_1", order_id="ord_1", call=a_call()))

        [card] = cards(card_id)
        assert card.balance == 5000
        assert card.expires_at is not None
        assert REFUNDED_FOR <= card.expires_at - now < REFUNDED_FOR + timedelta(minutes=1)

    def test_shortens_no_card_s_time(self, store: Store) -> None:
        later, never = issue(store, expires_at="2099-01-01T00:00:00Z")["id"], issue(store)["id"]
        parts = paid(6000, later, never)

        commit(operations.refunded(parts=parts, refund_id="ref_1", order_id="ord_1", call=a_call()))

        assert [card.expires_at and card.expires_at.year for card in cards(later, never)] == [2099, None]

    def test_onto_a_disabled_card_waits_there(self, store: Store) -> None:
        card_id = issue(store)["id"]
        parts = paid(1000, card_id)
        store.post(f"/v1/admin/gift-cards/{card_id}/disable", {"reason": "stolen"})

        commit(operations.refunded(parts=parts, refund_id="ref_1", order_id="ord_1", call=a_call()))

        [found] = named(card_id)
        assert found.card is not None
        assert (found.card.balance, found.card.state) == (5000, GiftCardState.DISABLED)
        assert found.problem is Unusable.DISABLED

    def test_of_an_unpaid_order_prolongs_nothing(self, store: Store) -> None:
        card_id = issue(store, expires_at=soon(hours=1))["id"]
        parts = paid(1000, card_id)
        before = named(card_id)[0].card
        store.tick(7200)

        commit(operations.released(parts=parts, order_id="ord_1", call=a_call()))

        [found] = named(card_id)
        assert found.problem is Unusable.EXPIRED
        assert before is not None
        assert found.card is not None
        assert (found.card.expires_at, found.card.balance) == (before.expires_at, 5000)
