"""What promotions take off a cart, and why others do not."""

from typing import Any

from tests.support.store import Answer, Store

TEN_PERCENT = {"kind": "percent_off_order", "off_basis_points": 1000}


SUMS = ("subtotal", "discount", "shipping", "tax", "total", "due")


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


def promote(store: Store, promotion_id: str, *actions: dict[str, Any], **terms: Any) -> None:
    body = {"title": promotion_id.capitalize(), "status": "active", "actions": list(actions), **terms}
    answer = store.put(f"/v1/admin/promotions/{promotion_id}", body)
    assert answer.status == 200, answer.body


def coded(store: Store, promotion_id: str, code: str, *actions: dict[str, Any], **terms: Any) -> None:
    promote(store, promotion_id, *actions, trigger="code", **terms)
    made = store.post(f"/v1/admin/promotions/{promotion_id}/codes", {"code": code})
    assert made.status == 201, made.body


def add(store: Store, cart_id: str, code: str) -> Answer:
    return store.post(f"/v1/carts/{cart_id}/codes", {"code": code})


def amounts(cart: dict[str, Any]) -> dict[str, int]:
    return {name: value["amount"] for name, value in cart["totals"].items() if name in SUMS}


def replayed(cart: dict[str, Any]) -> int:
    """Return the total that the steps of the explanation give."""
    signs = {"subtotal": 1, "discount": -1, "shipping": 1, "tax": 1, "contained_tax": 0}
    return sum(signs[step["part"]] * step["amount"]["amount"] for step in cart["explanation"])


class TestAutomatic:
    def test_are_taken_off_and_explained(self, store: Store, shop: Any) -> None:
        promote(store, "sale", TEN_PERCENT)

        cart = store.get(f"/v1/carts/{shop.cart(TEE_S=1, MUG=1)}").body

        assert amounts(cart) == {
            "subtotal": 3199,
            "discount": 320,
            "shipping": 0,
            "tax": 0,
            "total": 2879,
            "due": 2879,
        }
        assert {line["sku"]: line["discount"]["amount"] for line in cart["lines"]} == {"TEE-S": 200, "MUG": 120}
        [tried] = cart["promotions"]
        assert (tried["promotion_id"], tried["applied"], tried["amount"]) == ("sale", True, usd(320))
        assert replayed(cart) == 2879

    def test_tell_what_is_missing(self, store: Store, shop: Any) -> None:
        promote(store, "big", TEN_PERCENT, conditions=[{"kind": "subtotal", "at_least": [usd(5000)]}])

        cart = store.get(f"/v1/carts/{shop.cart(MUG=1)}").body

        [tried] = cart["promotions"]
        assert (tried["applied"], tried["reason"], tried["missing"]) == (False, "promotions.subtotal_too_low", 3800)
        assert cart["totals"]["discount"]["amount"] == 0

    def test_make_shipping_free(self, store: Store, shop: Any) -> None:
        promote(store, "free", {"kind": "free_shipping"})

        cart = store.get(f"/v1/carts/{shop.ready_cart(MUG=1)}").body

        assert amounts(cart) | {"tax": 0} == {
            "subtotal": 1200,
            "discount": 500,
            "shipping": 500,
            "tax": 0,
            "total": 1200,
            "due": 1200,
        }
        assert replayed(cart) == 1200

    def test_leave_free_shipping_to_what_is_left_of_the_goods(self, store: Store, shop: Any) -> None:
        promote(store, "half", {"kind": "percent_off_order", "off_basis_points": 5000})

        cart = store.get(f"/v1/carts/{shop.ready_cart(MUG=5)}").body

        assert (amounts(cart)["subtotal"], amounts(cart)["shipping"]) == (6000, 500)

    def test_are_taxed_after_they_are_taken_off(self, store: Store, shop: Any, address: dict[str, Any]) -> None:
        rules = {
            "registrations": [{"country": "NO", "tax_id": "NO974760673MVA"}],
            "rates": [{"country": "NO", "tax_class": "standard", "rate": "25", "name": "MVA"}],
        }
        put = store.put("/v1/admin/taxes", rules)
        promote(store, "half", {"kind": "percent_off_order", "off_basis_points": 5000})

        cart = store.get(f"/v1/carts/{shop.ready_cart(MUG=1)}").body

        line = cart["lines"][0]
        if put.status == 200:
            assert line["tax"]["gross"]["amount"] == 600
        assert replayed(cart) == amounts(cart)["total"]


