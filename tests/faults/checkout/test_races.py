"""Checkouts, payments and refunds at the same moment: what shops oversell and pay twice by.

After each race stock is conserved, levels are the sum of their movements (G1), and money is where its order says.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from commerce.adapters.stripe_facts import IntentFacts
from commerce.checkout import begin, leaving, settlement, staff_actions, sweeping
from commerce.checkout.schemas import CheckoutAnswer, NewCheckout
from commerce.checkout.staff_schemas import RefundAnswer
from commerce.inventory import ledger, staff_operations
from commerce.inventory.schemas import Adjustment, StockChange
from commerce.kernel import clock
from commerce.kernel.call import Actor, Call, system_call
from commerce.kernel.errors import WriteConflict
from commerce.kernel.money import Money
from commerce.orders import operations as orders
from commerce.orders.staff_schemas import NewCancellation, NewRefund
from local.engines.dynamodb import DynamoDBLocal
from tests.support.payments import LocalStripe
from tests.support.racing import at_once, refusals, staff_call
from tests.support.shop import bought, check_out, filled_cart, level, open_shop, shoppers_order, staff_order
from tests.support.store import Store, running_store

BUCKETS = ("available", "reserved", "committed", "dispatched", "damaged", "quality_hold", "written_off")
DUE = 4300
"""What two mugs and their parcel cost."""


@pytest.fixture(autouse=True)
def _books_balance(request: pytest.FixtureRequest) -> Iterator[None]:
    """Check stock and money when a race is over."""
    name = "narrow_store" if "narrow_store" in request.fixturenames else "racing_store"
    store: Store = request.getfixturevalue(name)
    yield
    store.drain()
    for sku in {
        item["pk"]["S"].partition("#")[2] for item in store.items("inventory") if item["sk"]["S"] == "level#main"
    }:
        stock = level(store, sku)
        quantities = [stock[bucket] for bucket in BUCKETS]
        assert min(quantities) >= 0, stock
        assert sum(quantities) == stock["received"], stock
    assert ledger.differences() == ()
    for item in store.items("orders"):
        if item["sk"]["S"] == "order":
            check_money(store, item["pk"]["S"])


def check_money(store: Store, order_id: str) -> None:
    """Check that a closed order keeps no money, a placed one has all of it, and Stripe's books say the same."""
    order = store.get(f"/v1/admin/orders/{order_id}").body
    intents = [each for each in store.stripe.listed("payment_intents") if each["metadata"]["order_id"] == order_id]
    own = {intent["id"] for intent in intents}
    refunds = [each for each in store.stripe.listed("refunds") if each["payment_intent"] in own]
    assert len([intent for intent in intents if intent["status"] != "canceled"]) <= 1, "one live intent"
    received = sum(intent["amount_received"] for intent in intents)
    refunded = sum(refund["amount"] for refund in refunds if refund["status"] == "succeeded")
    assert order["payment"]["captured"]["amount"] == received
    assert order["payment"]["refunded"]["amount"] == refunded <= received
    if order["status"] == "placed":
        assert received == order["totals"]["due"]["amount"]
    elif order["status"] != "pending":
        assert received == refunded, "money without an order goes back"
    sequences = [entry["sequence"] for entry in order["timeline"]]
    assert sequences == list(range(1, len(sequences) + 1)), "no event is lost or told twice"


@pytest.fixture
def narrow_store(engine: DynamoDBLocal, stripe_server: LocalStripe) -> Iterator[Store]:
    """A store that lets four of a network check out at a time."""
    environment = {"AWS_ENDPOINT_URL_DYNAMODB": engine.url, "OPEN_CHECKOUTS_PER_NETWORK": "4"}
    with running_store(stripe_server, **environment) as running:
        yield running


def shopper(number: int) -> Call:
    """Return the call of a shopper from a network of their own."""
    return Call(now=clock.now(), actor=Actor(kind="shopper", id=""), client_ip=f"198.51.{number}.1")


