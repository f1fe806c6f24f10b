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
