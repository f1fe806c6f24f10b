"""GET /v1/carts/{cart_id}."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from commerce.kernel import clock
from commerce.kernel.log import logger
from tests.functional.storefront.carts.conftest import money
from tests.support.shipping import flat
from tests.support.store import Store

DAY = 24 * 60 * 60

NO_CARTS = (
    "cart_aaaaaaaaaaaaaaaaaaaaaaaaaa",
    "nothing",
    "cart%23x",
    "..%2F..%2Fetc",
    "x" * 101,
    "%00",
    "%F0%9F%9B%92",
    "a'%20OR%20'1'='1",
)

CHARGES: dict[tuple[str, int], list[str]] = {
    ("USD", 0): [],
    ("USD", 49): ["carts.total_too_small"],
    ("USD", 50): [],
    ("USD", 99_999_999): [],
    ("JPY", 49): ["carts.total_too_small"],
    ("JPY", 50): [],
    ("HUF", 17499): ["carts.total_too_small"],
    ("KWD", 1005): ["carts.total_not_chargeable"],
    ("KWD", 1010): [],
}


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """Everything that the code logs."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(str(vars(record)))  # type: ignore[method-assign]
    logger._logger.addHandler(handler)
    yield lines
    logger._logger.removeHandler(handler)


def codes(body: dict[str, Any]) -> list[str]:
    return [problem["code"] for problem in body["problems"]]


def untaxed(key: str, amount: int) -> dict[str, Any]:
    """Return the tax of a line in a shop without tax rules."""
    whole = money(amount)
    return {
        "key": key,
        "is_shipping": False,
        "amount": whole,
        "charged": whole,
        "net": whole,
        "tax": money(0),
        "gross": whole,
        "parts": [],
        "country": "",
        "rule": "not_registered",
        "reason": "not_registered",
    }


