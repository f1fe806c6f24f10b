"""A gift card is bought, comes by mail, and opens, as a shopper meets it."""

import re
from uuid import uuid4

import pytest

from tests.journeys.shop import Shop

pytestmark = pytest.mark.java
CODE = re.compile(r"\b(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}\b")


def test_a_gift_card_is_bought_and_its_code_comes_by_mail(shop: Shop) -> None:
    sku, address = f"GIFT-{uuid4().hex[:6]}", f"{uuid4().hex[:8]}@example.com"
    variant = {"sku": sku, "prices": [{"amount": 2500, "currency": "USD"}], "requires_shipping": False}
    product = {"title": f"Gift card {sku}", "status": "active", "variants": [{**variant, "gift_card": True}]}
    assert shop.staff.post("/products", json=product).status_code == 201
    assert shop.staff.post(f"/stock/{sku}/receipts", json={"location": "main", "quantity": 9}).is_success

    checkout = shop.check_out(shop.cart(sku, 2, email=address)).json()
    assert shop.pay(checkout).is_success
    shop.drain()

    codes = [code for mail in shop.emails(address) for code in set(CODE.findall(str(mail)))]
    assert len(set(codes)) == 2
    for code in codes:
        found = shop.web.post("/v1/gift-cards/balance", json={"code": code}).json()
        assert (found["balance"], found["status"]) == ({"amount": 2500, "currency": "USD"}, "active")

    canceled = shop.staff.post(f"/orders/{checkout['order']['id']}/cancel", json={"reason": "changed their mind"})
    assert canceled.is_success, canceled.text
    shop.drain()

    found = shop.web.post("/v1/gift-cards/balance", json={"code": codes[0]}).json()
    assert found["status"] == "disabled"


def test_a_card_and_stripe_pay_one_order_and_get_back_what_they_paid(shop: Shop) -> None:
    sku, address = shop.new_product(stock=9), f"{uuid4().hex[:8]}@example.com"
    issued = shop.staff.post("/gift-cards", json={"amount": {"amount": 1000, "currency": "USD"}}).json()
    cart = shop.cart(sku, email=address)
    cart = shop.web.post(f"/v1/carts/{cart['id']}/gift-cards", json={"code": issued["code"]}).json()
    checkout = shop.check_out(cart).json()
    assert checkout["order"]["totals"]["due"]["amount"] == 2400 - 1000
    assert shop.pay(checkout).is_success
    shop.drain()

    def balance() -> int:
        found = shop.web.post("/v1/gift-cards/balance", json={"code": issued["code"]}).json()
        return int(found["balance"]["amount"])

    def refund(amount: int) -> tuple[int, int, str]:
        body = {"amount": {"amount": amount, "currency": "USD"}, "reason": "a scratch"}
        made = shop.staff.post(f"/orders/{checkout['order']['id']}/refunds", json=body)
        assert made.is_success, made.text
        shop.drain()
        found = made.json()
        to_cards = sum(part["amount"]["amount"] for part in found["refund"]["to_cards"])
        return found["refund"]["to_provider"]["amount"], to_cards, found["order"]["payment_status"]

    paid = shop.order(checkout)
    assert (paid["status"], paid["payment_status"], balance()) == ("placed", "paid", 0)
    assert "Paid with gift cards: -10.00 USD" in str(shop.emails(address))
    assert refund(1500) == (1400, 100, "partially_refunded")
    assert balance() == 100
    assert refund(900) == (0, 900, "refunded")
    assert balance() == 1000
    assert "1.00 USD of it is on the gift cards and store credit that paid" in str(shop.emails(address))
