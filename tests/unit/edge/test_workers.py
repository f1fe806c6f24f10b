"""The edge of queues, streams and clocks: what fails comes again, and nothing else."""

from typing import Any, ClassVar

import pytest

from commerce.entrypoints.queues import queue_consumer
from commerce.entrypoints.workers import event_consumer, scheduled, stream_consumer
from commerce.kernel.call import Call
from commerce.outbox.schemas import Envelope
from tests.support.logs import logged
from tests.support.store import LambdaContext

CONTEXT: Any = LambdaContext()


def queue(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": "r",
                "body": body,
                "attributes": {},
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:q",
                "awsRegion": "us-east-1",
            }
            for number, body in enumerate(bodies)
        ]
    }


def stream(*names: str) -> dict[str, Any]:
    return {
        "Records": [
            {
                "eventID": f"e{number}",
                "eventName": "INSERT",
                "eventSource": "aws:dynamodb",
                "dynamodb": {"SequenceNumber": f"s{number}", "NewImage": {"pk": {"S": name}}},
            }
            for number, name in enumerate(names)
        ]
    }


def failed(answer: dict[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


class TestQueue:
    def test_hands_over_each_message_and_says_which_failed(self) -> None:
        done: list[str] = []

        def work(*, body: str, call: Call) -> None:
            if body == "bad":
                raise ValueError
            done.append(f"{body} by {call.actor}")

        handler = queue_consumer(work, worker="toys.make")

        assert failed(handler(queue("a", "bad", "c"), CONTEXT)) == ["m1"]
        assert done == ["a by system:toys.make", "c by system:toys.make"]

    def test_wants_all_again_when_all_failed_without_an_error_of_its_own(self) -> None:
        def work(**_: Any) -> None:
            raise ValueError

        assert failed(queue_consumer(work, worker="w")(queue("a", "b"), CONTEXT)) == ["m0", "m1"]

    def test_logs_the_failure_without_the_message(self) -> None:
        def work(*, body: str, call: Call) -> None:
            raise LookupError

        with logged() as log:
            queue_consumer(work, worker="w")(queue("grace@example.org"), CONTEXT)

        assert "message failed" in log.getvalue()
        assert "grace@example.org" not in log.getvalue()


class TestStream:
    def test_hands_over_all_images_at_once_and_says_which_failed(self) -> None:
        def work(*, images: list[dict[str, Any]], call: Call) -> set[int]:
            assert [image["pk"]["S"] for image in images] == ["a", "b", "c"]
            return {2, 0}

        assert failed(stream_consumer(work, worker="w")(stream("a", "b", "c"), CONTEXT)) == ["s0", "s2"]

    def test_wants_the_whole_batch_again_after_an_error(self) -> None:
        def work(**_: Any) -> set[int]:
            raise ValueError

        assert failed(stream_consumer(work, worker="w")(stream("a", "b"), CONTEXT)) == ["s0", "s1"]


class TestClock:
    def test_runs_the_work_and_tells_what_it_did(self) -> None:
        handler = scheduled(lambda *, call: {"swept": 3, "by": len(call.actor.id)}, worker="w")

        with logged() as log:
            assert handler({}, CONTEXT) == {"swept": 3, "by": 1}
        assert '"swept":3' in log.getvalue()

    def test_fails_visibly(self) -> None:
        def work(*, call: Call) -> dict[str, int]:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            scheduled(work, worker="w")({}, CONTEXT)


class TestEvent:
    MESSAGE: ClassVar[dict[str, Any]] = {
        "version": "0",
        "source": "tradewind",
        "detail-type": "orders.placed",
        "detail": {
            "event_id": "evt_1",
            "type": "orders.placed",
            "version": 1,
            "aggregate": "order#ord_1",
            "sequence": 2,
            "occurred_at": "2026-11-22T12:00:00.000Z",
            "actor": "stripe",
            "data": {"order_id": "ord_1"},
            "added_later": True,
        },
    }

    def test_is_handed_over(self) -> None:
        seen: list[Any] = []

        def work(*, event: Envelope, call: Call) -> None:
            seen.append((event.type, event.data["order_id"], str(call.actor)))

        event_consumer(work, worker="follower")(self.MESSAGE, CONTEXT)

        assert seen == [("orders.placed", "ord_1", "system:follower")]

    def test_comes_again_when_it_fails(self) -> None:
        def work(*, event: Envelope, call: Call) -> None:
            raise ValueError

        with pytest.raises(ValueError):  # noqa: PT011 - whatever it is, Lambda has to see it.
            event_consumer(work, worker="follower")(self.MESSAGE, CONTEXT)
