"""Gift cards and store credit in a cart: what they pay of it, and what keeps them from it."""

from datetime import timedelta
from typing import Any

import pytest

from commerce.kernel import clock
from tests.support.calls import counted
from tests.support.gift_cards import add, added, issue
from tests.support.gift_cards import credit as credit_of
from tests.support.store import Store

EMAIL = "ann@example.com"


def credit(store: Store, amount: int = 5000) -> dict[str, Any]:
    return credit_of(store, amount, email=EMAIL)


def totals(cart: dict[str, Any]) -> dict[str, int]:
    names = ("total", "gift_cards", "credit", "due")
    return {name: cart["totals"][name]["amount"] for name in names}


def read(store: Store, cart_id: str) -> dict[str, Any]:
    cart: dict[str, Any] = store.get(f"/v1/carts/{cart_id}").body
    return cart


class TestAdding:
    def test_shows_what_the_card_pays(self, store: Store, shop):
        cart_id = shop.ready_cart(MUG=1)
        card = issue(store, 1000)

        cart = added(store, cart_id, card)

        assert totals(cart) == {"total": 1700, "gift_cards": 1000, "credit": 0, "due": 700}
        [shown] = cart["gift_cards"]
        assert (shown["id"], shown["label"], shown["kind"]) == (card["id"], card["label"], "gift_card")
        assert (shown["balance"]["amount"], shown["amount"]["amount"], shown["problem"]) == (1000, 1000, None)
        assert cart["problems"] == []
        assert card["code"] not in str(cart)

    def test_takes_nothing_from_the_card(self, store: Store, shop):
        card = issue(store, 1000)

        added(store, shop.ready_cart(MUG=1), card)

        assert store.get(f"/v1/admin/gift-cards/{card['id']}").body["balance"]["amount"] == 1000

    def test_leaves_on_the_card_what_the_cart_does_not_cost(self, store: Store, shop):
        cart = added(store, shop.ready_cart(MUG=1), issue(store, 99_000))

        assert totals(cart) == {"total": 1700, "gift_cards": 1700, "credit": 0, "due": 0}

    def test_lets_gift_cards_pay_before_credit(self, store: Store, shop):
        cart_id = shop.ready_cart(MUG=1)
        added(store, cart_id, credit(store, 5000))

        cart = added(store, cart_id, issue(store, 1000))

        assert totals(cart) == {"total": 1700, "gift_cards": 1000, "credit": 700, "due": 0}
        assert [each["kind"] for each in cart["gift_cards"]] == ["store_credit", "gift_card"]

    def test_leaves_as_much_as_can_be_charged(self, store: Store, shop):
        cart = added(store, shop.ready_cart(MUG=1), issue(store, 1690))

        assert totals(cart) == {"total": 1700, "gift_cards": 1650, "credit": 0, "due": 50}
        assert cart["problems"] == []

    def test_twice_changes_nothing(self, store: Store, shop):
        cart_id = shop.ready_cart(MUG=1)
        card = issue(store, 1000)

        first = added(store, cart_id, card)
        second = add(store, cart_id, card, headers={"Idempotency-Key": "again"})

        assert second.body == first
        assert add(store, cart_id, card, headers={"Idempotency-Key": "again"}).body == first

    def test_explains_the_total_and_what_is_due(self, store: Store, shop):
        cart_id = shop.ready_cart(MUG=1)
        added(store, cart_id, issue(store, 600))

        cart = added(store, cart_id, credit(store, 500))

        steps = [(step["part"], step["amount"]["amount"]) for step in cart["explanation"]]
        assert [(part, amount) for part, amount in steps if part in {"gift_card", "credit"}] == [
            ("gift_card", 600),
            ("credit", 500),
        ]
        paid = sum(amount for part, amount in steps if part in {"gift_card", "credit"})
        assert sum(amount for part, amount in steps if part in {"subtotal", "shipping"}) == totals(cart)["total"]
        assert totals(cart)["total"] - paid == totals(cart)["due"]

    def test_changes_what_the_shopper_agrees_to(self, store: Store, shop):
        cart_id = shop.ready_cart(MUG=1)
        before = read(store, cart_id)

        cart = added(store, cart_id, issue(store, 600))

        assert cart["pricing_hash"] != before["pricing_hash"]
        assert cart["version"] == before["version"] + 1

    def test_does_not_let_gift_cards_buy_gift_cards(self, store: Store, shop):
        variant = {"sku": "GIFT-25", "prices": [{"amount": 2500, "currency": "USD"}], "requires_shipping": False}
        product = {"title": "Gift card", "status": "active", "variants": [{**variant, "gift_card": True}]}
        assert store.post("/v1/admin/products", product).status == 201
        shop.receives("GIFT-25", 5)
        cart_id = shop.ready_cart(MUG=1)
        shop.puts(cart_id, "GIFT-25", 1)

        cart = added(store, cart_id, issue(store, 99_000))

        assert totals(cart) == {"total": 4200, "gift_cards": 1700, "credit": 0, "due": 2500}


