"""One shop for the whole folder: what a budget sees does not depend on which tests were asked for."""

from collections.abc import Iterator

import pytest

from tests.functional.budgets.shop import Shop, open_shop
from tests.support.dynamodb_local import running_dynamodb
from tests.support.payments import LocalStripe


@pytest.fixture(scope="module")
def shop(stripe_server: LocalStripe) -> Iterator[Shop]:
    with running_dynamodb() as engine, open_shop(stripe_server, engine) as opened:
        yield opened