def agreed(cart: dict[str, Any]) -> NewCheckout:
    return NewCheckout(expected_total=Money(**cart["totals"]["total"]), pricing_hash=cart["pricing_hash"])


def order(cart: dict[str, Any], call: Call) -> CheckoutAnswer:
    return begin.begin_checkout(cart_id=cart["id"], agreed=agreed(cart), call=call)


def ordered(outcomes: list[Any]) -> list[CheckoutAnswer]:
    return [outcome for outcome in outcomes if isinstance(outcome, CheckoutAnswer)]


def patiently[T](work: Callable[[], T]) -> T:
    """Repeat a work while it is told that others were changing the same thing, as clients do."""
    while True:
        try:
            return work()
        except WriteConflict:
            continue


def pay(store: Store, answer: CheckoutAnswer) -> None:
    assert answer.payment is not None
    store.stripe.pay(answer.payment.intent_id)


class TestLastUnits:
    """G1: never oversold."""

    def test_of_64_buyers_exactly_five_get_the_last_five(self, racing_store: Store) -> None:
        open_shop(racing_store, stock=5)
        carts = [filled_cart(racing_store, {"MUG-BLUE": 1}, email=f"buyer{number}@example.com") for number in range(64)]

        outcomes = at_once([partial(order, cart, shopper(number)) for number, cart in enumerate(carts)])

        answers = ordered(outcomes)
        assert len(answers) == 5
        assert refusals(outcomes) == {"inventory.insufficient_stock": 59}
        assert len({answer.order.number for answer in answers}) == 5
        stock = level(racing_store)
        assert (stock["available"], stock["reserved"]) == (0, 5)
        assert len(racing_store.stripe.listed("payment_intents")) == 5
        for answer in answers:
            pay(racing_store, answer)
        racing_store.drain()
        stock = level(racing_store)
        assert (stock["available"], stock["reserved"], stock["sold"]) == (0, 0, 5)

    def test_of_64_buyers_of_two_things_in_either_order_nobody_gets_half(self, racing_store: Store) -> None:
        open_shop(racing_store, "MUG-BLUE", "LAMP", stock=5)
        assert racing_store.post("/v1/admin/stock/LAMP/receipts", {"location": "main", "quantity": 2}).status == 201
        baskets = [{"MUG-BLUE": 1, "LAMP": 1}, {"LAMP": 1, "MUG-BLUE": 1}]
        carts = [filled_cart(racing_store, baskets[each % 2], email=f"buyer{each}@example.com") for each in range(64)]

        outcomes = at_once([partial(order, cart, shopper(number)) for number, cart in enumerate(carts)])

        assert [len(answer.order.lines) for answer in ordered(outcomes)] == [2] * 5
        assert refusals(outcomes) == {"inventory.insufficient_stock": 59}
        mugs, lamps = level(racing_store, "MUG-BLUE"), level(racing_store, "LAMP")
        assert (mugs["available"], mugs["reserved"]) == (0, 5)
        assert (lamps["available"], lamps["reserved"]) == (2, 5)


