"""Orders that gift cards and store credit pay, wholly or in part: taken at checkout, given back if unpaid."""

from typing import Any

import httpx
import pytest

from tests.support.calls import counted
from tests.support.gift_cards import balances, cart_with, credit, entries, issue
from tests.support.payments import SECRET_KEY
from tests.support.shop import check_out, open_shop, shoppers_order, staff_order
from tests.support.store import Answer, Store


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


def agreed(store: Store, cart: dict[str, Any], **more: Any) -> Answer:
    return store.post(f"/v1/carts/{cart['id']}/checkout", {"expected_total": cart["totals"]["total"], **more})


class TestPartly:
    def test_stripe_charges_what_cards_leave(self, paying_store: Store) -> None:
        open_shop(paying_store)
        card, owed = issue(paying_store, 1000), credit(paying_store, 700)

        checkout = check_out(paying_store, cart_with(paying_store, card, owed)).body

        assert paying_store.stripe.intent(checkout["payment"]["intent_id"])["amount"] == 4300 - 1700
        assert balances(paying_store, card, owed) == [0, 0]
        paid = [(each["id"], each["kind"], each["amount"]["amount"]) for each in checkout["order"]["gift_cards"]]
        assert paid == [(card["id"], "gift_card", 1000), (owed["id"], "store_credit", 700)]
        assert checkout["order"]["payment_status"] == "pending"

    def test_is_placed_once_stripe_has_its_part(self, paying_store: Store) -> None:
        open_shop(paying_store)
        card = issue(paying_store, 1000)
        checkout = check_out(paying_store, cart_with(paying_store, card)).body

        paying_store.stripe.pay(checkout["payment"]["intent_id"])
        paying_store.drain()

        order = shoppers_order(paying_store, checkout).body
        assert (order["status"], order["payment_status"]) == ("placed", "paid")
        assert [each["amount"]["amount"] for each in order["gift_cards"]] == [1000]
        assert (order["totals"]["gift_cards"], order["totals"]["due"]) == (usd(1000), usd(3300))
        payment = staff_order(paying_store, checkout)["payment"]
        assert (payment["due"], payment["captured"], payment["by_cards"]) == (usd(3300), usd(3300), usd(1000))
        assert payment["refundable"] == usd(4300)

    def test_a_cart_that_is_paid_for_still_shows_what_its_cards_pay(self, paying_store: Store) -> None:
        open_shop(paying_store)
        cart = cart_with(paying_store, issue(paying_store, 1000))
        check_out(paying_store, cart)

        locked = paying_store.get(f"/v1/carts/{cart['id']}").body

        assert (locked["state"], locked["totals"], locked["problems"]) == ("locked", cart["totals"], [])
        assert locked["gift_cards"][0]["amount"] == usd(1000)

    def test_a_cart_that_was_ordered_shows_it_after_the_order_gave_all_back(self, capturing_store: Store) -> None:
        open_shop(capturing_store)
        cart = cart_with(capturing_store, issue(capturing_store, 1000))
        checkout = check_out(capturing_store, cart).body
        capturing_store.stripe.pay(checkout["payment"]["intent_id"])
        capturing_store.drain()
        capturing_store.post(f"/v1/admin/orders/{checkout['order']['id']}/cancel", {"reason": "no"})

        ordered = capturing_store.get(f"/v1/carts/{cart['id']}").body

        assert (ordered["state"], ordered["totals"]) == ("ordered", cart["totals"])
        assert ordered["gift_cards"][0]["amount"] == usd(1000)


class TestWholly:
    def test_is_placed_at_once_without_stripe(self, paying_store: Store) -> None:
        open_shop(paying_store)
        card = issue(paying_store, 5000)

        answer = check_out(paying_store, cart_with(paying_store, card))

        assert (answer.status, answer.body["payment"]) == (201, None)
        assert (answer.body["order"]["status"], answer.body["order"]["payment_status"]) == ("placed", "paid")
        assert paying_store.stripe.changes() == []
        assert balances(paying_store, card) == [700]
        payment = staff_order(paying_store, answer.body)["payment"]
        assert (payment["provider"], payment["due"], payment["by_cards"]) == ("none", usd(0), usd(4300))

    def test_takes_one_transaction(self, paying_store: Store) -> None:
        open_shop(paying_store)
        cart = cart_with(paying_store, issue(paying_store, 5000), issue(paying_store, 5000))
        check_out(paying_store, cart_with(paying_store))

        with counted(paying_store) as calls:
            check_out(paying_store, cart, headers={"Idempotency-Key": "k"})

        assert calls == {"GetItem": 1, "BatchGetItem": 2, "TransactWriteItems": 1}


