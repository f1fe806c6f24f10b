"""Twenty equal requests at the same moment, for every write of the document: one effect, and one answer to all.

G10: whoever was told of a success stays right. G2 and G7: no second payment, capture or refund comes of impatience.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.faults.http.conftest import SceneOf
from tests.faults.http.footprints import Footprint
from tests.support.document import Operation, operations
from tests.support.examples import EXAMPLES, Request
from tests.support.racing import at_once
from tests.support.scene import Scene

pytestmark = pytest.mark.java

AT_ONCE = 20
MAY_BE_TOLD_TO_WAIT = frozenset({"idempotency.in_flight", "request.write_conflict"})
ONCE_BY_NATURE = frozenset({"begin_checkout", "leave_checkout", "admin_resolve_review"})
"""Writes that can happen only once to one thing, without a key and without a version."""


class Caller:
    """Somebody who may call an operation: a staff key with its scope and no other, or a shopper's browser."""

    def __init__(self, scene: Scene, operation: Operation) -> None:
        self._scene = scene
        self._operation = operation
        self._headers = {"User-Agent": f"browser {scene.number()}"}
        if operation.scope is not None:
            self._headers = {"Authorization": f"Bearer {scene.staff_key(operation.scope)['token']}"}

    def send(self, request: Request, key: str | None = None) -> httpx.Response:
        """Send a request, under an Idempotency-Key or without."""
        headers = self._headers | ({"Idempotency-Key": key} if key else {})
        return self._scene.send(self._operation, request, headers)

    def start_cart(self, key: str) -> httpx.Response:
        """Use a key for another route, that a shopper may call."""
        return self._scene.send(operations()["create_cart"], Request(body={}), self._headers | {"Idempotency-Key": key})


class Play:
    """An operation, the shop of its example, and what one request to it leaves behind."""

    def __init__(self, operation: Operation, scene: Scene) -> None:
        self.operation = operation
        self.scene = scene
        self.example = EXAMPLES[operation.id]
        self.effect = self._effect()

    def caller(self) -> Caller:
        """Return somebody who did not call before."""
        return Caller(self.scene, self.operation)

    def prepared(self) -> Request:
        """Return a request about a thing of its own."""
        return self.example.prepared(self.scene)

    def same(self, answer: httpx.Response) -> Any:
        """Return what of an answer must be the same whenever it is given."""
        return _without(answer.json(), self.example.shown_anew)

    def _effect(self) -> Counter[str]:
        """Send a request once; check that it did what it is for."""
        request, caller = self.prepared(), self.caller()
        before = Footprint.of(self.scene)
        answer = caller.send(request)
        assert answer.is_success, answer.text
        left = Footprint.of(self.scene).since(before)
        assert request.seen() == request.then
        return left


@pytest.fixture(scope="session")
def plays(scene_of: SceneOf) -> Callable[[Operation], Play]:
    return cache(lambda operation: Play(operation, scene_of(operation)))


@pytest.fixture
def play(operation: Operation, plays: Callable[[Operation], Play]) -> Play:
    return plays(operation)


def _less(headers: Mapping[str, str], name: str) -> dict[str, str]:
    return {each: value for each, value in headers.items() if each != name}


def _without(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(part, names) for name, part in value.items() if name not in names}
    if isinstance(value, list):
        return [_without(part, names) for part in value]
    return value


def replayed(answer: httpx.Response) -> bool:
    return bool(answer.headers.get("Idempotent-Replayed") == "true")


def refusals(answers: list[httpx.Response]) -> Counter[tuple[int, str]]:
    """Count what was refused, by status and code."""
    return Counter((answer.status_code, answer.json().get("code", "")) for answer in answers if answer.is_error)


def test_every_operation_of_the_document_has_an_example() -> None:
    assert sorted(EXAMPLES) == sorted(operations())


class TestOneKey:
    """G10: a key has one effect and one answer."""

    promise = "G10"
    chooses = staticmethod(lambda operation: operation.takes_key)

    def test_makes_one_of_twenty_and_stands_for_one_request_of_one_caller(self, play: Play) -> None:
        other, request = play.prepared(), play.prepared()
        assert (other.values, other.body) != (request.values, request.body)
        caller, stranger, key = play.caller(), play.caller(), str(uuid4())
        before = Footprint.of(play.scene)

        answers = at_once([partial(caller.send, request, key)] * AT_ONCE)
        again = caller.send(request, key)
        # The headers hold the caller's credential.
        reused = [caller.send(replace(other, headers=request.headers), key)]
        if other.body != request.body:
            reused.append(caller.send(replace(request, body=other.body), key))

        left = Footprint.of(play.scene).since(before)

        told_to_wait = refusals(answers)
        assert {code for _, code in told_to_wait} <= MAY_BE_TOLD_TO_WAIT, told_to_wait
        assert all(answer.headers.get("Retry-After") for answer in answers if "in_flight" in answer.text)
        done = [answer for answer in answers if answer.is_success]
        assert Counter(map(replayed, done))[False] == 1, "one made it, and all others were told so"
        assert (again.is_success, replayed(again)) == (True, True), again.text
        assert {answer.status_code for answer in done} == {again.status_code}
        assert [play.same(answer) for answer in done] == [play.same(again)] * len(done)
        assert refusals(reused) == {(422, "idempotency.key_reused"): len(reused)}
        assert left == play.effect + Counter({"idempotency row made": 1})
        assert request.seen() == request.then

        strangers = stranger.send(replace(other, headers=_less(other.headers, "If-Match")), key)
        elsewhere = caller.start_cart(key)
        play.scene.drain()

        assert (strangers.is_success, replayed(strangers)) == (True, False), strangers.text
        assert other.seen() == other.then
        assert elsewhere.status_code == (422 if play.operation.id == "create_cart" else 201)


class TestNoKey:
    """G2, G7, G8: what can happen once to a thing, or was asked for one version of it, happens once."""

    promise = "G2-G7-G8"
    chooses = staticmethod(lambda operation: operation.takes_if_match or operation.id in ONCE_BY_NATURE)

    def test_twenty_at_once_have_the_effect_of_one(self, play: Play) -> None:
        request, caller = play.prepared(), play.caller()
        before = Footprint.of(play.scene)

        answers = at_once([partial(caller.send, request)] * AT_ONCE)

        assert any(answer.is_success for answer in answers), refusals(answers)
        assert {status for status, _ in refusals(answers)} <= {404, 409, 412}, refusals(answers)
        assert Footprint.of(play.scene).since(before) == play.effect
        assert request.seen() == request.then


class TestWebhook:
    """G6: each fact has its effect exactly once."""

    promise = "G6"
    chooses = staticmethod(lambda operation: operation.id == "receive_stripe")

    def test_twenty_deliveries_at_once_have_the_effect_of_one(self, play: Play) -> None:
        request, caller = play.prepared(), play.caller()
        before = Footprint.of(play.scene)

        answers = at_once([partial(caller.send, request)] * AT_ONCE)

        assert [answer.status_code for answer in answers] == [200] * AT_ONCE
        assert Footprint.of(play.scene).since(before) == play.effect
        assert request.seen() == request.then


class TestFootprint:
    """The measure itself: it tells two effects from one."""

    promise = "measure"
    chooses = staticmethod(lambda operation: operation.id in {"admin_receive_stock", "create_cart"})

    def test_of_two_is_not_that_of_one(self, play: Play) -> None:
        request, caller = play.prepared(), play.caller()
        before = Footprint.of(play.scene)

        for _ in range(2):
            assert caller.send(request).is_success

        assert Footprint.of(play.scene).since(before) != play.effect
