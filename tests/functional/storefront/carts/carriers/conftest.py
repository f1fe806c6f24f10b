"""A shop that asks carriers."""

from collections.abc import Iterator

import pytest

from tests.support.carrier_shop import carrier_shop, fresh
from tests.support.carriers import Provider, running_provider
from tests.support.payments import LocalStripe
from tests.support.store import Store


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider) -> Provider:
    return fresh(running)


@pytest.fixture
def shop(stripe_server: LocalStripe, provider: Provider) -> Iterator[Store]:
    with carrier_shop(stripe_server, provider) as store:
        yield store