class TestRefused:
    @pytest.mark.parametrize(
        ("card", "code"),
        [
            ({"currency": "EUR"}, "carts.gift_card_wrong_currency"),
            ({"kind": "store_credit", "email": "eve@example.com"}, "carts.gift_card_not_yours"),
            ({"amount": 1}, "carts.gift_card_empty"),
            ({"expires_in": 5}, "carts.gift_card_expired"),
            ({"disabled": True}, "carts.gift_card_disabled"),
        ],
    )
    def test_is_what_cannot_pay(self, store: Store, shop, card: dict[str, Any], code: str):
        cart_id = shop.ready_cart(MUG=1)
        options = {name: card[name] for name in {"currency", "kind", "email", "amount"} & card.keys()}
        if "expires_in" in card:
            options["expires_at"] = clock.text(clock.now() + timedelta(minutes=card["expires_in"]))
        made = issue(store, **options)
        if "disabled" in card:
            store.post(f"/v1/admin/gift-cards/{made['id']}/disable", {"reason": "x"})
        if "amount" in card:
            store.post(f"/v1/admin/gift-cards/{made['id']}/adjustments", {"delta": -1, "reason": "x"})
        store.tick(301)

        answer = add(store, cart_id, made)

        assert (answer.status, answer.code) == (422, code)
        assert read(store, cart_id)["gift_cards"] == []

    def test_is_a_code_that_nobody_has(self, store: Store, shop):
        answer = add(store, shop.ready_cart(MUG=1), {"code": "0123456789ABCDEF"})

        assert (answer.status, answer.code) == (404, "giftcards.not_found")

    def test_are_a_sixth_card_and_a_second_credit(self, store: Store, shop):
        cart_id = shop.ready_cart(MUG=1)
        for _ in range(5):
            added(store, cart_id, issue(store, 100))
        added(store, cart_id, credit(store, 100))

        answers = [add(store, cart_id, issue(store, 100)), add(store, cart_id, credit(store, 100))]

        assert [(answer.status, answer.code) for answer in answers] == [(409, "carts.too_many_gift_cards")] * 2
        assert len(read(store, cart_id)["gift_cards"]) == 6

    def test_are_more_codes_than_one_network_may_try(self, store: Store, shop):
        cart_id = shop.ready_cart(MUG=1)
        store.tick(600 - clock.epoch(clock.now()) % 600)

        answers = [add(store, cart_id, {"code": "0123456789ABCDEF"}) for _ in range(31)]

        assert [answer.status for answer in answers] == [404] * 30 + [429]
        assert answers[-1].code == "giftcards.too_many_lookups"

    def test_is_an_older_version(self, store: Store, shop):
        cart_id = shop.ready_cart(MUG=1)

        answer = add(store, cart_id, issue(store), headers={"If-Match": '"1"'})

        assert answer.status == 412


