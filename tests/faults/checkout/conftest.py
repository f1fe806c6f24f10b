"""A paying store whose tables are on DynamoDB Local, for threads."""

from collections.abc import Iterator

import pytest

from local.engines.dynamodb import DynamoDBLocal
from tests.support.payments import LocalStripe
from tests.support.store import Store, running_store


@pytest.fixture
def racing_store(engine: DynamoDBLocal, stripe_server: LocalStripe) -> Iterator[Store]:
    with running_store(stripe_server, AWS_ENDPOINT_URL_DYNAMODB=engine.url) as running:
        yield running
