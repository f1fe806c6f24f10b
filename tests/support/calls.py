"""Counts calls to AWS, for tests that hold an endpoint to its budget."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from commerce.kernel import records
from tests.support.store import Store


@contextmanager
def counted(store: Store) -> Iterator[Counter[str]]:
    """Count the DynamoDB calls that the code under test makes, by operation: `{"GetItem": 1}`.

    Retries of botocore count again. The test's own client (`store.dynamodb`, `store.items`) is not counted.
    """
    calls: Counter[str] = Counter()

    def count(event_name: str, **_: Any) -> None:
        calls[event_name.rpartition(".")[2]] += 1

    events = records.connection().client.meta.events
    events.register("before-send.dynamodb", count, unique_id="tests.support.calls")
    try:
        yield calls
    finally:
        events.unregister("before-send.dynamodb", unique_id="tests.support.calls")
