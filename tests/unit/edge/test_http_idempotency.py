"""Idempotency-Key at the edge: the effect once, the answer as often as asked."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from commerce.kernel import clock
from commerce.kernel.errors import CommerceError, Conflict, Invalid, NotFound, StaleVersion, Unavailable
from commerce.kernel.idempotency import Once
from tests.support.store import Answer, Store
from tests.unit.edge.toys import LEASE, TOY, Workshop, faults, send


@pytest.fixture
def workshop() -> Workshop:
    return Workshop()


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    yield
    clock.set_offset(0)


def late_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the next request look for its row before its twin has written it, and see it from then on."""
    whole = Once.resource_done
    looks: list[str | None] = []

    def sees_nothing_at_first(self: Once, *, now: Any) -> str | None:
        looks.append(None if not looks else whole(self, now=now))
        return looks[-1]

    monkeypatch.setattr(Once, "resource_done", sees_nothing_at_first)


class TestIdempotencyKey:
    def make(self, workshop: Workshop, key: str = "k-1", body: object = TOY, **headers: Any) -> Answer:
        return send(workshop.made, body, idempotency_key=key, **headers)

    def test_gives_the_first_answer_again(self, store: Store, workshop: Workshop) -> None:
        first, again = self.make(workshop), self.make(workshop)

        assert first.status == again.status == 201
        assert again.body["id"] == first.body["id"]
        assert "Idempotent-Replayed" not in first.headers
        assert again.headers["Idempotent-Replayed"] == "true"
        assert len(store.items("outbox")) == 1

    def test_gives_it_again_for_the_same_json_written_differently(self, store: Store, workshop: Workshop) -> None:
        first = self.make(workshop)

        again = self.make(workshop, body=json.dumps(dict(reversed(TOY.items())), indent=3))

        assert again.body["id"] == first.body["id"]

    def test_refuses_another_body(self, store: Store, workshop: Workshop) -> None:
        self.make(workshop)

        answer = self.make(workshop, body=TOY | {"quantity": 3})

        assert (answer.status, answer.code) == (422, "idempotency.key_reused")
        assert len(store.items("outbox")) == 1

    def test_belongs_to_its_caller(self, store: Store, workshop: Workshop) -> None:
        self.make(workshop, user_agent="one")

        other = self.make(workshop, user_agent="another")

        assert "Idempotent-Replayed" not in other.headers
        assert len(store.items("outbox")) == 2

    def test_makes_two_without_it(self, store: Store, workshop: Workshop) -> None:
        send(workshop.made, TOY)
        send(workshop.made, TOY)

        assert len(store.items("outbox")) == 2

    def test_does_not_remember_a_refusal(self, store: Store, workshop: Workshop) -> None:
        workshop.error = Conflict()
        assert self.make(workshop).status == 409
        workshop.error = RuntimeError()
        assert self.make(workshop).status == 500
        workshop.error = None

        assert self.make(workshop).status == 201

    def test_tells_to_wait_while_the_first_is_at_work_and_then_resumes(self, store: Store, workshop: Workshop) -> None:
        workshop.lease = LEASE
        first = self.make(workshop)

        waiting = self.make(workshop)
        clock.set_offset(LEASE.total_seconds() + 1)
        resumed = self.make(workshop)

        assert (waiting.status, waiting.code) == (409, "idempotency.in_flight")
        assert waiting.headers["Retry-After"] == "1"
        assert waiting.body["retryable"] is True
        assert resumed.body["id"] == first.body["id"]

    def test_renders_the_winners_answer_to_the_one_who_came_second(
        self, store: Store, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Two requests look at the same moment and see nothing; the effect happens for one of them."""
        first = self.make(workshop)
        late_to_look(monkeypatch)

        second = self.make(workshop)

        assert second.body["id"] == first.body["id"]
        assert second.headers["Idempotent-Replayed"] == "true"
        assert len(store.items("outbox")) == 1

    @pytest.mark.parametrize("refusal", [NotFound(), Conflict(), StaleVersion(), Invalid()])
    def test_renders_the_winners_answer_instead_of_a_refusal_that_the_winner_caused(
        self, store: Store, workshop: Workshop, monkeypatch: pytest.MonkeyPatch, refusal: CommerceError
    ) -> None:
        """The twin was at work first: the version moved, the thing is gone. To its sender both are one request."""
        first = self.make(workshop)
        late_to_look(monkeypatch)
        workshop.error = refusal

        second = self.make(workshop)

        assert (second.status, second.body["id"]) == (201, first.body["id"])
        assert second.headers["Idempotent-Replayed"] == "true"

    def test_shows_a_refusal_as_it_is_when_no_twin_was_there(self, store: Store, workshop: Workshop) -> None:
        workshop.error = StaleVersion()

        assert self.make(workshop).code == "request.stale_version"

    def test_does_not_work_on_for_a_twin_while_a_part_of_the_store_is_down(
        self, store: Store, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.make(workshop)
        late_to_look(monkeypatch)
        workshop.error = Unavailable()

        assert self.make(workshop).status == 503

    def test_shows_a_refusal_that_follows_its_own_effect(self, store: Store, workshop: Workshop) -> None:
        workshop.late_error = Conflict()

        answer = self.make(workshop)

        assert (answer.status, answer.code) == (409, "conflict")

    @pytest.mark.parametrize("key", ["", " ", "a b", "é", "\n", "x" * 256])
    def test_is_visible_ascii(self, store: Store, workshop: Workshop, key: str) -> None:
        answer = self.make(workshop, key=key)

        assert answer.status == 422
        assert faults(answer) == {"Idempotency-Key": "invalid.header"}

    def test_may_have_255_letters(self, store: Store, workshop: Workshop) -> None:
        assert self.make(workshop, key="x" * 255).status == 201
