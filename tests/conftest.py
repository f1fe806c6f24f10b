"""Fixtures of the whole suite."""

from collections.abc import Iterator

import pytest

from tests.support.payments import LocalStripe, local_stripe
from tests.support.store import Store, running_store
from tests.support.witness import Witness


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Witness(), "permission-witness")


@pytest.fixture
def store() -> Iterator[Store]:
    """A store with empty tables, in this process."""
    with running_store() as running:
        yield running


@pytest.fixture(scope="session")
def stripe_server() -> Iterator[LocalStripe]:
    """The local Stripe, shared by the session; each store empties it."""
    with local_stripe() as stripe:
        yield stripe


@pytest.fixture
def paying_store(stripe_server: LocalStripe) -> Iterator[Store]:
    """A store with empty tables that is paid through the local Stripe."""
    with running_store(stripe_server) as running:
        yield running


@pytest.fixture
def slow_paying_store(stripe_server: LocalStripe) -> Iterator[Store]:
    """A store that also takes bank debits, which take days."""
    with running_store(stripe_server, ALLOW_SLOW_PAYMENTS="true") as running:
        yield running


@pytest.fixture
def capturing_store(stripe_server: LocalStripe) -> Iterator[Store]:
    """A store whose staff capture authorized payments by hand."""
    with running_store(stripe_server, CAPTURE_METHOD="manual") as running:
        yield running