class TestAgreement:
    def test_is_about_what_is_due_too(self, paying_store: Store) -> None:
        open_shop(paying_store)
        cart = cart_with(paying_store, issue(paying_store, 1000))

        refused = [agreed(paying_store, cart), agreed(paying_store, cart, expected_due=usd(3299))]
        done = agreed(paying_store, cart, expected_due=usd(3300))

        assert [(answer.status, answer.code) for answer in refused] == [(409, "checkout.price_changed")] * 2
        assert refused[0].body["quote"]["totals"]["due"] == usd(3300)
        assert done.status == 201

    def test_of_a_repeat_is_about_it_too(self, paying_store: Store) -> None:
        open_shop(paying_store)
        cart = cart_with(paying_store, issue(paying_store, 1000))
        check_out(paying_store, cart)

        answers = [agreed(paying_store, cart, expected_due=usd(due)) for due in (4300, 3300)]

        assert [answer.status for answer in answers] == [409, 200]

    def test_protects_from_paying_what_a_card_paid_elsewhere(self, paying_store: Store) -> None:
        open_shop(paying_store)
        card = issue(paying_store, 5000)
        first, second = cart_with(paying_store, card), cart_with(paying_store, card)
        assert check_out(paying_store, first).status == 201

        answer = check_out(paying_store, second)

        assert (answer.status, answer.code) == (409, "checkout.price_changed")
        assert answer.body["quote"]["totals"]["due"] == usd(3600)
        assert balances(paying_store, card) == [700]

    def test_is_refused_while_a_card_cannot_pay(self, paying_store: Store) -> None:
        open_shop(paying_store)
        card = issue(paying_store, 4300)
        first, second = cart_with(paying_store, card), cart_with(paying_store, card)
        check_out(paying_store, first)

        answer = check_out(paying_store, second)

        assert (answer.status, answer.code) == (422, "checkout.cart_not_ready")
        assert [(fault["code"], fault["param"]) for fault in answer.body["errors"]] == [
            ("carts.gift_card_unusable", f"gift_cards.{card['id']}")
        ]


