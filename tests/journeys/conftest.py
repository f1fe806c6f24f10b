"""The real store on this machine: templates, gateway, forked functions, DynamoDB Local, queues, bus, local Stripe."""

from collections.abc import Iterator

import pytest

from local.running import running_store
from tests.journeys.shop import Shop
from tests.support.dynamodb_local import require_java


@pytest.fixture(scope="session")
def open_store() -> Iterator[Shop]:
    require_java()
    parameters = {"ShopName": "Harbor Goods", "ReadCacheSeconds": "0"}
    with running_store(parameters=parameters, options=["--patience=0"]) as running:
        shop = Shop(running)
        shop.set_up()
        yield shop
        shop.close()


@pytest.fixture
def shop(open_store: Shop) -> Shop:
    """The store as every story finds it: nothing on its way, nobody disturbing the webhooks."""
    open_store.stripe("webhooks", duplicate=False, shuffle=False, hold=False, drop_types=[])
    open_store.control.delete("/stripe/faults")
    open_store.drain()
    return open_store
