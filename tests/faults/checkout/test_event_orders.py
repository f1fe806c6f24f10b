"""Stripe promises no order: a payment's events, in every order there is, leave the same order, paid once."""

from collections.abc import Iterator
from itertools import permutations

import pytest

from local.engines.dynamodb import DynamoDBLocal
from tests.faults.machine.cases import Scenario
from tests.faults.machine.promises import digest
from tests.faults.machine.steps.deliveries import SETTLE_REVERSED, a_whole_payment
from tests.faults.machine.world import World, running_world

TOLD = ("payment_intent.processing", "payment_intent.succeeded", "refund.created", "charge.dispute.created")


@pytest.fixture
def world(engine: DynamoDBLocal) -> Iterator[World]:
    with running_world(engine.url, **SETTLE_REVERSED.settings) as world:
        yield world


def test_a_payment_ends_alike_whatever_the_order_of_its_events(world: World) -> None:
    context = a_whole_payment(world)
    saved = world.save()
    found: dict[tuple[str, ...], list[str]] = {}
    ends: set[str] = set()

    for order in permutations(TOLD):
        world.put_back(saved)
        for kind in order:
            world.post_webhooks(kind)
            world.consume_events()
        world.drain()
        said = [*world.check(swept=False), *SETTLE_REVERSED.expect(world, context, Scenario())]
        if said:
            found[order] = said
        ends.add(str(sorted((row["status"], row["payment"]) for row in _ends(world))))

    assert found == {}
    assert len(ends) == 1


def _ends(world: World) -> list[dict[str, str]]:
    """Return how each order ends, without the version, which counts how often it was heard of."""
    orders = digest(world.picture())["orders"]
    return [{"status": status, "payment": str(amounts)} for status, _, *amounts in orders.values()]
