"""What requests are aimed at: an operation, a valid request to it, and the things in the shop that it is about."""

import json
from collections.abc import Mapping
from contextlib import suppress
from random import Random
from typing import Any

from commerce.kernel.config import settings
from tests.faults.input.front import Answer, Front, Request
from tests.faults.input.inside import capturing
from tests.faults.input.rules import broken
from tests.faults.input.size import FULL, SIZE
from tests.support import aws
from tests.support.document import Operation
from tests.support.examples import EXAMPLES
from tests.support.examples import Request as Example
from tests.support.scene import Scene

MOST_SHOWN = 8
WEBHOOK = "receive_stripe"


class Target:
    """One operation under fire. What is wrong with its answers is kept by what is wrong, each with a few requests.

    :ivar chance: what decides by chance; set for each test, so that one test alone is the same again.
    """

    def __init__(self, operation: Operation, scene: Scene, front: Front) -> None:
        self.operation = operation
        self.chance = Random(0)
        self._scene = scene
        self._front = front
        self._renewals = SIZE.renewals
        self._wrong: dict[str, list[str]] = {}
        self._example = self._prepared()

    @property
    def values(self) -> Mapping[str, str]:
        """What fills the path."""
        return self._example.values

    @property
    def headers(self) -> Mapping[str, str]:
        """The valid request's headers with its credentials. It names no version, which later changes would outdate."""
        own = {name: value for name, value in self._example.headers.items() if name != "If-Match"}
        key = {"Authorization": f"Bearer {self._scene.info['staff_key']}"} if self.operation.scope else {}
        return {**own, **key}

    @property
    def body(self) -> Any:
        """What the valid request's body says, or None."""
        raw = self._example.raw
        return self._example.body if raw is None else json.loads(raw)

    def request(self) -> Request:
        """Return the valid request."""
        text = self._example.raw
        if text is None and self.body is not None:
            text = json.dumps(self.body)
        headers = {**self.headers, **({"Content-Type": "application/json"} if text else {})}
        path = self.operation.filled(self.values)
        return Request(self.operation.method, path, tuple(headers.items()), (text or "").encode())

    def signed(self, request: Request) -> Request:
        """Return a webhook as Stripe itself would have sent it."""
        with suppress(UnicodeDecodeError):
            return request.having(*self._scene.signed(request.body.decode()).items())
        return request

    def hit(self, request: Request, *, what: str, declared: bool = True) -> Answer:
        """Send a request and judge the answer.

        :param what: how the request differs from a valid one.
        :param declared: whether the operation's own statuses are the only ones that it may get.
        """
        answer = self._front.send(request)
        for wrong in broken(request, answer, self.operation if declared else None):
            self.blame(wrong, what, request, answer)
        if answer.status < 400 and answer.effects:
            self._renew()
        return answer

    def blame(self, wrong: str, what: str, request: Request, answer: Answer) -> None:
        """Write down what is wrong with an answer."""
        shown = self._wrong.setdefault(f"{wrong} ({answer.status})", [])
        if not shown:
            shown.append(f"{request}\n\n{answer}")
        if len(shown) < MOST_SHOWN:
            shown.append(what)

    def verdict(self) -> str:
        """Return all that is wrong, or nothing."""
        parts = [
            f"{self.operation.id}: {wrong}\n\n{first}\n\nso with: {'; '.join(others)}"
            for wrong, (first, *others) in self._wrong.items()
        ]
        self._wrong = {}
        return f"\n\n{'-' * 80}\n".join(parts)

    def settle(self) -> None:
        """Let the workers have all that was let in. What Stripe would never sign is for nobody."""
        if self.operation.id == WEBHOOK:
            _discard_messages(settings().stripe_events_queue_url)
        elif FULL:
            self._scene.drain()

    def _renew(self) -> None:
        """Make the example anew: it may be used up."""
        if self._renewals:
            self._renewals -= 1
            self._example = self._prepared()

    def _prepared(self) -> Example:
        example = EXAMPLES[self.operation.id]
        with capturing(example.capture):
            return example.prepared(self._scene)


def _discard_messages(url: str) -> None:
    sqs = aws.client("sqs")
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
