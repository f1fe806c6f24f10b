"""Promotions in orders: what they take off, what is counted, and what comes back."""

from typing import Any

from tests.support.shop import bought, check_out, filled_cart, level, open_shop, staff_order
from tests.support.store import Store

FIVE_OFF = {"kind": "amount_off_order", "off": [{"amount": 500, "currency": "USD"}]}


def promote(store: Store, promotion_id: str = "sale", **terms: Any) -> None:
    body = {"title": "Sale", "status": "active", "actions": [FIVE_OFF], **terms}
    answer = store.put(f"/v1/admin/promotions/{promotion_id}", body)
    assert answer.status == 200, answer.body


def left(store: Store, promotion_id: str = "sale") -> int:
    uses: int = store.get(f"/v1/admin/promotions/{promotion_id}/usage").body["uses"]["left"]
    return uses


def with_code(store: Store, code: str, *, email: str = "ada@example.com") -> dict[str, Any]:
    cart = filled_cart(store, email=email)
    added = store.post(f"/v1/carts/{cart['id']}/codes", {"code": code})
    assert added.status == 200, added.body
    found: dict[str, Any] = added.body
    return found


class TestOrders:
    def test_keep_what_was_taken_off_and_why(self, paying_store: Store) -> None:
        open_shop(paying_store)
        promote(paying_store)

        checkout = bought(paying_store)

        order = checkout["order"]
        assert order["totals"]["total"]["amount"] == 2 * 1900 - 500 + 500
        assert order["lines"][0]["discount"]["amount"] == 500
        assert [each["promotion_id"] for each in order["promotions"] if each["applied"]] == ["sale"]
        intent = paying_store.stripe.intent(checkout["payment"]["intent_id"])
        assert intent["amount"] == 3800

    def test_hold_gifts_too(self, paying_store: Store) -> None:
        open_shop(paying_store, "MUG-BLUE", "LAMP")
        promote(paying_store, actions=[{"kind": "gift", "sku": "LAMP"}])

        checkout = bought(paying_store)

        lines = {line["sku"]: (line["quantity"], line["gift_quantity"]) for line in checkout["order"]["lines"]}
        assert lines == {"MUG-BLUE": (2, 0), "LAMP": (1, 1)}
        assert level(paying_store, "LAMP")["sold"] == 1
        assert checkout["order"]["totals"]["total"]["amount"] == 2 * 1900 + 500


class TestLimits:
    def test_are_taken_with_the_order_and_given_back_with_its_end(self, paying_store: Store) -> None:
        open_shop(paying_store)
        promote(paying_store, limits={"uses": 3})
        cart = filled_cart(paying_store)

        check_out(paying_store, cart)
        held = left(paying_store)
        paying_store.delete(f"/v1/carts/{cart['id']}/checkout")

        assert (held, left(paying_store)) == (2, 3)

    def test_come_back_when_a_placed_order_is_canceled(self, paying_store: Store) -> None:
        open_shop(paying_store)
        promote(paying_store, limits={"uses": 3})
        checkout = bought(paying_store)
        used = left(paying_store)

        paying_store.post(f"/v1/admin/orders/{checkout['order']['id']}/cancel", {"reason": "changed their mind"})

        assert staff_order(paying_store, checkout)["status"] == "canceled"
        assert (used, left(paying_store)) == (2, 3)

    def test_end_the_promotion_for_the_next_cart(self, paying_store: Store) -> None:
        open_shop(paying_store)
        promote(paying_store, limits={"uses": 1})
        first, second = filled_cart(paying_store), filled_cart(paying_store)

        taken = check_out(paying_store, first)
        refused = check_out(paying_store, second)

        assert taken.status == 201
        assert (refused.status, refused.code) == (409, "checkout.price_changed")
        assert refused.body["quote"]["promotions"][0]["reason"] == "promotions.used_up"

    def test_a_code_that_works_once_works_for_one_order(self, paying_store: Store) -> None:
        open_shop(paying_store)
        promote(paying_store, trigger="code")
        made = paying_store.post("/v1/admin/promotions/sale/codes", {"code": "ONCE", "uses_at_most": 1})
        assert made.status == 201, made.body
        first = with_code(paying_store, "ONCE")
        second = with_code(paying_store, "ONCE", email="bob@example.com")

        taken = check_out(paying_store, first)
        refused = check_out(paying_store, second)
        paying_store.delete(f"/v1/carts/{first['id']}/checkout")
        after = check_out(paying_store, second)

        assert (taken.status, refused.status, after.status) == (201, 409, 201)

    def test_a_first_order_is_first_once(self, paying_store: Store) -> None:
        open_shop(paying_store)
        promote(paying_store, conditions=[{"kind": "first_order"}])

        first = bought(paying_store)
        second = filled_cart(paying_store)

        assert first["order"]["totals"]["discount"]["amount"] == 500
        assert second["totals"]["discount"]["amount"] == 0
        assert second["promotions"][0]["reason"] == "promotions.not_first_order"

    def test_an_order_that_was_canceled_was_no_order(self, paying_store: Store) -> None:
        open_shop(paying_store)
        plain = bought(paying_store)
        promote(paying_store, conditions=[{"kind": "first_order"}])
        before = filled_cart(paying_store)

        paying_store.post(f"/v1/admin/orders/{plain['order']['id']}/cancel", {"reason": "cannot deliver"})
        after = filled_cart(paying_store)

        assert [cart["totals"]["discount"]["amount"] for cart in (before, after)] == [0, 500]


class TestPaymentMethod:
    def test_that_was_chosen_is_the_only_one(self, paying_store: Store) -> None:
        open_shop(paying_store)
        cart = filled_cart(paying_store)
        chosen = paying_store.patch(f"/v1/carts/{cart['id']}", {"payment_method": "card"}).body

        payment = check_out(paying_store, chosen).body["payment"]

        assert paying_store.stripe.intent(payment["intent_id"])["payment_method_types"] == ["card"]