class TestOpenCheckouts:
    """G8: limits are never exceeded, and what is counted is given back exactly."""

    @staticmethod
    def counts(store: Store) -> list[int]:
        return sorted(int(item["open_count"]["N"]) for item in store.items("checkouts"))

    def test_of_one_address_stay_within_the_limit_and_come_back_one_by_one(self, racing_store: Store) -> None:
        open_shop(racing_store, stock=60)
        carts = [filled_cart(racing_store) for _ in range(16)]

        outcomes = at_once([partial(order, cart, shopper(number)) for number, cart in enumerate(carts)])
        answers = ordered(outcomes)
        counted = self.counts(racing_store)
        pay(racing_store, answers[0])
        clock.set_offset(31 * 60)
        late = system_call(worker="sweeper", now=clock.now())
        at_once(
            [
                partial(settle, racing_store, answers[0].model_dump(mode="json")),
                partial(leaving.leave_checkout, cart_id=answers[1].order.cart_id, call=shopper(1)),
                partial(sweeping.attend, answers[2].order.id, call=late),
            ]
        )
        given_back = self.counts(racing_store)
        again = ordered(at_once([partial(order, cart, shopper(100)) for cart in carts]))

        assert len(answers) == 3
        assert refusals(outcomes) == {"checkout.too_many_open": 13}
        assert (counted, given_back) == ([1, 1, 1, 3], [0, 0, 0, 0])
        assert len([answer for answer in again if answer.order.status == "pending"]) == 3
        assert self.counts(racing_store) == [0, 0, 0, 3, 3]

    def test_of_one_network_stay_within_the_limit_and_come_back_exactly(self, narrow_store: Store) -> None:
        open_shop(narrow_store, stock=60)
        carts = [filled_cart(narrow_store, email=f"buyer{number}@example.com") for number in range(16)]

        outcomes = at_once([partial(order, cart, shopper(1)) for cart in carts])
        counted = self.counts(narrow_store)
        leave = [
            partial(leaving.leave_checkout, cart_id=each.order.cart_id, call=shopper(1)) for each in ordered(outcomes)
        ]
        at_once(leave * 4)

        assert len(ordered(outcomes)) == 4
        assert refusals(outcomes) == {"checkout.too_many_open": 12}
        assert counted == [1, 1, 1, 1, 4]
        assert self.counts(narrow_store) == [0, 0, 0, 0, 0]
        assert level(narrow_store)["reserved"] == 0


class TestOneCart:
    """G2: one order, one payment."""

    def test_ordered_by_many_at_once_becomes_one_order_with_one_payment(self, racing_store: Store) -> None:
        open_shop(racing_store)
        cart = filled_cart(racing_store)

        outcomes = at_once([partial(order, cart, shopper(1)) for _ in range(20)])

        answers = ordered(outcomes)
        assert len({answer.order.id for answer in answers}) == 1
        assert len(answers) + refusals(outcomes)["request.write_conflict"] == 20
        assert len(racing_store.stripe.listed("payment_intents")) == 1
        assert level(racing_store)["reserved"] == 2


