"""How writes become one transaction, and what a failed one means."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError

from commerce.kernel import transactions
from commerce.kernel.errors import Conflict, Fault, Unavailable, WriteConflict
from commerce.kernel.ids import new_id
from commerce.kernel.reads import get
from commerce.kernel.records import Record
from commerce.kernel.transactions import (
    ATTEMPTS,
    BUDGET,
    AlreadyDone,
    TooManyWrites,
    Write,
    check,
    commit,
    create,
    delete,
    merge,
    put,
    update,
)
from tests.support.calls import counted
from tests.support.store import Store
from tests.unit.edge.dynamo import Kettle, Lid, canceled, failure, trouble

LOST = ConnectionClosedError(endpoint_url="https://dynamodb")


class Empty(Conflict):
    code = "kettles.empty"


class Broken(Conflict):
    code = "kettles.broken"


def kettle(name: str = "k1", **attributes: Any) -> Kettle:
    return Kettle(pk=name, sk="kettle", **attributes)


def stored(name: str = "k1") -> Kettle | None:
    return get(Kettle, name, "kettle")


def filled(name: str = "k1") -> int | None:
    found = stored(name)
    return None if found is None else int(found.filled)


def pour(name: str = "k1", amount: int = 1, error: type[Conflict] = Empty) -> Write:
    def refused(old: Record | None) -> Conflict:
        left = int(old.filled) if isinstance(old, Kettle) else 0
        return error(errors=(Fault(param=name, code=error.code, message=f"{left} left"),))

    return update(kettle(name), Kettle.filled.add(-amount), condition=Kettle.filled >= amount, refused=refused)


class TestCommit:
    def test_writes_all_or_nothing_over_several_tables(self, store: Store) -> None:
        commit([put(kettle(filled=3)), put(Lid(pk="l1", sk="lid"))])
        with pytest.raises(Empty):
            commit([pour(amount=4), delete(Lid(pk="l1", sk="lid"))])

        assert filled() == 3
        assert get(Lid, "l1", "lid") is not None

    def test_carries_out_every_kind_of_write(self, store: Store) -> None:
        commit([put(kettle("k1", filled=3)), put(kettle("k2")), put(kettle("k3"))])

        commit(
            [
                update(kettle("k1"), Kettle.boiled.set(1)),
                delete(kettle("k2")),
                check(kettle("k3"), Kettle.color == "red"),
                create(kettle("k4")),
                None,
            ]
        )

        assert int(stored("k1").boiled) == 1  # type: ignore[union-attr]
        assert stored("k2") is None
        assert stored("k4") is not None

    def test_does_nothing_without_writes(self, store: Store) -> None:
        with counted(store) as calls:
            commit([])
            commit([None, None])

        assert not calls

    def test_puts_a_single_item_without_the_price_of_a_transaction(self, store: Store) -> None:
        with counted(store) as calls:
            commit([put(kettle())])
            commit([create(kettle("k2"))])

        assert calls == {"PutItem": 2}

    def test_moves_a_counter_in_a_transaction_even_alone(self, store: Store) -> None:
        commit([put(kettle(filled=3))])

        with counted(store) as calls:
            commit([pour()])

        assert calls == {"TransactWriteItems": 1}

    def test_makes_one_call_for_many_writes(self, store: Store) -> None:
        with counted(store) as calls:
            commit(put(kettle(f"k{number}")) for number in range(BUDGET))

        assert calls == {"TransactWriteItems": 1}

    def test_refuses_more_than_the_budget_before_anything_is_written(self, store: Store) -> None:
        with counted(store) as calls, pytest.raises(TooManyWrites, match="needs 101 writes"):
            commit(put(kettle(f"k{number}")) for number in range(BUDGET + 1))

        assert not calls

    def test_counts_writes_of_one_item_once(self, store: Store) -> None:
        commit([put(kettle(filled=200))])

        commit([update(kettle(), Kettle.boiled.set(1)), *[check(kettle(), Kettle.filled > 1) for _ in range(BUDGET)]])

        assert int(stored().boiled) == 1  # type: ignore[union-attr]


class TestMerge:
    def test_joins_updates_and_checks_of_one_item(self, store: Store) -> None:
        commit([put(kettle(filled=3))])

        [merged] = merge([check(kettle(), Kettle.filled > 1), update(kettle(), Kettle.boiled.set(2)), pour()])
        commit([merged])

        assert merged.kind == "update"
        assert (filled(), int(stored().boiled)) == (2, 2)  # type: ignore[union-attr]

    def test_holds_every_condition_of_the_joined(self, store: Store) -> None:
        commit([put(kettle(filled=3))])

        with pytest.raises(Empty):
            commit([pour(), check(kettle(), Kettle.color == "blue")])

        assert filled() == 3

    def test_joins_checks_into_a_check(self, store: Store) -> None:
        [merged] = merge([check(kettle(), Kettle.filled > 1), check(kettle(), Kettle.filled < 9)])

        assert merged.kind == "check"

    def test_keeps_items_of_different_tables_apart(self, store: Store) -> None:
        assert len(merge([put(kettle("x")), put(Lid(pk="x", sk="kettle"))])) == 2

    @pytest.mark.parametrize("other", [put, create, delete, lambda record: update(record, Kettle.boiled.set(1))])
    def test_refuses_a_put_beside_anything_else(self, store: Store, other: Callable[[Kettle], Write]) -> None:
        with pytest.raises(ValueError, match="cannot be merged"):
            commit([put(kettle()), other(kettle())])


class TestRefusal:
    def test_tells_what_refused(self, store: Store) -> None:
        commit([put(kettle(filled=3))])

        with pytest.raises(Empty) as caught:
            commit([pour(amount=5), put(Lid(pk="l", sk="lid"))])

        assert caught.value.errors == (Fault(param="k1", code="kettles.empty", message="3 left"),)

    def test_tells_a_missing_item_as_none(self, store: Store) -> None:
        seen: list[Record | None] = []

        def refused(old: Record | None) -> Conflict:
            seen.append(old)
            return Empty()

        with pytest.raises(Empty):
            commit([update(kettle(), Kettle.boiled.set(1), condition=Kettle.filled > 1, refused=refused)])

        assert seen == [None]

    def test_tells_a_refused_put_what_is_there(self, store: Store) -> None:
        commit([put(kettle(color="blue"))])
        seen: list[str] = []

        def refused(old: Record | None) -> Conflict:
            assert isinstance(old, Kettle)
            seen.append(old.color)
            return Empty()

        for companions in ([], [put(Lid(pk="l", sk="lid"))]):
            with pytest.raises(Empty):
                commit([create(kettle(color="red"), refused=refused), *companions])

        assert seen == ["blue", "blue"]
        assert get(Lid, "l", "lid") is None

    def test_joins_refusals_of_one_kind(self, store: Store) -> None:
        commit([put(kettle("k1", filled=1)), put(kettle("k2", filled=9)), put(kettle("k3", filled=0))])

        with pytest.raises(Empty) as caught:
            commit([pour("k1", 5), pour("k2", 5), pour("k3", 5)])

        assert [fault.param for fault in caught.value.errors] == ["k1", "k3"]
        assert filled("k2") == 9

    def test_tells_the_first_of_different_kinds(self, store: Store) -> None:
        commit([put(kettle("k1", filled=0)), put(kettle("k2", filled=0))])

        with pytest.raises(Broken) as caught:
            commit([pour("k1", error=Broken), pour("k2", error=Empty)])

        assert [fault.param for fault in caught.value.errors] == ["k1"]

    def test_is_a_write_conflict_when_nobody_said_what_it_means(self, store: Store) -> None:
        with pytest.raises(WriteConflict):
            commit([check(kettle(), Kettle.filled > 1), put(Lid(pk="l", sk="lid"))])
        with pytest.raises(WriteConflict):
            commit([delete(kettle(), condition=Kettle.filled > 1)])

    def test_tells_that_the_effect_has_happened_before_all_other_refusals(self, store: Store) -> None:
        commit([put(kettle(filled=0)), put(Lid(pk="once", sk="once", color="first"))])

        with pytest.raises(AlreadyDone):
            commit([pour(), create(Lid(pk="once", sk="once", color="second"), signals_done=True)])


class TestConflict:
    def test_tries_again_until_others_let_go(self, store: Store) -> None:
        commit([put(kettle(filled=3))])
        held = canceled("TransactionConflict", "None")

        with trouble("TransactWriteItems", held, held, held) as met:
            commit([pour(), put(Lid(pk="l", sk="lid"))])

        assert met.calls == 4
        assert len(set(met.tokens)) == 1
        assert filled() == 2

    def test_gives_up_with_a_conflict_that_can_be_repeated(self, store: Store) -> None:
        commit([put(kettle(filled=3))])

        with (
            trouble("TransactWriteItems", *[canceled("TransactionConflict")] * ATTEMPTS) as met,
            pytest.raises(WriteConflict) as caught,
        ):
            commit([pour()])

        assert met.calls == ATTEMPTS
        assert caught.value.retryable
        assert filled() == 3

    @pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
    def test_tries_again_for_each_passing_reason(self, store: Store, reason: str) -> None:
        commit([put(kettle(filled=3))])

        with trouble("TransactWriteItems", canceled(reason)):
            commit([pour()])

        assert filled() == 2

    def test_does_not_try_again_when_a_condition_refused_too(self, store: Store) -> None:
        commit([put(kettle(filled=3))])
        mixed = canceled("ConditionalCheckFailed", "TransactionConflict")

        with trouble("TransactWriteItems", mixed) as met, pytest.raises(Empty):
            commit([pour("k1"), pour("k2")])

        assert met.calls == 1

    def test_tries_a_single_put_again(self, store: Store) -> None:
        held = failure("TransactionConflictException")

        with trouble("PutItem", held, held) as met:
            commit([put(kettle(filled=3))])
        with trouble("PutItem", *[held] * ATTEMPTS), pytest.raises(WriteConflict):
            commit([put(kettle(filled=4))])

        assert met.calls == 3
        assert filled() == 3

    @pytest.mark.parametrize("code", ["TransactionInProgressException", "ThrottlingException"])
    def test_tries_again_when_dynamodb_asks_for_it(self, store: Store, code: str) -> None:
        commit([put(kettle(filled=3))])

        with trouble("TransactWriteItems", *[failure(code)] * 5):
            commit([pour()])

        assert filled() == 2


class TestTrouble:
    def test_is_unavailable_when_nothing_answers(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(transactions, "ATTEMPTS", 2)
        away = EndpointConnectionError(endpoint_url="https://dynamodb")

        with trouble("TransactWriteItems", *[away] * 20), pytest.raises(Unavailable):
            commit([pour()])

    def test_is_unavailable_when_something_is_wrong_with_the_call(self, store: Store) -> None:
        with trouble("TransactWriteItems", failure("ValidationException")) as met, pytest.raises(Unavailable):
            commit([pour()])

        assert met.calls == 1

    def test_is_unavailable_without_the_table(self, store: Store) -> None:
        with trouble("PutItem", failure("ResourceNotFoundException")), pytest.raises(Unavailable):
            commit([put(kettle())])


class TestLostResponse:
    """DynamoDB did it and the answer got lost: the repeat meets our own effect."""

    @staticmethod
    def lose_first_answer(monkeypatch: pytest.MonkeyPatch) -> list[int]:
        calls: list[int] = []
        send = transactions._send

        def sent(writes: list[Write], *, client_token: str) -> None:
            send(writes, client_token=client_token)
            calls.append(1)
            if len(calls) == 1:
                raise LOST

        monkeypatch.setattr(transactions, "_send", sent)
        return calls

    def test_recognizes_its_own_transaction_by_the_item_with_a_random_id(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        commit([put(kettle(filled=3))])
        self.lose_first_answer(monkeypatch)

        commit([pour(amount=2), create(kettle(new_id("event")))])

        assert filled() == 1

    def test_recognizes_its_own_put(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lose_first_answer(monkeypatch)

        commit([create(kettle(filled=3))])

        assert filled() == 3

    def test_does_not_take_an_item_of_others_for_its_own(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        commit([create(kettle(color="blue"))])

        with pytest.raises(WriteConflict):
            commit([create(kettle(color="red"))])
        with pytest.raises(WriteConflict):
            commit([create(kettle(color="red")), put(Lid(pk="l", sk="lid"))])

        assert get(Lid, "l", "lid") is None

    def test_needs_every_refused_put_to_be_its_own(self, store: Store) -> None:
        commit([create(kettle("same")), create(kettle("other", color="blue"))])

        with pytest.raises(WriteConflict):
            commit([create(kettle("same")), create(kettle("other", color="red"))])

    def test_sees_its_own_idempotency_row_as_success(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        commit([put(kettle(filled=3))])
        self.lose_first_answer(monkeypatch)

        commit([pour(), create(Lid(pk="once", sk="once", color=new_id("claim")), signals_done=True)])

        assert filled() == 2


class TestContended:
    """What a write hears of others who held its item."""

    @staticmethod
    def heard(*answers: Any) -> tuple[list[tuple[str, int]], type[Exception] | None]:
        told: list[tuple[str, int]] = []

        def listener(name: str) -> Callable[[int], None]:
            return lambda times: told.append((name, times))

        writes = [update(kettle(name), Kettle.boiled.add(1), contended=listener(name)) for name in ("k1", "k2")]
        with trouble("TransactWriteItems", *answers):
            try:
                commit(writes)
            except WriteConflict:
                return told, WriteConflict
        return told, None

    def test_is_how_often_they_did_once_it_is_done(self, store: Store) -> None:
        first, second = canceled("TransactionConflict", "None"), canceled("None", "TransactionConflict")

        assert self.heard(first, second, second) == ([("k1", 1), ("k2", 2)], None)

    def test_is_told_as_well_when_they_never_let_go(self, store: Store) -> None:
        held = canceled("None", "TransactionConflict")

        assert self.heard(*[held] * ATTEMPTS) == ([("k2", ATTEMPTS)], WriteConflict)

    def test_is_nothing_when_nobody_did(self, store: Store) -> None:
        assert self.heard(canceled("None", "ThrottlingError")) == ([], None)
