"""Checkouts, payments and refunds at the same moment: what shops oversell and pay twice by."""

from functools import partial
from typing import Any

from commerce.adapters.stripe_facts import IntentFacts
from commerce.checkout import begin, settlement, staff_actions, sweeping
from commerce.checkout.schemas import CheckoutAnswer, NewCheckout, RefundAnswer
from commerce.inventory import ledger
from commerce.kernel import clock
from commerce.kernel.call import Actor, Call, system_call
from commerce.kernel.money import Money
from commerce.orders.schemas import NewRefund
from tests.support.racing import at_once, refusals, staff_call
from tests.support.shop import bought, check_out, filled_cart, level, open_shop, shoppers_order, staff_order
from tests.support.store import Store


def shopper(number: int) -> Call:
    """Return the call of a shopper from a network of their own."""
    return Call(now=clock.now(), actor=Actor(kind="shopper", id=""), client_ip=f"198.51.{number}.1")


def agreed(cart: dict[str, Any]) -> NewCheckout:
    return NewCheckout(expected_total=Money(**cart["totals"]["total"]), pricing_hash=cart["pricing_hash"])


def order(cart: dict[str, Any], call: Call) -> CheckoutAnswer:
    return begin.begin_checkout(cart_id=cart["id"], agreed=agreed(cart), call=call)


def is_conserved(stock: dict[str, Any]) -> bool:
    buckets = ("available", "reserved", "committed", "dispatched", "damaged", "quality_hold", "written_off")
    quantities: list[int] = [stock[bucket] for bucket in buckets]
    return min(quantities) >= 0 and sum(quantities) == int(stock["received"])


class TestLastUnits:
    def test_of_forty_buyers_exactly_five_get_the_last_five(self, racing_store: Store) -> None:
        open_shop(racing_store, stock=5)
        carts = [filled_cart(racing_store, {"MUG-BLUE": 1}, email=f"buyer{number}@example.com") for number in range(40)]

        outcomes = at_once([partial(order, cart, shopper(number)) for number, cart in enumerate(carts)])

        answers = [outcome for outcome in outcomes if isinstance(outcome, CheckoutAnswer)]
        assert len(answers) == 5
        assert refusals(outcomes) == {"inventory.insufficient_stock": 35}
        stock = level(racing_store)
        assert (stock["available"], stock["reserved"]) == (0, 5)
        assert is_conserved(stock)
        assert len(racing_store.stripe.listed("payment_intents")) == 5
        for answer in answers:
            assert answer.payment is not None
            racing_store.stripe.pay(answer.payment.intent_id)
        racing_store.drain()
        stock = level(racing_store)
        assert (stock["available"], stock["reserved"], stock["sold"]) == (0, 0, 5)
        assert list(ledger.differences()) == []


class TestOneCart:
    def test_ordered_by_many_at_once_becomes_one_order_with_one_payment(self, racing_store: Store) -> None:
        open_shop(racing_store)
        cart = filled_cart(racing_store)

        outcomes = at_once([partial(order, cart, shopper(1)) for _ in range(12)])

        answers = [outcome for outcome in outcomes if isinstance(outcome, CheckoutAnswer)]
        assert len({answer.order.id for answer in answers}) == 1
        assert len(answers) + refusals(outcomes)["request.write_conflict"] == 12
        assert len(racing_store.stripe.listed("payment_intents")) == 1
        assert level(racing_store)["reserved"] == 2


class TestSettlement:
    def test_one_payment_told_by_many_at_once_has_its_effect_once(self, racing_store: Store) -> None:
        open_shop(racing_store)
        checkout = check_out(racing_store, filled_cart(racing_store)).body
        racing_store.stripe.pay(checkout["payment"]["intent_id"])
        facts = IntentFacts.model_validate(racing_store.stripe.intent(checkout["payment"]["intent_id"]))
        settle = partial(
            settlement.settle,
            order_id=checkout["order"]["id"],
            facts=facts,
            call=system_call(worker="test", now=clock.now()),
        )

        at_once([settle for _ in range(12)])

        stock = level(racing_store)
        assert (stock["available"], stock["reserved"], stock["sold"]) == (8, 0, 2)
        types = [entry["type"] for entry in staff_order(racing_store, checkout)["timeline"]]
        assert types.count("orders.placed") == 1

    def test_the_sweeper_and_the_shopper_at_the_same_moment_end_in_one_of_two_ways(self, racing_store: Store) -> None:
        open_shop(racing_store, stock=30)
        checkouts = [
            check_out(racing_store, filled_cart(racing_store, email=f"s{number}@example.com")).body
            for number in range(6)
        ]
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
        stock = level(racing_store)
        assert stock["reserved"] == 0
        assert is_conserved(stock)


class TestRefunds:
    def test_many_at_once_never_exceed_what_was_paid(self, racing_store: Store) -> None:
        open_shop(racing_store)
        checkout = bought(racing_store)
        refund = NewRefund(amount=Money(amount=1000, currency="USD"), reason="race")
        work = partial(
            staff_actions.refund_order, order_id=checkout["order"]["id"], new=refund, dry_run=False, call=staff_call()
        )

        outcomes = at_once([work for _ in range(10)])
        racing_store.drain()

        made = [outcome for outcome in outcomes if isinstance(outcome, RefundAnswer)]
        assert len(made) <= 4
        refunds = racing_store.stripe.listed("refunds")
        assert len(refunds) == len(made)
        order = staff_order(racing_store, checkout)
        assert order["payment"]["refunded"]["amount"] == 1000 * len(made)
        assert order["payment"]["refund_pending"]["amount"] == 0
