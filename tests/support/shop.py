"""A small shop to test with: two products, stock, a shipping method, and shoppers."""

from typing import Any

from tests.support.store import Answer, Store

ADDRESS = {"name": "Ada Byron", "line1": "1 Pier Road", "city": "Portsmouth", "postal_code": "03801", "country": "US"}
EMAIL = "ada@example.com"


GOODS = {"MUG-BLUE": ("Enamel mug", 1900, True), "LAMP": ("Storm lamp", 4500, True), "STICKER": ("Sticker", 0, False)}
"""Title, price in cents and whether it is sent, by SKU. The sticker is free."""


def open_shop(store: Store, *goods: str, stock: int = 10) -> None:
    """Stock the mug, or these goods, and offer one shipping method."""
    for sku in goods or ("MUG-BLUE",):
        title, price, ships = GOODS[sku]
        variant = {
            "sku": sku,
            "title": "One size",
            "prices": [{"amount": price, "currency": "USD"}],
            "requires_shipping": ships,
        }
        product = {"slug": sku.lower(), "title": title, "status": "active", "variants": [variant]}
        created = store.post("/v1/admin/products", product)
        assert created.status == 201, created.body
        receipt = store.post(f"/v1/admin/stock/{sku}/receipts", {"location": "main", "quantity": stock})
        assert receipt.status in {200, 201}, receipt.body
    method = {"title": "Standard", "prices": [{"amount": 500, "currency": "USD"}]}
    offered = store.put("/v1/admin/shipping-methods/standard", method)
    assert offered.status == 200, offered.body


def filled_cart(store: Store, lines: dict[str, int] | None = None, *, email: str = EMAIL) -> dict[str, Any]:
    """Return a cart that is ready for checkout."""
    cart_id = store.post("/v1/carts", {}).body["id"]
    for sku, quantity in (lines or {"MUG-BLUE": 2}).items():
        added = store.put(f"/v1/carts/{cart_id}/lines/{sku}", {"quantity": quantity})
        assert added.status == 200, added.body
    change = {"email": email, "shipping_address": ADDRESS, "shipping_method": "standard"}
    ready = store.patch(f"/v1/carts/{cart_id}", change)
    assert ready.status == 200, ready.body
    cart: dict[str, Any] = ready.body
    return cart


def check_out(store: Store, cart: dict[str, Any], **options: Any) -> Answer:
    """Order a cart for the total that it shows."""
    body = {"expected_total": cart["totals"]["total"], "pricing_hash": cart["pricing_hash"]}
    return store.post(f"/v1/carts/{cart['id']}/checkout", body, **options)


def bought(store: Store, lines: dict[str, int] | None = None, *, method: str = "pm_card_visa") -> dict[str, Any]:
    """Buy something and return the checkout's answer."""
    answer = check_out(store, filled_cart(store, lines))
    assert answer.status == 201, answer.body
    store.stripe.pay(answer.body["payment"]["intent_id"], method)
    store.drain()
    checkout: dict[str, Any] = answer.body
    return checkout


def shoppers_order(store: Store, checkout: dict[str, Any]) -> Answer:
    """Read an order as its shopper."""
    return store.get(f"/v1/orders/{checkout['order']['id']}", headers={"Order-Token": checkout["order_token"]})


def staff_order(store: Store, checkout: dict[str, Any]) -> dict[str, Any]:
    """Read an order as staff."""
    answer = store.get(f"/v1/admin/orders/{checkout['order']['id']}")
    assert answer.status == 200, answer.body
    order: dict[str, Any] = answer.body
    return order


def level(store: Store, sku: str = "MUG-BLUE") -> dict[str, Any]:
    """Return a SKU's stock at the main location."""
    answer = store.get(f"/v1/admin/stock/{sku}")
    assert answer.status == 200, answer.body
    stock: dict[str, Any] = answer.body["levels"][0]
    return stock
