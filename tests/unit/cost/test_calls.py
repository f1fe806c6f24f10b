"""What a call is billed by, read from its request and its answer."""

from typing import Any

import pytest

from tests.cost.calls import dynamodb_read, dynamodb_write, key_of, other_call, parsed, pieces


def row(pk: str, size: int = 100, **more: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": "x"}, "filling": {"S": "x" * size}, **{k: {"S": v} for k, v in more.items()}}


class TestReads:
    def test_a_get_is_by_its_consistency(self) -> None:
        answer = {"Item": row("a")}

        assert dynamodb_read("GetItem", {}, answer).read_units == 0.5
        assert dynamodb_read("GetItem", {"ConsistentRead": True}, answer).read_units == 1

    def test_a_batch_over_tables_counts_what_is_missing(self) -> None:
        keys = [{"pk": {"S": pk}, "sk": {"S": "x"}} for pk in "abc"]
        request = {"RequestItems": {"test-carts": {"Keys": keys, "ConsistentRead": True}}}
        answer = {"Responses": {"test-carts": [row("a", 5000)]}}

        assert dynamodb_read("BatchGetItem", request, answer).read_units == 2 + 1 + 1

    def test_a_query_of_an_index_of_keys_reads_only_keys(self) -> None:
        items = [row(str(number), 3000, gsi1pk="unpublished#1", gsi1sk="t") for number in range(10)]
        index = {"TableName": "test-outbox", "IndexName": "gsi1"}

        assert dynamodb_read("Query", index, {"Items": items}).read_units == 0.5
        assert dynamodb_read("Query", {"TableName": "test-outbox"}, {"Items": items}).read_units == 4

    def test_refuses_to_guess_what_a_filter_left_out(self) -> None:
        with pytest.raises(NotImplementedError):
            dynamodb_read("Query", {"TableName": "test-outbox", "FilterExpression": "a = b"}, {"Items": []})


class TestWrites:
    def put(self, size: int = 100) -> dict[str, Any]:
        return {"TableName": "test-carts", "Item": row("a", size)}

    def test_a_transaction_takes_twice_and_its_checks_count(self) -> None:
        check = {"TableName": "test-carts", "Key": {"pk": {"S": "b"}, "sk": {"S": "x"}}}
        request = {"TransactItems": [{"ConditionCheck": check}, {"Put": self.put()}]}
        before = {key_of(check): row("b", 2000)}
        after = before | {key_of(self.put()): row("a")}

        assert dynamodb_write("TransactWriteItems", request, None, before, after).write_units == 2 * 2 + 2

    def test_what_a_condition_refused_takes_the_larger_of_both(self) -> None:
        refused = "ConditionalCheckFailedException"
        there = {key_of(self.put()): row("a")}

        assert dynamodb_write("PutItem", self.put(3000), refused, there, there).write_units == 3
        assert dynamodb_write("PutItem", self.put(3000), refused, {}, {}).write_units == 3

    def test_what_was_throttled_takes_nothing(self) -> None:
        assert dynamodb_write("PutItem", self.put(), "ThrottlingException", {}, {}).write_units == 0

    def test_an_index_is_paid_once_though_the_transaction_pays_twice(self) -> None:
        marked = row("movement#1", 100, gsi1pk="unprojected#1", gsi1sk="t")
        put = {"TableName": "test-inventory", "Item": marked}
        request = {"TransactItems": [{"Put": put}]}

        assert dynamodb_write("TransactWriteItems", request, None, {}, {key_of(put): marked}).write_units == 2 + 1


class TestOthers:
    def test_64_kb_are_one_piece(self) -> None:
        assert [pieces(size) for size in (0, 1, 65536, 65537)] == [1, 1, 1, 2]

    def test_events_and_messages_are_counted_in_pieces(self) -> None:
        entries = [{"Detail": "x" * 70_000, "DetailType": "t"}, {"Detail": "{}", "DetailType": "t"}]

        assert other_call("events", "PutEvents", {"Entries": entries}).pieces == 3
        assert other_call("sqs", "SendMessage", {"MessageBody": "x"}).pieces == 1

    def test_a_body_is_json_or_a_form(self) -> None:
        assert parsed(b'{"a": 1}') == {"a": 1}
        assert parsed("Action=Publish") == {"Action": ["Publish"]}