class TestProblems:
    def test_block_the_checkout_when_a_card_can_pay_no_longer(self, store: Store, shop):
        cart_id = shop.ready_cart(MUG=1)
        card = issue(store, 5000)
        added(store, cart_id, card)
        store.post(f"/v1/admin/gift-cards/{card['id']}/disable", {"reason": "lost"})

        cart = read(store, cart_id)

        [problem] = cart["problems"]
        assert (problem["code"], problem["blocking"]) == ("carts.gift_card_unusable", True)
        assert problem["param"] == f"gift_cards.{card['id']}"
        assert problem["message"] == f"{card['label']} was disabled by the shop; remove it, or ask there."
        assert (cart["gift_cards"][0]["problem"], totals(cart)["due"]) == ("disabled", 1700)

    def test_name_a_credit_that_is_not_the_shopper_s(self, store: Store, shop):
        cart_id = shop.ready_cart(MUG=1)
        added(store, cart_id, credit(store))

        cart = store.patch(f"/v1/carts/{cart_id}", {"email": "eve@example.com"}).body

        assert [problem["code"] for problem in cart["problems"]] == ["carts.gift_card_unusable"]
        assert cart["gift_cards"][0]["problem"] == "not_yours"


class TestRemoving:
    def test_lets_the_card_pay_no_longer(self, store: Store, shop):
        cart_id = shop.ready_cart(MUG=1)
        card, other = issue(store, 500), issue(store, 300)
        added(store, cart_id, card)
        added(store, cart_id, other)

        answer = store.delete(f"/v1/carts/{cart_id}/gift-cards/{card['id']}")

        assert answer.status == 200
        assert [each["id"] for each in answer.body["gift_cards"]] == [other["id"]]
        assert totals(answer.body)["due"] == 1400

    def test_names_a_card_that_is_not_there(self, store: Store, shop):
        answer = store.delete(f"/v1/carts/{shop.ready_cart(MUG=1)}/gift-cards/gc_1")

        assert (answer.status, answer.code) == (404, "carts.gift_card_not_found")


class TestOtherChanges:
    def test_keep_the_cards_and_price_them_anew(self, store: Store, shop):
        cart_id = shop.ready_cart(MUG=1)
        card = issue(store, 4000)
        added(store, cart_id, card)
        path = f"/v1/carts/{cart_id}"

        changed = [
            store.put(f"{path}/lines/TEE-S", {"quantity": 2}).body,
            store.delete(f"{path}/lines/TEE-S").body,
            store.patch(path, {"email": "eve@example.com"}).body,
        ]
        options = store.get(f"{path}/shipping-methods").body["items"]

        assert [totals(cart)["gift_cards"] for cart in changed] == [4000, 1700, 1700]
        assert [option["id"] for option in options] == ["standard"]
        assert [each["id"] for each in read(store, cart_id)["gift_cards"]] == [card["id"]]


class TestCalls:
    def test_read_cards_together_with_the_goods(self, store: Store, shop):
        cart_id = shop.ready_cart(MUG=1)
        card = issue(store)

        with counted(store) as adding:
            added(store, cart_id, card)
        with counted(store) as reading:
            read(store, cart_id)
        with counted(store) as removing:
            store.delete(f"/v1/carts/{cart_id}/gift-cards/{card['id']}")

        assert sum(adding.values()) - adding["GetItem"] == 4
        assert reading == {"BatchGetItem": 2}
        assert removing == {"BatchGetItem": 2, "PutItem": 1}

    def test_take_one_more_when_the_cart_is_full(self, store: Store, shop):
        cart_id = shop.many(50, amount=100)
        added(store, cart_id, issue(store))

        with counted(store) as reading:
            cart = read(store, cart_id)

        assert reading == {"BatchGetItem": 3}
        assert cart["gift_cards"][0]["balance"]["amount"] == 5000
