"""Events on their way from the outbox table to the bus."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import boto3
import pytest

from commerce.adapters import bus
from commerce.kernel import clock
from commerce.kernel.call import Call, system_call
from commerce.kernel.errors import Unavailable
from commerce.kernel.outbox import Event, announce
from commerce.kernel.transactions import commit
from commerce.outbox import operations
from commerce.outbox.operations import EventsNotTaken
from tests.support.aws import REGION
from tests.support.store import Store


class KettleBoiled(Event):
    type = "kettles.boiled"

    kettle: str
    note: str = ""


class Bus:
    """The bus as the publisher sees it: takes entries, and refuses what a test names."""

    def __init__(self) -> None:
        self.calls: list[list[dict[str, Any]]] = []
        self.refuses: set[str] = set()
        self.is_down = False

    def put(self, entries: Sequence[bus.Entry]) -> list[str | None]:
        if self.is_down:
            raise Unavailable
        details = [json.loads(entry.detail) for entry in entries]
        codes = ["ThrottlingException" if self.key(detail) in self.refuses else None for detail in details]
        self.calls.append([detail for detail, code in zip(details, codes, strict=True) if code is None])
        return list(codes)

    @staticmethod
    def key(detail: dict[str, Any]) -> str:
        return f"{detail['aggregate']}/{detail['sequence']}"

    @property
    def took(self) -> list[str]:
        return [self.key(detail) for call in self.calls for detail in call]


@pytest.fixture
def the_bus(monkeypatch: pytest.MonkeyPatch) -> Bus:
    fake = Bus()
    monkeypatch.setattr(bus, "put", fake.put)
    return fake


def the_call() -> Call:
    return system_call(worker="test", now=clock.now())


def boil(kettle: str, sequence: int = 1, note: str = "") -> None:
    event = KettleBoiled(kettle=kettle, note=note)
    commit([announce(event, aggregate=f"kettle#{kettle}", sequence=sequence, call=the_call())])


def stream(store: Store) -> dict[str, Any]:
    """Return the stream's batch with every item of the table, in the order of their making."""
    items = sorted(store.items("outbox"), key=lambda item: (item["occurred_at"]["S"], item["pk"]["S"], item["sk"]["S"]))
    return {
        "Records": [
            {
                "eventID": f"e{number}",
                "eventName": "INSERT",
                "eventSource": "aws:dynamodb",
                "dynamodb": {"SequenceNumber": f"{number:05d}", "NewImage": item},
            }
            for number, item in enumerate(items)
        ]
    }


