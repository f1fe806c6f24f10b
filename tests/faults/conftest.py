"""The real engine under the races and faults: DynamoDB Local, started once."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.engines.dynamodb import DynamoDBLocal
from tests.support.dynamodb_local import running_dynamodb, tables_on


@pytest.fixture(scope="session")
def engine() -> Iterator[DynamoDBLocal]:
    with running_dynamodb() as running:
        yield running


@pytest.fixture
def tables(engine: DynamoDBLocal) -> Iterator[Any]:
    """Every table, empty, and a client that looks into them."""
    with tables_on(engine.url) as client:
        yield client


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Show how far random runs came, whichever process they ran in."""
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    for name, value in (each for report in reports if report.when == "call" for each in report.user_properties):
        if name == "random runs":
            terminalreporter.section(name)
            terminalreporter.write_line(value)
