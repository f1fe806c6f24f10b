"""Reading many items at once, and what happens when DynamoDB does not give them all."""

from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from commerce.kernel import reads, records
from commerce.kernel.errors import Unavailable
from commerce.kernel.reads import BATCH, Read, fetch, get, listed
from commerce.kernel.transactions import commit, put
from tests.support.calls import counted
from tests.support.store import Store
from tests.unit.edge.dynamo import Kettle, Lid, failure, trouble


def read(name: str) -> Read[Kettle]:
    return Read(Kettle, name, "kettle")


class TestFetch:
    def test_reads_several_tables_in_one_call(self, store: Store) -> None:
        commit([put(Kettle(pk="k1", sk="kettle", filled=3)), put(Lid(pk="l1", sk="lid", color="blue"))])
        lid = Read(Lid, "l1", "lid")

        with counted(store) as calls:
            answers = fetch([read("k1"), lid, read("none")])

        assert calls == {"BatchGetItem": 1}
        found, blue = answers.get(read("k1")), answers.get(lid)
        assert found is not None
        assert int(found.filled) == 3
        assert blue is not None
        assert blue.color == "blue"
        assert answers.get(read("none")) is None

    def test_reads_what_botocore_would(self, store: Store) -> None:
        item = {
            "pk": {"S": "k1"},
            "sk": {"S": "kettle"},
            "filled": {"N": "12345678901234567890"},
            "parts": {"L": [{"M": {"lid": {"BOOL": True}, "cord": {"NULL": True}}}, {"S": "ключ"}]},
        }
        store.dynamodb.put_item(TableName="test-carts", Item=item)
        asked = {"TableName": "test-carts", "Key": {"pk": item["pk"], "sk": item["sk"]}}

        ours, theirs = records.connection().dispatch("GetItem", asked), store.dynamodb.get_item(**asked)

        assert ours["Item"] == theirs["Item"] == item
        assert ours["ResponseMetadata"].keys() == theirs["ResponseMetadata"].keys()

    def test_reads_each_item_once(self, store: Store) -> None:
        commit([put(Kettle(pk="k1", sk="kettle"))])

        answers = fetch([read("k1")] * 300)

        assert answers.get(read("k1")) is not None

    def test_makes_a_call_per_hundred_keys(self, store: Store) -> None:
        commit(put(Kettle(pk=f"k{number}", sk="kettle")) for number in range(BATCH))

        with counted(store) as calls:
            answers = fetch(read(f"k{number}") for number in range(BATCH + 5))

        assert calls == {"BatchGetItem": 2}
        assert sum(answers.get(read(f"k{number}")) is not None for number in range(BATCH + 5)) == BATCH

    def test_reads_nothing_for_nothing(self, store: Store) -> None:
        with counted(store) as calls:
            fetch([])

        assert not calls

    def test_asks_again_for_what_was_left_out(self, store: Store) -> None:
        commit(put(Kettle(pk=f"k{number}", sk="kettle")) for number in range(3))
        asked: list[int] = []

        def leave_out(params: dict[str, Any], **_: Any) -> None:
            asked.append(1)

        def halve(parsed: dict[str, Any], **_: Any) -> None:
            rows = parsed["Responses"]["test-carts"]
            if len(rows) > 1:
                parsed["UnprocessedKeys"] = {
                    "test-carts": {"Keys": [{"pk": row["pk"], "sk": row["sk"]} for row in rows[1:]]}
                }
                del rows[1:]

        events: Any = records.connection().client.meta.events
        events.register("before-call.dynamodb.BatchGetItem", leave_out)
        events.register("after-call.dynamodb.BatchGetItem", halve)
        try:
            answers = fetch(read(f"k{number}") for number in range(3))
        finally:
            events.unregister("before-call.dynamodb.BatchGetItem", leave_out)
            events.unregister("after-call.dynamodb.BatchGetItem", halve)

        assert len(asked) == 3
        assert all(answers.get(read(f"k{number}")) is not None for number in range(3))

    def test_is_unavailable_when_it_never_gets_all(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reads, "ATTEMPTS", 2)
        keys = {"test-carts": {"Keys": [{"pk": {"S": "k1"}, "sk": {"S": "kettle"}}]}}
        nothing = {"Responses": {}, "UnprocessedKeys": keys, "ResponseMetadata": {"HTTPStatusCode": 200}}
        answered = (AWSResponse("https://x", 200, HTTPHeaders(), None), nothing)

        def answer(**_: Any) -> tuple[AWSResponse, dict[str, Any]]:
            return answered

        events: Any = records.connection().client.meta.events
        events.register("before-call.dynamodb.BatchGetItem", answer)
        try:
            with pytest.raises(Unavailable):
                fetch([read("k1")])
        finally:
            events.unregister("before-call.dynamodb.BatchGetItem", answer)

    def test_is_unavailable_when_dynamodb_refuses(self, store: Store) -> None:
        with trouble("BatchGetItem", failure("ValidationException")), pytest.raises(Unavailable):
            fetch([read("k1")])


class TestGet:
    def test_reads_one_item_or_none(self, store: Store) -> None:
        commit([put(Kettle(pk="k1", sk="kettle"))])

        assert get(Kettle, "k1", "kettle") is not None
        assert get(Kettle, "k1", "other") is None

    def test_is_unavailable_when_dynamodb_refuses(self, store: Store) -> None:
        with trouble("GetItem", failure("ResourceNotFoundException")), pytest.raises(Unavailable):
            get(Kettle, "k1", "kettle")


class TestListed:
    def test_reads_a_query_to_its_end(self, store: Store) -> None:
        commit(put(Kettle(pk="shelf", sk=f"{number}")) for number in range(5))

        assert [row.sk for row in listed(Kettle.query("shelf"))] == ["0", "1", "2", "3", "4"]

    def test_is_unavailable_when_dynamodb_refuses(self, store: Store) -> None:
        with trouble("Query", failure("ResourceNotFoundException")), pytest.raises(Unavailable):
            listed(Kettle.query("shelf"))
