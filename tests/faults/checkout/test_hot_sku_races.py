"""Many buyers of a SKU that is split over shards: the last units are sold, none of them twice, and none is lost."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from commerce.checkout.schemas import CheckoutAnswer
from commerce.inventory import ledger, projection, sharding
from commerce.inventory.schemas import SplitLevels
from commerce.kernel import clock
from commerce.kernel.call import system_call
from tests.faults.checkout.test_races import order, ordered, patiently, pay, shopper
from tests.support.racing import DONE, at_once, refusals, staff_call
from tests.support.shop import filled_cart, level, open_shop
from tests.support.store import Store

pytestmark = pytest.mark.java

SKU = "MUG-BLUE"
OUT_OF_STOCK = "inventory.insufficient_stock"


@pytest.fixture(autouse=True)
def _adds_up(racing_store: Store) -> Iterator[None]:
    """Check that every unit is explained when a race is over."""
    yield
    racing_store.drain()
    stock = level(racing_store)
    assert sum(stock[name] for name in ("available", "reserved", "committed", "dispatched")) == stock["received"]
    assert ledger.differences() == ()


def hot_shop(store: Store, *, stock: int, shards: int) -> None:
    open_shop(store, stock=stock)
    split(shards)


def split(shards: Any) -> None:
    patiently(lambda: sharding.set_shards(sku=SKU, new=SplitLevels(shards=shards), call=staff_call()))


def carts(store: Store, count: int, *, units: int = 1, first: int = 0) -> list[dict[str, Any]]:
    numbers = range(first, first + count)
    return [filled_cart(store, {SKU: units}, email=f"buyer{number}@example.com") for number in numbers]


def buyers(waiting: list[dict[str, Any]], *, first: int = 0) -> list[Any]:
    return [partial(order, cart, shopper(first + number)) for number, cart in enumerate(waiting)]


def evened(store: Store) -> None:
    """Do what follows from each movement, evening out included, as the stream does."""
    images = [item for item in store.items("inventory") if item["sk"]["S"] == "movement"]
    call = system_call(worker="test", now=clock.now())
    assert projection.project_movements(images=images, call=call) == []


class TestLastUnits:
    def test_of_64_buyers_ten_get_the_last_ten_and_nobody_else_is_kept_waiting(self, racing_store: Store) -> None:
        hot_shop(racing_store, stock=10, shards=4)

        outcomes = at_once(buyers(carts(racing_store, 64)))

        assert refusals(outcomes) == {OUT_OF_STOCK: 54}, "nobody is refused for another reason than that they are sold"
        assert len({answer.order.number for answer in ordered(outcomes)}) == 10
        assert (level(racing_store)["available"], level(racing_store)["reserved"]) == (0, 10)

    def test_of_buyers_who_need_several_shards_as_many_are_served_as_there_are_units(self, racing_store: Store) -> None:
        hot_shop(racing_store, stock=12, shards=8)

        outcomes = at_once(buyers(carts(racing_store, 16, units=3)))

        assert (len(ordered(outcomes)), refusals(outcomes)) == (4, {OUT_OF_STOCK: 12})
        assert level(racing_store)["available"] == 0

    def test_a_level_that_is_put_together_meanwhile_sells_all_it_has(self, racing_store: Store) -> None:
        hot_shop(racing_store, stock=10, shards=8)

        outcomes = at_once([*buyers(carts(racing_store, 24)), partial(split, 1)])
        rest = at_once(buyers(carts(racing_store, 10, first=24), first=24))

        assert len(ordered([*outcomes, *rest])) == 10
        assert level(racing_store)["available"] == 0

    def test_a_level_that_is_split_meanwhile_sells_all_it_has(self, racing_store: Store) -> None:
        open_shop(racing_store, stock=10)

        outcomes = at_once([*buyers(carts(racing_store, 24)), partial(split, 8)])
        rest = at_once(buyers(carts(racing_store, 10, first=24), first=24))

        assert len(ordered([*outcomes, *rest])) == 10
        assert level(racing_store)["available"] == 0


class TestMeanwhile:
    def test_units_are_evened_out_while_they_are_sold_and_none_is_lost(self, racing_store: Store) -> None:
        hot_shop(racing_store, stock=1, shards=4)
        received = racing_store.post(f"/v1/admin/stock/{SKU}/receipts", {"location": "main", "quantity": 39})
        assert received.status == 201, received.body

        outcomes = at_once([*buyers(carts(racing_store, 30)), *[partial(evened, racing_store)] * 4])

        assert refusals(outcomes) == {DONE: 4}
        assert (level(racing_store)["available"], level(racing_store)["reserved"]) == (10, 30)

    def test_what_expires_and_what_is_sold_keep_their_shards(self, racing_store: Store) -> None:
        hot_shop(racing_store, stock=12, shards=4)
        answers: list[CheckoutAnswer] = ordered(at_once(buyers(carts(racing_store, 12))))
        assert len(answers) == 12
        for answer in answers[::2]:
            pay(racing_store, answer)
        racing_store.drain()

        at_once([partial(split, 2), partial(evened, racing_store)])
        racing_store.tick(31 * 60)

        stock = level(racing_store)
        assert (stock["available"], stock["reserved"], stock["committed"]) == (6, 0, 6)
        again = at_once(buyers(carts(racing_store, 8, first=12), first=12))
        assert (len(ordered(again)), refusals(again)) == (6, {OUT_OF_STOCK: 2})

    def test_orders_that_are_canceled_give_back_while_others_buy(self, racing_store: Store) -> None:
        hot_shop(racing_store, stock=8, shards=4)
        answers = ordered(at_once(buyers(carts(racing_store, 8))))
        for answer in answers:
            pay(racing_store, answer)
        racing_store.drain()

        def cancel(answer: CheckoutAnswer) -> None:
            canceled = racing_store.post(f"/v1/admin/orders/{answer.order.id}/cancel", {"reason": "changed their mind"})
            assert canceled.status == 200, canceled.body

        for answer in answers:
            cancel(answer)
        outcomes = at_once(buyers(carts(racing_store, 12, first=8), first=8))

        assert (len(ordered(outcomes)), refusals(outcomes)) == (8, {OUT_OF_STOCK: 4})
