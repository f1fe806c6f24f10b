"""Queues, rules, streams, schedules and mail, end to end on the toy application."""

import json

import pytest

from tests.functional.local.conftest import Toy

pytestmark = pytest.mark.java


class TestQueues:
    def test_a_message_reaches_its_function_once(self, toy: Toy) -> None:
        toy.put("queued", jobs=[{"n": 1}, {"n": 2}])

        toy.drain()

        jobs = [json.loads(text) for text in toy.records("job")]
        assert jobs.count({"n": 1}) == 1
        assert jobs.count({"n": 2}) == 1

    def test_only_the_failed_message_comes_back_and_ends_in_the_dead_letter_queue(self, toy: Toy) -> None:
        before = toy.depth("DeadLetterQueue")["visible"]
        toy.put("mixed", jobs=[{"id": "bad", "fail": True}, {"id": "good"}])

        first = toy.drain()
        for _ in range(3):
            toy.tick(61)

        assert first["quiet"]
        assert first["waiting"] == {"tradewind-JobsQueue": 1}
        assert [json.loads(text) for text in toy.records("job")].count({"id": "good"}) == 1
        assert toy.depth("JobsQueue") | {"name": "", "logical_id": ""} == {
            "name": "",
            "logical_id": "",
            "visible": 0,
            "in_flight": 0,
            "delayed": 0,
        }
        assert toy.depth("DeadLetterQueue")["visible"] == before + 1
        dead = toy.items("/queues/DeadLetterQueue")
        assert any(json.loads(message["body"]) == {"id": "bad", "fail": True} for message in dead)

    def test_a_dead_letter_goes_back_when_it_is_asked_for(self, toy: Toy) -> None:
        toy.put("again", jobs=[{"id": "again", "fail": True}])
        for _ in range(4):
            toy.tick(61)
        assert toy.depth("DeadLetterQueue")["visible"] >= 1

        moved = toy.control.post("/queues/DeadLetterQueue/redrive", params={"to": "JobsQueue"}).json()["moved"]

        assert moved >= 1
        toy.drain()
        assert toy.depth("DeadLetterQueue")["visible"] == 0
        for _ in range(4):
            toy.tick(61)


class TestRules:
    def test_an_event_reaches_every_target_that_it_fits(self, toy: Toy) -> None:
        toy.put("large", size=150, event={})
        toy.put("small", size=5, event={})

        toy.drain()

        events = [json.loads(text) for text in toy.records("event")]
        assert {"large", "small"} <= {event["detail"]["id"] for event in events}
        assert all(event["account"] == "123456789012" for event in events)
        jobs = [json.loads(text) for text in toy.records("job")]
        assert {"job": "large", "id": "large", "size": 150} in jobs
        assert not [job for job in jobs if job.get("id") == "small"]

    def test_the_bus_keeps_what_went_over_it_in_order(self, toy: Toy) -> None:
        for number in range(3):
            toy.put(f"ordered-{number}", event={})

        toy.drain()

        ids = [event["detail"]["id"] for event in toy.items("/events", type="thing.stored")]
        assert ids[-3:] == ["ordered-0", "ordered-1", "ordered-2"]

    def test_a_failing_function_is_retried_by_the_clock_and_then_reported(self, toy: Toy) -> None:
        before = toy.depth("DeadLetterQueue")["visible"]
        toy.put("doomed", event={"fail": True})

        first = toy.drain()
        toy.tick(61)

        assert first["waiting"]["retries"] == 1
        assert toy.depth("DeadLetterQueue")["visible"] == before + 1
        reported = json.loads(toy.items("/queues/DeadLetterQueue")[-1]["body"])
        assert reported["requestContext"]["condition"] == "RetriesExhausted"
        assert reported["requestContext"]["approximateInvokeCount"] == 2
        assert reported["requestPayload"]["detail"]["id"] == "doomed"


class TestStreams:
    def test_the_filter_lets_inserts_of_its_kind_through(self, toy: Toy) -> None:
        toy.put("streamed")
        toy.put("streamed", size=2)
        toy.put("other-kind", kind="other")

        toy.drain()

        projections = [json.loads(text) for text in toy.records("projection")]
        assert projections.count({"id": "streamed", "event": "INSERT"}) == 1
        assert {"id": "streamed", "event": "MODIFY"} not in projections
        assert {"id": "other-kind", "event": "INSERT"} not in projections

    def test_a_bad_record_is_cut_out_and_only_its_place_is_reported(self, toy: Toy) -> None:
        before = toy.depth("DeadLetterQueue")["visible"]
        for thing in ("before", "poison", "after"):
            toy.put(thing)

        toy.drain()

        projected = {json.loads(text)["id"] for text in toy.records("projection")}
        assert {"before", "after"} <= projected
        assert "poison" not in projected
        assert toy.depth("DeadLetterQueue")["visible"] == before + 1
        reported = json.loads(toy.items("/queues/DeadLetterQueue")[-1]["body"])
        assert reported["DDBStreamBatchInfo"]["batchSize"] == 1
        assert "poison" not in json.dumps(reported)


class TestSchedules:
    def test_tick_runs_each_due_schedule_once_in_order(self, toy: Toy) -> None:
        toy.tick(0)
        before = len(toy.records("sweep"))

        ran = toy.tick(86_400)["schedules"]

        assert sorted(ran) == ["tradewind-Workers-SweepFunctionDaily", "tradewind-Workers-SweepFunctionOften"]
        sweeps = [json.loads(text) for text in toy.records("sweep")[before:]]
        assert {"daily": True} in sweeps
        plain = next(sweep for sweep in sweeps if "daily" not in sweep)
        assert plain["detail-type"] == "Scheduled Event"
        assert plain["source"] == "aws.events"

    def test_a_short_tick_runs_nothing_before_its_time(self, toy: Toy) -> None:
        toy.tick(301)

        assert toy.tick(1)["schedules"] == []


class TestMail:
    def test_mail_and_alerts_arrive_in_the_inbox(self, toy: Toy) -> None:
        toy.put("mailed", mail="ada@example.com", alert="stock is low")

        toy.drain()

        mail = toy.items("/emails", to="ada@example.com")[-1]
        assert mail["subject"] == "Thing mailed"
        assert (mail["text"], mail["html"]) == ("plain", "<p>rich</p>")
        alert = toy.items("/emails", to="alerts@example.com")[-1]
        assert (alert["via"], alert["subject"], alert["text"]) == ("sns", "Look at this", "stock is low")


class TestDrain:
    def test_does_nothing_when_there_is_nothing(self, toy: Toy) -> None:
        outcome = toy.drain()

        assert outcome["quiet"]
        assert outcome["done"] == {}
        assert outcome["seconds"] < 2

    def test_gives_up_in_time(self, toy: Toy) -> None:
        toy.put("late", jobs=[{"n": number} for number in range(3)])

        outcome = toy.drain(timeout=0)

        assert not outcome["quiet"]
        assert outcome["seconds"] < 2
