"""The shop that the tests of the local Stripe share, emptied for each test."""

from collections.abc import Iterator

import pytest

from tests.unit.local_stripe.shop import Shop, open_shop


@pytest.fixture(scope="module")
def open_for_business() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop


@pytest.fixture
def shop(open_for_business: Shop) -> Shop:
    open_for_business.control("reset")
    open_for_business.control("deliver", all=True)
    open_for_business.mailbox.received.clear()
    open_for_business.mailbox.status = 200
    return open_for_business
