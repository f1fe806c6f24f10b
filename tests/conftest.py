"""Fixtures of the whole suite."""

from collections.abc import Iterator

import pytest

from tests.support.store import Store, running_store
from tests.support.witness import Witness


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Witness(), "permission-witness")


@pytest.fixture
def store() -> Iterator[Store]:
    """A store with empty tables, in this process."""
    with running_store() as running:
        yield running
