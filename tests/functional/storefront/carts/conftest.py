"""A small shop to fill carts from."""

from typing import Any

import pytest

from commerce.carts.model import CartLine, new_cart
from commerce.carts.records import cart_record
from commerce.kernel import clock
from commerce.kernel.transactions import commit, create
from tests.support.store import Answer, Store

ADDRESS = {"name": "Ann Berg", "line1": "Kaigaten 1", "city": "Bergen", "postal_code": "5015", "country": "NO"}


def money(amount: int, currency: str = "USD") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


class Shop:
    """Fills the store's catalog, stock and shipping methods through the admin API."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def sells(self, sku: str, *prices: dict[str, Any], stock: int = 100, **product: Any) -> str:
        """Put a product with one variant on sale and return the product's id."""
        variant = {"sku": sku, "prices": list(prices), "requires_shipping": product.pop("requires_shipping", True)}
        body = {"title": f"Product {sku}", "status": "active", "variants": [variant], **product}
        added = self.store.post("/v1/admin/products", body)
        assert added.status == 201, added.body
        self.receives(sku, stock)
        product_id: str = added.body["id"]
        return product_id

    def receives(self, sku: str, quantity: int) -> None:
        if quantity:
            receipt = {"location": "main", "quantity": quantity}
            received = self.store.post(f"/v1/admin/stock/{sku}/receipts", receipt)
            assert received.status == 201, received.body

    def changes(self, product_id: str, **changes: Any) -> None:
        changed = self.store.patch(f"/v1/admin/products/{product_id}", changes)
        assert changed.status == 200, changed.body

    def ships(self, method_id: str, *prices: dict[str, Any], **method: Any) -> None:
        body = {"title": method_id.capitalize(), "prices": list(prices), **method}
        put = self.store.put(f"/v1/admin/shipping-methods/{method_id}", body)
        assert put.status == 200, put.body

    def cart(self, currency: str = "USD", /, **quantities: int) -> str:
        """Start a cart with these quantities (`TEE_S=2` is two of TEE-S) and return its id."""
        cart_id: str = self.store.post("/v1/carts", {"currency": currency}).body["id"]
        for name, quantity in quantities.items():
            self.puts(cart_id, name.replace("_", "-"), quantity)
        return cart_id

    def puts(self, cart_id: str, sku: str, quantity: int) -> Answer:
        answer = self.store.put(f"/v1/carts/{cart_id}/lines/{sku}", {"quantity": quantity})
        assert answer.status == 200, answer.body
        return answer

    def many(self, count: int, *, amount: int, quantity: int = 1) -> str:
        """Put a product with so many variants on sale and return the id of a cart with a line of each."""
        numbers = [str(number) for number in range(count)]
        prices = [money(amount)]
        variants = [{"sku": f"MANY-{number}", "options": {"No": number}, "prices": prices} for number in numbers]
        options = [{"name": "No", "values": numbers}]
        product = {"title": "Many", "status": "active", "options": options, "variants": variants}
        added = self.store.post("/v1/admin/products", product)
        assert added.status == 201, added.body
        lines = tuple(CartLine(sku=f"MANY-{number}", quantity=quantity) for number in numbers)
        cart = new_cart(cart_id=f"cart_many{count}", currency="USD", now=clock.now())
        commit([create(cart_record(cart.model_copy(update={"lines": lines})))])
        return cart.id

    def ready_cart(self, **quantities: int) -> str:
        """Start a cart that lacks nothing."""
        cart_id = self.cart(**quantities)
        change = {"email": "ann@example.com", "shipping_address": ADDRESS, "shipping_method": "standard"}
        changed = self.store.patch(f"/v1/carts/{cart_id}", change)
        assert changed.status == 200, changed.body
        return cart_id


@pytest.fixture
def shop(store: Store) -> Shop:
    """A shop that sells a tee and a mug, and ships for a flat price that falls away at 50 dollars."""
    shop = Shop(store)
    shop.sells("TEE-S", money(1999), money(1899, "EUR"), title="Harbor Tee", stock=5)
    shop.sells("MUG", money(1200), title="Tide Mug")
    shop.ships("standard", money(500), money(450, "EUR"), free_over=[money(5000)])
    return shop


@pytest.fixture
def address() -> dict[str, Any]:
    """An address that the shop can send to."""
    return dict(ADDRESS)
