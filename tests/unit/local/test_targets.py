"""What rule targets and batch answers look like."""

from typing import Any

import pytest

from local.pumps.queues import partial_failures
from local.pumps.targets import payload
from local.templates import RetryPolicy, Target

EVENT: dict[str, Any] = {
    "id": "e1",
    "time": "2026-01-01T00:00:00Z",
    "detail": {"id": 'a"b', "size": 3, "lines": [{"sku": "X"}]},
}


def target(**fields: Any) -> Target:
    return Target(id="t", arn="arn", retry=RetryPolicy(), dead_letter_arn=None, **fields)


class TestPayload:
    def test_is_the_event_itself(self) -> None:
        assert payload(target(), EVENT, rule_arn="r") == EVENT

    def test_is_a_constant(self) -> None:
        assert payload(target(input='{"a": 1}'), EVENT, rule_arn="r") == {"a": 1}

    def test_is_a_part(self) -> None:
        assert payload(target(input_path="$.detail.lines[0]"), EVENT, rule_arn="r") == {"sku": "X"}

    def test_is_a_filled_json_template(self) -> None:
        given = target(
            input_paths={"id": "$.detail.id", "size": "$.detail.size"},
            input_template='{"id": <id>, "text": "is <id>", "size": <size>, "rule": <aws.events.rule-arn>}',
        )

        made = payload(given, EVENT, rule_arn="r")

        assert made["id"] == 'a"b'
        assert made["size"] == 3
        assert made["rule"] == "r"

    def test_is_a_filled_text(self) -> None:
        given = target(input_paths={"size": "$.detail.size"}, input_template="size is <size>")

        assert payload(given, EVENT, rule_arn="r") == "size is 3"


class TestPartialFailures:
    @pytest.mark.parametrize(
        ("result", "failed"),
        [
            (None, set()),
            ({}, set()),
            ({"batchItemFailures": []}, set()),
            ({"batchItemFailures": [{"itemIdentifier": "a"}]}, {"a"}),
            ({"batchItemFailures": [{"itemIdentifier": "zzz"}]}, {"a", "b"}),
            ({"batchItemFailures": [{"itemIdentifier": ""}]}, {"a", "b"}),
            ({"batchItemFailures": [{}]}, {"a", "b"}),
            ({"batchItemFailures": "all"}, {"a", "b"}),
            ("text", {"a", "b"}),
        ],
    )
    def test_an_answer_that_lambda_cannot_read_fails_the_batch(self, result: Any, failed: set[str]) -> None:
        assert partial_failures(result, ["a", "b"]) == failed
