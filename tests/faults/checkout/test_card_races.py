"""One gift card and many at once: buyers, the ways back to a cart, refunds.

After each race the card's balance is the sum of its entries, and no unit of it was spent twice or lost.
"""

from functools import partial

from commerce.checkout import begin, leaving, staff_actions, sweeping
from commerce.checkout.schemas import CheckoutAnswer, NewCheckout
from commerce.checkout.staff_schemas import RefundAnswer
from commerce.kernel.call import system_call
from commerce.kernel.money import Money
from commerce.orders.staff_schemas import NewRefund
from tests.faults.checkout.test_races import order, patiently, shopper
from tests.support.gift_cards import added, balances, cart_with, credit, entries, issue
from tests.support.racing import at_once, refusals, staff_call
from tests.support.shop import check_out, filled_cart, open_shop, staff_order
from tests.support.store import Store

ONE_MUG = 2400
"""What a mug and its parcel cost."""

DUE = 4300
"""What two mugs and their parcel cost."""


class TestOneCard:
    """G8: never below zero."""

    def test_of_16_buyers_exactly_five_are_paid_by_it(self, racing_store: Store) -> None:
        open_shop(racing_store, stock=16)
        card = issue(racing_store, 5 * ONE_MUG)
        carts = [
            added(racing_store, filled_cart(racing_store, {"MUG-BLUE": 1}, email=f"b{number}@example.com")["id"], card)
            for number in range(16)
        ]

        outcomes = at_once(
            [partial(patiently, partial(order, cart, shopper(number + 1))) for number, cart in enumerate(carts)]
        )

        assert sum(isinstance(outcome, CheckoutAnswer) for outcome in outcomes) == 5
        told = {"checkout.cart_not_ready", "checkout.price_changed", "giftcards.insufficient_balance"}
        assert set(refusals(outcomes)) <= told
        assert balances(racing_store, card) == [0]
        assert entries(racing_store, card) == [("issue", 5 * ONE_MUG), *[("redeem", -ONE_MUG)] * 5]

    def test_pays_each_buyer_what_they_saw_or_nothing(self, racing_store: Store) -> None:
        """With less on the card than two want, the second is asked again at what is due then."""
        open_shop(racing_store, stock=16)
        card = issue(racing_store, ONE_MUG + 1000)
        carts = [
            added(racing_store, filled_cart(racing_store, {"MUG-BLUE": 1}, email=f"b{number}@example.com")["id"], card)
            for number in range(8)
        ]
        agreed = NewCheckout(
            expected_total=Money(amount=ONE_MUG, currency="USD"), expected_due=Money(amount=0, currency="USD")
        )

        outcomes = at_once(
            [
                partial(
                    patiently,
                    partial(begin.begin_checkout, cart_id=cart["id"], agreed=agreed, call=shopper(number + 1)),
                )
                for number, cart in enumerate(carts)
            ]
        )

        assert sum(isinstance(outcome, CheckoutAnswer) for outcome in outcomes) == 1
        assert refusals(outcomes) == {"checkout.price_changed": 7}
        assert balances(racing_store, card) == [1000]


class TestGivingBack:
    """G8: given back exactly once."""

    def test_of_leaving_and_sweeping_at_once_counts_once(self, racing_store: Store) -> None:
        open_shop(racing_store)
        card, owed = issue(racing_store, 1000), credit(racing_store, 700)
        cart = cart_with(racing_store, card, owed)
        checkout = check_out(racing_store, cart).body
        racing_store.tick(31 * 60)

        at_once(
            [
                *[partial(patiently, partial(leaving.leave_checkout, cart_id=cart["id"], call=shopper(1)))] * 4,
                *[
                    partial(
                        sweeping.attend, checkout["order"]["id"], call=system_call(worker="test", now=shopper(1).now)
                    )
                ]
                * 4,
            ]
        )
        racing_store.drain()

        assert staff_order(racing_store, checkout)["status"] in {"canceled", "expired"}
        assert balances(racing_store, card, owed) == [1000, 700]
        assert entries(racing_store, card) == [("issue", 1000), ("redeem", -1000), ("release", 1000)]


class TestRefunds:
    """G7: back once, to where it came from."""

    def test_16_at_once_give_back_what_was_paid_per_source(self, racing_store: Store) -> None:
        open_shop(racing_store)
        card, owed = issue(racing_store, 1000), credit(racing_store, 700)
        checkout = check_out(racing_store, cart_with(racing_store, card, owed)).body
        racing_store.stripe.pay(checkout["payment"]["intent_id"])
        racing_store.drain()
        new = NewRefund(amount=Money(amount=430, currency="USD"), reason="part")

        def refund() -> RefundAnswer:
            return staff_actions.refund_order(
                order_id=checkout["order"]["id"], new=new, dry_run=False, call=staff_call()
            )

        outcomes = at_once([partial(patiently, refund)] * 16)
        racing_store.drain()

        assert sum(isinstance(outcome, RefundAnswer) for outcome in outcomes) == 10
        assert refusals(outcomes) == {"payments.refund_too_large": 6}
        at_stripe = [made["amount"] for made in racing_store.stripe.listed("refunds")]
        assert sum(at_stripe) == DUE - 1700
        assert balances(racing_store, card, owed) == [1000, 700]
        assert staff_order(racing_store, checkout)["payment_status"] == "refunded"