class TestUnpaid:
    def test_gives_all_back_when_the_shopper_leaves(self, paying_store: Store) -> None:
        open_shop(paying_store)
        card, owed = issue(paying_store, 1000), credit(paying_store, 700)
        cart = cart_with(paying_store, card, owed)
        check_out(paying_store, cart)

        left = paying_store.delete(f"/v1/carts/{cart['id']}/checkout")

        assert (left.status, left.body["state"], left.body["totals"]) == (200, "open", cart["totals"])
        assert balances(paying_store, card, owed) == [1000, 700]
        assert entries(paying_store, card) == [("issue", 1000), ("redeem", -1000), ("release", 1000)]
        assert check_out(paying_store, left.body).status == 201

    def test_gives_all_back_when_the_hold_ends(self, paying_store: Store) -> None:
        open_shop(paying_store)
        card = issue(paying_store, 1000)
        checkout = check_out(paying_store, cart_with(paying_store, card)).body

        paying_store.tick(3600)
        for _ in range(2):
            paying_store.invoke("checkout/sweep_orders")
        paying_store.drain()

        order = staff_order(paying_store, checkout)
        assert (order["status"], order["payment_status"]) == ("expired", "canceled")
        assert (order["payment"]["by_cards"], order["payment"]["refundable"]) == (usd(0), usd(0))
        assert balances(paying_store, card) == [1000]

    def test_gives_all_back_when_staff_cancel(self, paying_store: Store) -> None:
        open_shop(paying_store)
        card = issue(paying_store, 1000)
        checkout = check_out(paying_store, cart_with(paying_store, card)).body

        answer = paying_store.post(f"/v1/admin/orders/{checkout['order']['id']}/cancel", {"reason": "no"})

        assert (answer.status, answer.body["order"]["status"], answer.body["refund"]) == (200, "canceled", None)
        paying_store.drain()
        assert entries(paying_store, card) == [("issue", 1000), ("redeem", -1000), ("release", 1000)]

    def test_gives_back_by_itself_what_a_card_changed_meanwhile(self, paying_store: Store) -> None:
        open_shop(paying_store)
        card = issue(paying_store, 1000)
        cart = cart_with(paying_store, card)
        check_out(paying_store, cart)
        paying_store.post(f"/v1/admin/gift-cards/{card['id']}/adjustments", {"delta": 50, "reason": "sorry"})
        paying_store.post(f"/v1/admin/gift-cards/{card['id']}/disable", {"reason": "lost"})

        assert paying_store.delete(f"/v1/carts/{cart['id']}/checkout").status == 200

        assert balances(paying_store, card) == [1050]

    def test_sends_late_money_back_to_stripe_alone(self, paying_store: Store) -> None:
        open_shop(paying_store)
        card = issue(paying_store, 1000)
        checkout = check_out(paying_store, cart_with(paying_store, card)).body
        intent = checkout["payment"]["intent_id"]
        paying_store.stripe.pay(intent)
        held_back = paying_store.stripe.new_events()
        paying_store.post(f"/v1/admin/orders/{checkout['order']['id']}/cancel", {"reason": "no"})
        paying_store.drain()

        order = staff_order(paying_store, checkout)

        assert held_back
        assert order["status"] == "canceled"
        assert sum(made["amount"] for made in paying_store.stripe.listed("refunds")) == 3300
        assert balances(paying_store, card) == [1000]

    def test_gives_all_back_when_an_authorization_is_canceled(self, capturing_store: Store) -> None:
        open_shop(capturing_store)
        card = issue(capturing_store, 1000)
        checkout = check_out(capturing_store, cart_with(capturing_store, card)).body
        capturing_store.stripe.pay(checkout["payment"]["intent_id"])
        capturing_store.drain()
        path = f"/v1/admin/orders/{checkout['order']['id']}"
        refused = capturing_store.post(f"{path}/refunds", {"reason": "too early"})

        answer = capturing_store.post(f"{path}/cancel", {"reason": "no"})
        capturing_store.drain()

        assert (refused.status, refused.code) == (409, "payments.refund_too_large")
        assert (answer.status, answer.body["order"]["status"]) == (200, "canceled")
        assert entries(capturing_store, card) == [("issue", 1000), ("redeem", -1000), ("release", 1000)]

    def test_gives_all_back_when_a_capture_finds_the_authorization_gone(self, capturing_store: Store) -> None:
        open_shop(capturing_store)
        card = issue(capturing_store, 1000)
        checkout = check_out(capturing_store, cart_with(capturing_store, card)).body
        intent = checkout["payment"]["intent_id"]
        capturing_store.stripe.pay(intent)
        capturing_store.drain()
        gone = httpx.post(
            f"{capturing_store.stripe.url}/v1/payment_intents/{intent}/cancel",
            headers={"Authorization": f"Bearer {SECRET_KEY}"},
        )
        assert gone.status_code == 200, gone.text

        answers = [capturing_store.post(f"/v1/admin/orders/{checkout['order']['id']}/capture") for _ in range(2)]

        assert [answer.status for answer in answers] == [409, 409]
        assert staff_order(capturing_store, checkout)["status"] == "canceled"
        assert entries(capturing_store, card) == [("issue", 1000), ("redeem", -1000), ("release", 1000)]


class TestLimits:
    @pytest.mark.parametrize("count", [5])
    def test_five_cards_and_a_credit_pay_one_order(self, paying_store: Store, count: int) -> None:
        open_shop(paying_store)
        cards = [issue(paying_store, 500) for _ in range(count)]
        owed = credit(paying_store, 500)

        answer = check_out(paying_store, cart_with(paying_store, *cards, owed))

        assert answer.status == 201
        assert answer.body["order"]["totals"]["due"] == usd(1300)
        assert balances(paying_store, *cards, owed) == [0] * 6
