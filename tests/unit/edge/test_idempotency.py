"""Idempotency-Key: the effect once, and the answer as often as asked."""

import json
from dataclasses import replace
from datetime import timedelta
from unittest.mock import Mock

import pytest

from commerce.kernel import clock, idempotency
from commerce.kernel.errors import Unavailable, WriteConflict
from commerce.kernel.idempotency import KEPT, KeyReused, Once, StillRunning
from commerce.kernel.signing import SigningKey, SigningKeys
from commerce.kernel.transactions import AlreadyDone, commit, put
from tests.support.calls import counted
from tests.support.store import Store
from tests.unit.edge.dynamo import Kettle

KEYS = SigningKeys((SigningKey(id="k1", secret=b"secret"),))
LEASE = timedelta(seconds=30)


def once(request: str = "POST /v1/kettles\n{}", pk: str = "caller-route-key", keys: SigningKeys = KEYS) -> Once:
    return Once(pk=pk, request=request, keys=keys, now=clock.now())


def done(key: Once, *, later: timedelta = timedelta()) -> str | None:
    return key.resource_done(now=clock.now() + later)


class TestOnce:
    def test_knows_nothing_before_the_effect(self, store: Store) -> None:
        assert done(once()) is None

    def test_remembers_the_resource_of_the_effect(self, store: Store) -> None:
        commit([put(Kettle(pk="k1", sk="kettle")), once().row("k1")])

        assert done(once()) == "k1"

    def test_lets_the_effect_happen_once(self, store: Store) -> None:
        commit([put(Kettle(pk="k1", sk="kettle")), once().row("k1")])

        with pytest.raises(AlreadyDone):
            commit([put(Kettle(pk="k2", sk="kettle")), once().row("k2")])

        assert done(once()) == "k1"
        assert [item["pk"]["S"] for item in store.items("carts")] == ["k1"]

    def test_leaves_no_row_without_an_effect(self, store: Store) -> None:
        refused = put(Kettle(pk="k1", sk="kettle"), condition=Kettle.filled > 1)

        with pytest.raises(Exception, match="nothing was changed"):
            commit([refused, once().row("k1")])

        assert done(once()) is None

    def test_refuses_another_request_under_the_same_key(self, store: Store) -> None:
        commit([once().row("k1")])

        with pytest.raises(KeyReused):
            done(once(request="POST /v1/kettles\n{'other': 1}"))

    def test_tells_callers_and_routes_apart(self, store: Store) -> None:
        commit([once().row("k1")])

        assert done(once(pk="another caller")) is None

    def test_survives_the_replacement_of_the_signing_key(self, store: Store) -> None:
        commit([once().row("k1")])
        replaced = SigningKeys((SigningKey(id="k2", secret=b"new"), *KEYS.keys))

        assert done(once(keys=replaced)) == "k1"

    def test_keeps_neither_the_request_nor_the_answer(self, store: Store) -> None:
        commit([once(request="POST /v1/kettles\n{'email': 'grace@example.org'}").row("k1")])

        [row] = store.items("idempotency")
        assert set(row) == {"pk", "sk", "fingerprint", "resource", "done_at", "revision", "expires_ttl"}
        assert "grace" not in json.dumps(row)

    def test_knows_its_own_row_from_a_twins(self, store: Store) -> None:
        """Two equal requests of the same millisecond write the same row, but for its random part."""
        first = once()
        twin = replace(once(), now=first.now)

        commit([first.row("k1")])
        with pytest.raises(AlreadyDone):
            commit([twin.row("k1")])

        assert (first.is_recorded, twin.is_recorded) == (True, False)

    def test_is_recorded_on_its_own_when_no_transaction_did(self, store: Store) -> None:
        key = once()

        key.record("k1")
        key.record("k2")

        assert done(once()) == "k1", "the second time there was nothing left to record"
        with pytest.raises(AlreadyDone):
            once().record("k1")

    def test_is_kept_for_two_days(self, store: Store) -> None:
        commit([once().row("k1")])

        [row] = store.items("idempotency")
        kept = int(row["expires_ttl"]["N"]) - clock.epoch(clock.now())
        assert abs(kept - KEPT.total_seconds()) < 5
        assert timedelta(hours=24) <= KEPT


class TestLease:
    def test_tells_repeats_to_wait_while_the_work_goes_on(self, store: Store) -> None:
        commit([once().row("k1", lease=LEASE)])

        with pytest.raises(StillRunning) as caught:
            done(once())

        assert caught.value.retryable
        assert caught.value.retry_after_seconds == 1

    def test_answers_when_the_work_is_finished(self, store: Store) -> None:
        key = once()
        commit([key.row("k1", lease=LEASE)])

        commit([key.finished()])

        assert done(once()) == "k1"

    def test_ends_once_whoever_did_the_work(self, store: Store) -> None:
        key = once()
        commit([key.row("k1", lease=LEASE)])

        key.finish()
        with counted(store) as calls:
            key.finish()

        assert done(once()) == "k1"
        assert calls == {}

    @pytest.mark.parametrize("trouble", [Unavailable, WriteConflict])
    def test_that_cannot_be_ended_keeps_no_caller_from_the_answer(
        self, store: Store, monkeypatch: pytest.MonkeyPatch, trouble: type[Exception]
    ) -> None:
        key = once()
        commit([key.row("k1", lease=LEASE)])
        monkeypatch.setattr(idempotency, "commit", Mock(side_effect=trouble))

        key.finish()

        assert done(once(), later=LEASE + timedelta(seconds=1)) == "k1"

    def test_lets_a_repeat_resume_when_the_lease_ran_out(self, store: Store) -> None:
        commit([once().row("k1", lease=LEASE)])

        assert done(once(), later=LEASE + timedelta(seconds=1)) == "k1"

    def test_refuses_another_request_also_while_the_first_is_at_work(self, store: Store) -> None:
        commit([once().row("k1", lease=LEASE)])

        with pytest.raises(KeyReused):
            done(once(request="other"))
