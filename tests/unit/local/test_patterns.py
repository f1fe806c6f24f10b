"""Event patterns: the operators that EventBridge documents."""

from typing import Any

import pytest

from local.pumps.patterns import matches

EVENT: dict[str, Any] = {
    "source": "tradewind",
    "detail-type": "orders.placed",
    "detail": {"total": 1999, "sku": "MUG-BLUE", "tags": ["new", "gift"], "gift": True, "note": "", "nothing": None},
}


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ({"source": ["tradewind"]}, True),
        ({"source": ["other", "tradewind"]}, True),
        ({"source": ["tradewind"], "detail-type": ["orders.refunded"]}, False),
        ({"detail": {"total": [{"numeric": [">=", 1000, "<", 2000]}]}}, True),
        ({"detail": {"total": [{"numeric": ["=", 5]}]}}, False),
        ({"detail": {"sku": [{"numeric": [">", 5]}]}}, False),
        ({"detail": {"sku": [{"prefix": "MUG-"}]}}, True),
        ({"detail": {"sku": [{"prefix": {"equals-ignore-case": "mug"}}]}}, True),
        ({"detail": {"sku": [{"suffix": "-RED"}]}}, False),
        ({"detail": {"sku": [{"equals-ignore-case": "mug-blue"}]}}, True),
        ({"detail": {"sku": [{"wildcard": "MUG*UE"}]}}, True),
        ({"detail": {"sku": [{"anything-but": ["MUG-BLUE"]}]}}, False),
        ({"detail": {"sku": [{"anything-but": {"prefix": "CUP"}}]}}, True),
        ({"detail": {"tags": ["gift"]}}, True),
        ({"detail": {"tags": ["old"]}}, False),
        ({"detail": {"missing": [{"exists": False}]}}, True),
        ({"detail": {"sku": [{"exists": False}]}}, False),
        ({"detail": {"sku": [{"exists": True}]}}, True),
        ({"other": {"below": [{"exists": False}]}}, True),
        ({"detail": {"missing": [{"anything-but": "x"}]}}, False),
        ({"detail": {"gift": [True]}}, True),
        ({"detail": {"gift": [1]}}, False),
        ({"detail": {"nothing": [None]}}, True),
        ({"detail": {"note": [""]}}, True),
        ({"detail": {"sku": ["MUG-BLUE", {"prefix": "CUP"}]}}, True),
        ({"$or": [{"source": ["x"]}, {"detail": {"total": [1999]}}]}, True),
        ({"$or": [{"source": ["x"]}, {"detail": {"total": [1]}}]}, False),
    ],
)
def test_pattern(pattern: dict[str, Any], fits: bool) -> None:  # noqa: FBT001 - a table of cases
    assert matches(pattern, EVENT) is fits


def test_reads_the_attribute_values_of_a_stream_record() -> None:
    record = {"eventName": "INSERT", "dynamodb": {"NewImage": {"kind": {"S": "movement"}}}}
    pattern = {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"kind": {"S": ["movement"]}}}}

    assert matches(pattern, record)
    assert not matches(pattern, {**record, "eventName": "MODIFY"})