class TestGifts:
    def test_are_lines_that_cost_nothing(self, store: Store, shop: Any) -> None:
        promote(store, "mug", {"kind": "gift", "sku": "MUG"})

        cart = store.get(f"/v1/carts/{shop.cart(TEE_S=1)}").body

        [tee, mug] = cart["lines"]
        assert (tee["quantity"], tee["gift_quantity"]) == (1, 0)
        assert (mug["sku"], mug["quantity"], mug["gift_quantity"]) == ("MUG", 0, 1)
        assert (mug["total"], mug["discount"]) == (usd(1200), usd(1200))
        assert amounts(cart)["total"] == 1999
        assert replayed(cart) == 1999

    def test_join_what_was_bought(self, store: Store, shop: Any) -> None:
        promote(store, "mug", {"kind": "gift", "sku": "MUG"})

        cart = store.get(f"/v1/carts/{shop.cart(MUG=2)}").body

        [mug] = cart["lines"]
        assert (mug["quantity"], mug["gift_quantity"], mug["discount"]) == (2, 1, usd(1200))
        assert amounts(cart)["total"] == 2400

    def test_are_not_promised_when_there_are_none_left(self, store: Store, shop: Any) -> None:
        promote(store, "tee", {"kind": "gift", "sku": "TEE-S", "quantity": 2})

        cart = store.get(f"/v1/carts/{shop.cart(TEE_S=4)}").body

        assert cart["lines"][0]["gift_quantity"] == 0
        assert [tried["applied"] for tried in cart["promotions"]] == [False]


class TestCodes:
    def test_take_something_off_however_they_are_typed(self, store: Store, shop: Any) -> None:
        coded(store, "welcome", "WELCOME-10", TEN_PERCENT)
        cart_id = shop.cart(MUG=1)

        cart = add(store, cart_id, " welcome.10 ").body

        assert (cart["codes"], amounts(cart)["discount"]) == (["WELCOME10"], 120)
        assert [tried["code"] for tried in cart["promotions"]] == ["WELCOME10"]

    def test_stay_out_of_the_cart_when_nobody_knows_them(self, store: Store, shop: Any) -> None:
        answer = add(store, shop.cart(MUG=1), "NOBODY")

        assert (answer.status, answer.code) == (422, "promotions.code_unknown")

    def test_say_why_they_do_nothing(self, store: Store, shop: Any) -> None:
        coded(store, "welcome", "WELCOME", TEN_PERCENT, conditions=[{"kind": "first_order"}])

        cart = add(store, shop.cart(MUG=1), "WELCOME").body

        problem = next(each for each in cart["problems"] if each["code"] == "carts.code_not_applied")
        assert (problem["blocking"], problem["param"]) == (False, "codes.WELCOME")
        assert cart["promotions"][0]["reason"] == "promotions.customer_unknown"

    def test_are_five_at_most(self, store: Store, shop: Any) -> None:
        cart_id = shop.cart(MUG=1)
        for number in range(6):
            coded(store, f"sale-{number}", f"SALE{number}", TEN_PERCENT)
        answers = [add(store, cart_id, f"SALE{number}") for number in range(6)]

        assert [answer.status for answer in answers] == [200, 200, 200, 200, 200, 409]
        assert answers[-1].code == "promotions.too_many_codes"

    def test_go_again(self, store: Store, shop: Any) -> None:
        coded(store, "welcome", "WELCOME", TEN_PERCENT)
        cart_id = shop.cart(MUG=1)
        add(store, cart_id, "WELCOME")

        cart = store.delete(f"/v1/carts/{cart_id}/codes/wel-come").body
        again = store.delete(f"/v1/carts/{cart_id}/codes/WELCOME")

        assert (cart["codes"], amounts(cart)["discount"]) == ([], 0)
        assert (again.status, again.code) == (404, "carts.code_not_found")


class TestWhoBuys:
    def test_groups_channels_attributes_and_methods_decide(self, store: Store, shop: Any) -> None:
        off = {"kind": "amount_off_order", "off": [usd(100)]}
        promote(store, "group", off, conditions=[{"kind": "customer_groups", "any_of": ["wholesale"]}])
        promote(store, "channel", off, conditions=[{"kind": "channels", "any_of": ["app"]}])
        promote(store, "attribute", off, conditions=[{"kind": "attribute", "name": "club", "any_of": ["yes"]}])
        promote(store, "method", off, conditions=[{"kind": "payment_methods", "any_of": ["card"]}])
        cart_id = shop.cart(MUG=1)
        before = store.get(f"/v1/carts/{cart_id}").body

        change = {"channel": "app", "attributes": {"club": "yes"}, "payment_method": "card"}
        store.patch(f"/v1/carts/{cart_id}", change)
        grouped = store.put(f"/v1/admin/carts/{cart_id}/customer-groups", {"customer_groups": ["wholesale"]})

        assert amounts(before)["discount"] == 0
        assert grouped.status == 200
        assert amounts(grouped.body)["discount"] == 400

    def test_who_orders_for_the_first_time_has_less_to_send_free_of_charge(self, store: Store, shop: Any) -> None:
        shop.ships("post", usd(700), free_over=[usd(1200)])
        off = {"kind": "amount_off_order", "off": [usd(100)]}
        cart_id = shop.cart(MUG=1)
        store.patch(f"/v1/carts/{cart_id}", {"email": "ada@example.com"})

        def price() -> dict[str, Any]:
            methods = store.get(f"/v1/carts/{cart_id}/shipping-methods").body["items"]
            found: dict[str, Any] = next(method["price"] for method in methods if method["id"] == "post")
            return found

        before = price()
        promote(store, "first", off, conditions=[{"kind": "first_order"}])

        assert (before, price()) == (usd(0), usd(700))