class TestOrderNumbers:
    def test_are_given_out_once(self, racing_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        # What this process leased belongs to the store of the test before.
        monkeypatch.setattr(orders, "_leased", [])

        numbers = at_once([lambda: [orders.next_number() for _ in range(9)] for _ in range(24)])

        given = [number for each in numbers for number in each]
        assert len(set(given)) == len(given) == 216


class TestSettlement:
    """G3, G4, G6, G9: one effect of one fact, and money that is where its order says."""

    def test_one_payment_told_by_many_at_once_has_its_effect_once(self, racing_store: Store) -> None:
        open_shop(racing_store)
        checkout = check_out(racing_store, filled_cart(racing_store)).body
        racing_store.stripe.pay(checkout["payment"]["intent_id"])

        at_once([partial(settle, racing_store, checkout) for _ in range(12)])

        stock = level(racing_store)
        assert (stock["available"], stock["reserved"], stock["sold"]) == (8, 0, 2)
        types = [entry["type"] for entry in staff_order(racing_store, checkout)["timeline"]]
        assert types.count("orders.placed") == 1

    def test_the_sweeper_and_the_shopper_at_the_same_moment_end_in_one_of_two_ways(self, racing_store: Store) -> None:
        open_shop(racing_store, stock=30)
        checkouts = checked_out(racing_store, 6)
        clock.set_offset(31 * 60)
        late = system_call(worker="sweeper", now=clock.now())

        at_once(
            [partial(racing_store.stripe.pay, checkout["payment"]["intent_id"]) for checkout in checkouts]
            + [partial(sweeping.attend, checkout["order"]["id"], call=late) for checkout in checkouts]
        )
        racing_store.drain()

        for checkout in checkouts:
            intent = racing_store.stripe.intent(checkout["payment"]["intent_id"])
            shown = shoppers_order(racing_store, checkout).body
            assert (shown["status"], intent["status"]) in {("placed", "succeeded"), ("expired", "canceled")}
        assert level(racing_store)["reserved"] == 0

    @pytest.mark.parametrize("paid", ["before", "meanwhile", "never"])
    def test_settling_canceling_leaving_and_sweeping_at_the_same_moment_end_in_one_state(
        self, racing_store: Store, paid: str
    ) -> None:
        open_shop(racing_store, stock=30)
        checkouts = checked_out(racing_store, 5)
        if paid == "before":
            for checkout in checkouts:
                racing_store.stripe.pay(checkout["payment"]["intent_id"])
        clock.set_offset(31 * 60)

        outcomes = at_once([work for checkout in checkouts for work in everybody(racing_store, checkout, paid)])
        told = [shoppers_order(racing_store, checkout).body["status"] for checkout in checkouts]
        racing_store.tick(31 * 60 + 300)
        racing_store.tick(300)

        ended = [shoppers_order(racing_store, checkout).body["status"] for checkout in checkouts]
        assert set(ended) <= ({"canceled", "expired"} if paid == "never" else {"canceled", "expired", "placed"})
        for before, after in zip(told, ended, strict=True):
            assert before in {"pending", after} or (before, after) == ("placed", "canceled"), "nothing goes back"
        assert set(refusals(outcomes)) <= MAY_BE_TOLD, outcomes
        stock = level(racing_store)
        assert (stock["reserved"], stock["sold"]) == (0, 2 * ended.count("placed"))
        for checkout, status in zip(checkouts, ended, strict=True):
            assert (status, cart_state(racing_store, checkout)) in {
                ("placed", "ordered"),
                ("canceled", "ordered"),
                ("canceled", "open"),
                ("expired", "open"),
            }


MAY_BE_TOLD = frozenset(
    {
        "done",
        "checkout.already_paid",
        "checkout.not_open",
        "checkout.payment_under_way",
        "orders.not_allowed_now",
        "request.write_conflict",
    }
)
"""What a loser of the race may hear."""


def checked_out(store: Store, number: int) -> list[dict[str, Any]]:
    return [check_out(store, filled_cart(store, email=f"s{each}@example.com")).body for each in range(number)]


def cart_state(store: Store, checkout: dict[str, Any]) -> str:
    return str(store.get(f"/v1/carts/{checkout['order']['cart_id']}").body["state"])


def settle(store: Store, checkout: dict[str, Any]) -> None:
    """Let the worker hear what Stripe says of the order's payment now."""
    facts = IntentFacts.model_validate(store.stripe.intent(checkout["payment"]["intent_id"]))
    call = system_call(worker="test", now=clock.now())
    settlement.settle(order_id=checkout["order"]["id"], facts=facts, call=call)


def everybody(store: Store, checkout: dict[str, Any], paid: str) -> list[Callable[[], Any]]:
    """Return all that may happen to one order at one moment."""
    order_id, intent_id = checkout["order"]["id"], checkout["payment"]["intent_id"]
    late = system_call(worker="sweeper", now=clock.now())
    works: list[Callable[[], Any]] = [
        partial(settle, store, checkout),
        partial(
            staff_actions.cancel_order,
            order_id=order_id,
            new=NewCancellation(reason="race"),
            dry_run=False,
            call=staff_call(),
        ),
        partial(leaving.leave_checkout, cart_id=checkout["order"]["cart_id"], call=shopper(1)),
        partial(sweeping.attend, order_id, call=late),
    ]
    return [*works, partial(store.stripe.pay, intent_id)] if paid == "meanwhile" else works


class TestRefunds:
    """G7: never more than was captured."""

    @staticmethod
    def refund(checkout: dict[str, Any], amount: int | None) -> RefundAnswer:
        wanted = Money(amount=amount, currency="USD") if amount is not None else None
        return patiently(
            partial(
                staff_actions.refund_order,
                order_id=checkout["order"]["id"],
                new=NewRefund(amount=wanted, reason="race"),
                dry_run=False,
                call=staff_call(),
            )
        )

    @pytest.mark.parametrize(
        ("before", "amount", "made"),
        [(0, 1000, 4), (0, None, 1), (0, DUE, 1), (3000, 500, 2), (3000, None, 1), (3000, 1301, 0)],
    )
    def test_as_many_of_ten_at_once_are_made_as_the_order_can_bear(
        self, racing_store: Store, before: int, amount: int | None, made: int
    ) -> None:
        open_shop(racing_store)
        checkout = bought(racing_store)
        if before:
            self.refund(checkout, before)

        outcomes = at_once([partial(self.refund, checkout, amount) for _ in range(10)])
        racing_store.drain()

        each = DUE - before if amount is None else amount
        assert len([outcome for outcome in outcomes if isinstance(outcome, RefundAnswer)]) == made
        assert refusals(outcomes) == {"payments.refund_too_large": 10 - made}
        payment = staff_order(racing_store, checkout)["payment"]
        assert payment["refunded"]["amount"] == before + made * each
        assert payment["refund_pending"]["amount"] == 0
        amounts = [refund["amount"] for refund in racing_store.stripe.listed("refunds")]
        assert amounts == [before] * bool(before) + [each] * made

    def test_and_a_cancellation_at_once_send_back_what_was_paid_and_no_more(self, racing_store: Store) -> None:
        open_shop(racing_store)
        checkout = bought(racing_store)
        cancel = partial(
            staff_actions.cancel_order,
            order_id=checkout["order"]["id"],
            new=NewCancellation(reason="race"),
            dry_run=False,
            call=staff_call(),
        )

        at_once([partial(self.refund, checkout, 900)] * 5 + [partial(patiently, cancel)] * 3)
        racing_store.drain()

        shown = staff_order(racing_store, checkout)
        assert (shown["status"], shown["payment"]["refunded"]["amount"]) == ("canceled", DUE)
        assert level(racing_store)["available"] == 10


class TestStockByHand:
    """G1: what two people change at the same moment is what both wanted, or one of them is told."""

    @staticmethod
    def adjust(delta: int, seen: int | None) -> StockChange:
        new = Adjustment(location="main", delta=delta, reason="race", expected_available=seen)
        return staff_operations.adjust(sku="MUG-BLUE", new=new, call=staff_call(), dry_run=False)

    def test_of_twenty_who_saw_the_same_quantity_one_changes_it(self, racing_store: Store) -> None:
        open_shop(racing_store, stock=10)

        outcomes = at_once([partial(self.adjust, number + 1, 10) for number in range(20)])

        [won] = [outcome for outcome in outcomes if isinstance(outcome, StockChange)]
        assert refusals(outcomes) == {"inventory.stale_quantity": 19}
        assert level(racing_store)["available"] == won.available > 10

    def test_of_twenty_who_did_not_look_all_count(self, racing_store: Store) -> None:
        open_shop(racing_store, stock=10)

        at_once([partial(self.adjust, delta, None) for delta in [3, -1] * 10])

        assert level(racing_store)["available"] == level(racing_store)["received"] == 30

    def test_and_sales_at_once_never_sell_what_was_taken_away(self, racing_store: Store) -> None:
        open_shop(racing_store, stock=12)
        carts = [filled_cart(racing_store, {"MUG-BLUE": 1}, email=f"buyer{number}@example.com") for number in range(12)]

        outcomes = at_once(
            [partial(order, cart, shopper(number)) for number, cart in enumerate(carts)]
            + [partial(self.adjust, -1, None) for _ in range(12)]
        )

        taken = [outcome for outcome in outcomes if isinstance(outcome, StockChange)]
        assert len(ordered(outcomes)) + len(taken) == 12
        assert refusals(outcomes) == {"inventory.insufficient_stock": 12}
        assert level(racing_store)["available"] == 0
