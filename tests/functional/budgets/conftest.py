"""A fresh shop for each file: what a budget sees does not depend on which tests ran before."""

from collections.abc import Iterator

import pytest

from local.engines.dynamodb import DynamoDBLocal
from tests.functional.budgets.shop import Shop, open_shop
from tests.support.dynamodb_local import running_dynamodb
from tests.support.payments import LocalStripe


@pytest.fixture(scope="session")
def engine() -> Iterator[DynamoDBLocal]:
    """One DynamoDB Local for the folder; each shop has its tables made anew."""
    with running_dynamodb() as running:
        yield running


@pytest.fixture(scope="module")
def shop(stripe_server: LocalStripe, engine: DynamoDBLocal) -> Iterator[Shop]:
    with open_shop(stripe_server, engine) as opened:
        yield opened