class TestGetCart:
    def test_answers_the_whole_priced_cart(self, store: Store, shop, address):
        cart_id = shop.ready_cart(TEE_S=2, MUG=1)

        answer = store.get(f"/v1/carts/{cart_id}")

        assert answer.status == 200
        assert answer.headers["ETag"] == '"4"'
        assert answer.body == {
            "id": cart_id,
            "state": "open",
            "order_id": None,
            "currency": "USD",
            "lines": [
                {
                    "sku": "TEE-S",
                    "quantity": 2,
                    "unit_price": {"amount": 1999, "currency": "USD"},
                    "compare_at": None,
                    "lowest_price_30_days": None,
                    "exchange": None,
                    "total": {"amount": 3998, "currency": "USD"},
                    "restated": None,
                    "tax": untaxed("TEE-S", 3998),
                    "product_title": "Harbor Tee",
                    "title": "Harbor Tee",
                    "slug": "harbor-tee",
                    "image": None,
                    "options": {},
                    "available": 5,
                },
                {
                    "sku": "MUG",
                    "quantity": 1,
                    "unit_price": {"amount": 1200, "currency": "USD"},
                    "compare_at": None,
                    "lowest_price_30_days": None,
                    "exchange": None,
                    "total": {"amount": 1200, "currency": "USD"},
                    "restated": None,
                    "tax": untaxed("MUG", 1200),
                    "product_title": "Tide Mug",
                    "title": "Tide Mug",
                    "slug": "tide-mug",
                    "image": None,
                    "options": {},
                    "available": 100,
                },
            ],
            "email": "ann@example.com",
            "shipping_address": {**address, "line2": None, "region": None, "phone": None},
            "billing_address": None,
            "shipping_method": "standard",
            "shipping_tax": untaxed("shipping", 0) | {"is_shipping": True},
            "tax_id": None,
            "shipping_option": flat("standard", 500, free=True),
            "requires_shipping": True,
            "totals": {
                "subtotal": {"amount": 5198, "currency": "USD"},
                "discount": {"amount": 0, "currency": "USD"},
                "shipping": {"amount": 0, "currency": "USD"},
                "tax": {"amount": 0, "currency": "USD"},
                "total": {"amount": 5198, "currency": "USD"},
                "gift_cards": {"amount": 0, "currency": "USD"},
                "credit": {"amount": 0, "currency": "USD"},
                "due": {"amount": 5198, "currency": "USD"},
                "prices_include_tax": True,
            },
            "gift_cards": [],
            "problems": [],
            "pricing_hash": answer.body["pricing_hash"],
            "explanation": [
                {
                    "part": "subtotal",
                    "subject": "lines.TEE-S",
                    "source": "catalog.price",
                    "amount": {"amount": 3998, "currency": "USD"},
                    "message": "2 x 19.99 USD, the catalog's price.",
                    "tried": [],
                },
                {
                    "part": "subtotal",
                    "subject": "lines.MUG",
                    "source": "catalog.price",
                    "amount": {"amount": 1200, "currency": "USD"},
                    "message": "1 x 12.00 USD, the catalog's price.",
                    "tried": [],
                },
                {
                    "part": "shipping",
                    "subject": "shipping_method",
                    "source": "shipping.free_over",
                    "amount": {"amount": 0, "currency": "USD"},
                    "message": "Standard: 0.00 USD instead of 5.00 USD, the subtotal is high enough.",
                    "tried": [],
                },
            ],
            "created_at": answer.body["created_at"],
            "updated_at": answer.body["updated_at"],
            "expires_at": answer.body["expires_at"],
            "version": 4,
        }

    def test_does_not_find_what_is_not_there_or_could_not_be(self, store: Store):
        answers = {cart_id: store.get(f"/v1/carts/{cart_id}") for cart_id in NO_CARTS}

        assert {cart_id: answer.status for cart_id, answer in answers.items()} == dict.fromkeys(NO_CARTS, 404)
        assert {answer.headers["Content-Type"] for answer in answers.values()} == {"application/problem+json"}

    def test_shows_a_changed_price_at_once(self, store: Store, shop):
        product_id = shop.sells("BAG", {"amount": 4000, "currency": "USD"})
        cart_id = shop.cart(BAG=2)
        before = store.get(f"/v1/carts/{cart_id}").body

        shop.changes(product_id, variants=[{"sku": "BAG", "prices": [{"amount": 4500, "currency": "USD"}]}])

        after = store.get(f"/v1/carts/{cart_id}").body
        assert before["totals"]["due"]["amount"] == 8000
        assert after["totals"]["due"]["amount"] == 9000
        assert after["lines"][0]["unit_price"]["amount"] == 4500
        assert after["pricing_hash"] != before["pricing_hash"]
        assert after["version"] == before["version"]

    def test_keeps_its_hash_while_the_price_stays(self, store: Store, shop):
        cart_id = shop.ready_cart(TEE_S=1)

        hashes = {store.get(f"/v1/carts/{cart_id}").body["pricing_hash"] for _ in range(3)}

        assert len(hashes) == 1

    def test_tells_of_lines_that_are_not_sold_any_more(self, store: Store, shop):
        product_id = shop.sells("BAG", {"amount": 4000, "currency": "USD"})
        cart_id = shop.ready_cart(TEE_S=1, BAG=2)

        shop.changes(product_id, status="archived")

        body = store.get(f"/v1/carts/{cart_id}").body
        assert body["problems"] == [
            {
                "code": "carts.line_unavailable",
                "blocking": True,
                "param": "lines.BAG",
                "message": "'BAG' is not sold in USD (any more); remove it.",
                "available": None,
                "shipping_methods": None,
            }
        ]
        assert body["lines"][1] == {
            "sku": "BAG",
            "quantity": 2,
            "unit_price": None,
            "compare_at": None,
            "lowest_price_30_days": None,
            "exchange": None,
            "total": None,
            "restated": None,
            "tax": None,
            "product_title": None,
            "title": None,
            "slug": None,
            "image": None,
            "options": {},
            "available": 0,
        }
        assert body["totals"]["subtotal"]["amount"] == 1999

    def test_tells_of_too_little_stock_and_stays_usable(self, store: Store, shop):
        cart_id = shop.ready_cart(TEE_S=5)
        level = {"available": 3, "expected_available": 5, "reason": "counted"}
        assert store.put("/v1/admin/stock/TEE-S/levels/main", level).status == 200

        body = store.get(f"/v1/carts/{cart_id}").body

        assert body["problems"] == [
            {
                "code": "carts.insufficient_stock",
                "blocking": True,
                "param": "lines.TEE-S.quantity",
                "message": "Only 3 left of Harbor Tee.",
                "available": 3,
                "shipping_methods": None,
            }
        ]
        assert body["lines"][0]["available"] == 3
        assert body["totals"]["subtotal"]["amount"] == 9995

    def test_tells_of_a_shipping_method_that_went_and_never_swaps_it(self, store: Store, shop):
        shop.ships("express", {"amount": 1500, "currency": "USD"})
        cart_id = shop.ready_cart(TEE_S=1)

        assert store.delete("/v1/admin/shipping-methods/standard").status == 200

        body = store.get(f"/v1/carts/{cart_id}").body
        assert codes(body) == ["carts.shipping_method_unavailable"]
        assert body["shipping_method"] == "standard"
        assert body["totals"]["shipping"]["amount"] == 0

    def test_tells_what_is_missing_one_by_one(self, store: Store, shop, address):
        cart_id = shop.cart(TEE_S=1)
        steps = [{"email": "ann@example.com"}, {"shipping_address": address}, {"shipping_method": "standard"}]

        seen = [codes(store.get(f"/v1/carts/{cart_id}").body)]
        for step in steps:
            store.patch(f"/v1/carts/{cart_id}", step)
            seen.append(codes(store.get(f"/v1/carts/{cart_id}").body))

        missing = ["carts.email_missing", "carts.shipping_address_missing", "carts.shipping_method_missing"]
        assert seen == [missing, missing[1:], missing[2:], []]

    def test_asks_no_address_for_what_is_not_sent(self, store: Store, shop):
        shop.sells("EBOOK", {"amount": 900, "currency": "USD"}, requires_shipping=False)
        cart_id = shop.cart(EBOOK=1)

        answer = store.patch(f"/v1/carts/{cart_id}", {"email": "ann@example.com", "shipping_method": "standard"})

        assert answer.body["problems"] == []
        assert answer.body["requires_shipping"] is False
        assert answer.body["totals"]["shipping"]["amount"] == 0

    def test_tells_what_cannot_be_charged(self, store: Store, shop):
        seen = {}
        for currency, amount in CHARGES:
            sku = f"{currency}-{amount}"
            shop.sells(sku, {"amount": amount, "currency": currency}, stock=1, requires_shipping=False)
            cart_id = shop.cart(currency)
            store.patch(f"/v1/carts/{cart_id}", {"email": "ann@example.com"})
            seen[currency, amount] = codes(shop.puts(cart_id, sku, 1).body)

        assert seen == CHARGES

    def test_adds_up_the_largest_cart_there_can_be(self, store: Store, shop):
        cart_id = shop.many(50, amount=99_999_999, quantity=999)

        body = store.get(f"/v1/carts/{cart_id}").body
        one_more = store.put(f"/v1/carts/{cart_id}/lines/TEE-S", {"quantity": 1})

        assert body["totals"]["due"]["amount"] == 99_999_999 * 999 * 50
        assert codes(body)[-1] == "carts.total_too_large"
        assert (one_more.status, one_more.code) == (409, "carts.too_many_lines")

    def test_expires_thirty_days_after_the_last_change(self, store: Store, shop):
        cart_id = shop.cart(TEE_S=1)

        clock.set_offset(29 * DAY)
        touched = shop.puts(cart_id, "TEE-S", 2).body
        clock.set_offset(58 * DAY)
        alive = store.get(f"/v1/carts/{cart_id}")
        clock.set_offset(60 * DAY)
        gone = store.get(f"/v1/carts/{cart_id}")
        refused = store.put(f"/v1/carts/{cart_id}/lines/TEE-S", {"quantity": 3})

        lives = datetime.fromisoformat(touched["expires_at"]) - datetime.fromisoformat(touched["updated_at"])
        assert lives == timedelta(days=30)
        assert alive.status == 200
        assert (gone.status, gone.code) == (404, "carts.not_found")
        assert (refused.status, refused.code) == (404, "carts.not_found")

    def test_keeps_people_out_of_the_logs(self, store: Store, shop, logged):
        cart_id = shop.ready_cart(TEE_S=1)

        store.patch(f"/v1/carts/{cart_id}", {"email": "ann@", "shipping_method": "nothing"})
        store.get(f"/v1/carts/{cart_id}")

        text = "\n".join(logged)
        assert "ann" not in text
        assert "Kaigaten" not in text
        assert cart_id not in text