def failures(answer: dict[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def unpublished(store: Store) -> list[str]:
    return sorted(item["pk"]["S"] for item in store.items("outbox") if "gsi1pk" in item)


class TestPublish:
    def test_sends_the_whole_envelope(self, store: Store, the_bus: Bus) -> None:
        boil("red", note="hot")

        answer = store.invoke("outbox/publish_events", stream(store))

        [[detail]] = the_bus.calls
        assert failures(answer) == []
        assert detail.pop("event_id").startswith("evt_")
        assert detail.pop("occurred_at").endswith("Z")
        assert detail == {
            "type": "kettles.boiled",
            "version": 1,
            "aggregate": "kettle#red",
            "sequence": 1,
            "actor": "system:test",
            "data": {"kettle": "red", "note": "hot"},
        }

    def test_marks_what_the_bus_took(self, store: Store, the_bus: Bus) -> None:
        boil("red")

        store.invoke("outbox/publish_events", stream(store))

        [item] = store.items("outbox")
        assert the_bus.took == ["kettle#red/1"]
        assert "published_at" in item
        assert not {"gsi1pk", "gsi1sk"} & set(item)
        assert item["type"]["S"] == "kettles.boiled"

    def test_sends_ten_at_a_time(self, store: Store, the_bus: Bus) -> None:
        for number in range(23):
            boil(f"k{number:02d}")

        store.invoke("outbox/publish_events", stream(store))

        assert [len(call) for call in the_bus.calls] == [10, 10, 3]
        assert unpublished(store) == []

    def test_sends_big_events_apart(self, store: Store, the_bus: Bus) -> None:
        for number in range(3):
            boil(f"k{number}", note="x" * 100_000)
        boil("giant", note="x" * 300_000)

        answer = store.invoke("outbox/publish_events", stream(store))

        assert failures(answer) == []
        assert all(len(json.dumps(call)) < bus.MOST_BYTES or len(call) == 1 for call in the_bus.calls)
        assert len(the_bus.took) == 4

    def test_reports_only_the_refused_ones_and_leaves_them_unmarked(self, store: Store, the_bus: Bus) -> None:
        for number in range(4):
            boil(f"k{number}")
        the_bus.refuses = {"kettle#k2/1"}
        batch = stream(store)
        at = next(
            n for n, record in enumerate(batch["Records"]) if record["dynamodb"]["NewImage"]["pk"]["S"] == "kettle#k2"
        )

        answer = store.invoke("outbox/publish_events", batch)

        assert failures(answer) == [f"{at:05d}"]
        assert unpublished(store) == ["kettle#k2"]

    def test_keeps_the_order_within_an_aggregate(self, store: Store, the_bus: Bus) -> None:
        for sequence in (1, 2, 3):
            boil("red", sequence)
            boil("blue", sequence)

        store.invoke("outbox/publish_events", stream(store))

        assert [key for key in the_bus.took if "red" in key] == ["kettle#red/1", "kettle#red/2", "kettle#red/3"]
        assert [key for key in the_bus.took if "blue" in key] == ["kettle#blue/1", "kettle#blue/2", "kettle#blue/3"]
        assert all(len({detail["aggregate"] for detail in call}) == len(call) for call in the_bus.calls)

    def test_holds_back_what_follows_a_refused_event_of_the_same_aggregate(self, store: Store, the_bus: Bus) -> None:
        for sequence in (1, 2, 3):
            boil("red", sequence)
        boil("blue")
        the_bus.refuses = {"kettle#red/2"}

        answer = store.invoke("outbox/publish_events", stream(store))

        assert sorted(the_bus.took) == ["kettle#blue/1", "kettle#red/1"]
        assert len(failures(answer)) == 2
        assert unpublished(store) == ["kettle#red", "kettle#red"]

    def test_wants_everything_again_when_the_bus_is_down(self, store: Store, the_bus: Bus) -> None:
        boil("red")
        boil("blue")
        the_bus.is_down = True

        answer = store.invoke("outbox/publish_events", stream(store))

        assert failures(answer) == ["00000", "00001"]
        assert unpublished(store) == ["kettle#blue", "kettle#red"]

    def test_wants_events_again_that_it_could_not_mark(
        self, store: Store, the_bus: Bus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        boil("red")

        def unavailable(writes: Iterator[object]) -> None:
            list(writes)
            raise Unavailable

        monkeypatch.setattr(operations, "commit", unavailable)

        answer = store.invoke("outbox/publish_events", stream(store))

        assert the_bus.took == ["kettle#red/1"]
        assert failures(answer) == ["00000"]

    def test_wants_a_batch_again_that_it_cannot_read(self, store: Store, the_bus: Bus) -> None:
        boil("red")
        batch = stream(store)
        batch["Records"][0]["dynamodb"]["NewImage"]["occurred_at"] = {"S": "yesterday"}

        assert failures(store.invoke("outbox/publish_events", batch)) == ["00000"]
        assert the_bus.took == []

    def test_sends_the_same_event_id_when_repeated(self, store: Store, the_bus: Bus) -> None:
        boil("red")
        batch = stream(store)

        store.invoke("outbox/publish_events", batch)
        store.invoke("outbox/publish_events", batch)

        first, second = (call[0]["event_id"] for call in the_bus.calls)
        assert first == second


class TestRepublish:
    def test_sends_what_is_overdue_and_marks_it(self, store: Store, the_bus: Bus) -> None:
        for number in range(20):
            boil(f"k{number}")
        clock.set_offset(121)

        counts = store.invoke("outbox/republish_events")

        assert counts == {"published": 20}
        assert len(set(the_bus.took)) == 20
        assert unpublished(store) == []

    def test_leaves_young_events_to_the_stream(self, store: Store, the_bus: Bus) -> None:
        boil("red")
        clock.set_offset(100)

        assert store.invoke("outbox/republish_events") == {"published": 0}
        assert the_bus.took == []

    def test_sends_nothing_twice_once_it_is_marked(self, store: Store, the_bus: Bus) -> None:
        boil("red")
        clock.set_offset(121)

        store.invoke("outbox/republish_events")
        store.invoke("outbox/republish_events")

        assert the_bus.took == ["kettle#red/1"]

    def test_believes_the_table_and_not_its_index(
        self, store: Store, the_bus: Bus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        boil("red")
        store.dynamodb.update_item(
            TableName="test-outbox",
            Key={"pk": {"S": "kettle#red"}, "sk": {"S": "0000000001"}},
            UpdateExpression="SET published_at = :now",
            ExpressionAttributeValues={":now": {"S": clock.text(clock.now())}},
        )
        clock.set_offset(121)

        assert store.invoke("outbox/republish_events") == {"published": 0}
        assert the_bus.took == []

    def test_keeps_the_order_within_an_aggregate(self, store: Store, the_bus: Bus) -> None:
        for sequence in (1, 2, 3, 11):
            boil("red", sequence)
        clock.set_offset(121)

        store.invoke("outbox/republish_events")

        assert the_bus.took == ["kettle#red/1", "kettle#red/2", "kettle#red/3", "kettle#red/11"]

    def test_sends_the_others_and_then_fails_visibly(self, store: Store, the_bus: Bus) -> None:
        for number in range(5):
            boil(f"k{number}")
        the_bus.refuses = {"kettle#k3/1"}
        clock.set_offset(121)

        with pytest.raises(EventsNotTaken, match="did not take 1 events; 4 others"):
            store.invoke("outbox/republish_events")

        assert unpublished(store) == ["kettle#k3"]

    def test_takes_a_bounded_number_per_sweep(
        self, store: Store, the_bus: Bus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(operations, "MOST_PER_SHARD", 2)
        for sequence in range(1, 6):
            boil("red", sequence)
        clock.set_offset(121)

        counts = [store.invoke("outbox/republish_events")["published"] for _ in range(4)]

        assert counts == [2, 2, 1, 0]
        assert the_bus.took == [f"kettle#red/{sequence}" for sequence in range(1, 6)]


class TestBus:
    def test_reaches_a_queue_behind_a_rule(self, store: Store) -> None:
        events, sqs = boto3.client("events", region_name=REGION), boto3.client("sqs", region_name=REGION)
        queue = sqs.create_queue(QueueName="q")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        pattern = json.dumps({"source": ["tradewind"], "detail-type": ["kettles.boiled"]})
        events.put_rule(Name="r", EventBusName="tradewind", EventPattern=pattern)
        events.put_targets(Rule="r", EventBusName="tradewind", Targets=[{"Id": "q", "Arn": arn}])
        boil("red")

        store.invoke("outbox/publish_events", stream(store))

        [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
        body = json.loads(message["Body"])
        assert body["detail-type"] == "kettles.boiled"
        assert body["source"] == "tradewind"
        assert body["detail"]["data"] == {"kettle": "red", "note": ""}

    def test_takes_what_the_sweeper_sends(self, store: Store) -> None:
        boil("red")
        clock.set_offset(121)

        assert store.invoke("outbox/republish_events") == {"published": 1}
        assert unpublished(store) == []

    def test_answers_which_entries_failed(self, store: Store) -> None:
        good = bus.Entry(type="t", detail="{}", occurred_at=clock.now())
        bad = bus.Entry(type="t", detail="no json", occurred_at=clock.now() - timedelta(days=1))

        assert bus.put([good, bad, good]) == [None, "MalformedDetail", None]

    def test_says_unavailable_when_there_is_no_bus(self, store: Store) -> None:
        boto3.client("events", region_name=REGION).delete_event_bus(Name="tradewind")

        with pytest.raises(Unavailable):
            bus.put([bus.Entry(type="t", detail="{}", occurred_at=clock.now())])

    def test_counts_bytes_as_eventbridge_does(self) -> None:
        entry = bus.Entry(type="a.b", detail='{"é":1}', occurred_at=clock.now())

        assert entry.size == 14 + len("tradewind") + 3 + len('{"é":1}'.encode())
