"""One store for the whole folder: its front in this process, its tables on DynamoDB Local."""

from collections.abc import Iterator

import pytest

from local.engines.dynamodb import DynamoDBLocal
from tests.faults.input.front import Effects, Front
from tests.faults.input.inside import scene_inside
from tests.support.payments import LocalStripe
from tests.support.scene import Scene
from tests.support.store import Store, running_store


@pytest.fixture(scope="module")
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of all choices."""
    given = request.config.getoption("hypothesis_seed", None)
    return 1 if given in {None, "random"} else int(given)


@pytest.fixture(scope="module")
def shop(engine: DynamoDBLocal, stripe_server: LocalStripe) -> Iterator[Store]:
    """A store with empty tables, in which one network may ask about as many gift cards as tests like."""
    generous = {"TRUSTED_PROXY_HOPS": "1", "GIFT_CARD_LOOKUPS_PER_NETWORK": "10000"}
    with running_store(stripe_server, AWS_ENDPOINT_URL_DYNAMODB=engine.url, **generous) as running:
        yield running


@pytest.fixture(scope="module")
def front(shop: Store) -> Iterator[Front]:
    """What takes the requests."""
    effects = Effects()
    with effects.watched():
        front = Front(effects)
        yield front
        front.close()


@pytest.fixture(scope="module")
def scene(shop: Store, front: Front) -> Iterator[Scene]:
    """The shop of the examples, open."""
    with scene_inside(shop, front) as scene:
        yield scene
