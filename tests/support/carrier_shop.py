"""A shop that asks carriers: how it is opened, and what its shoppers do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from commerce.kernel import clock
from tests.support import aws
from tests.support.carriers import KEY, Provider, rate
from tests.support.payments import LocalStripe
from tests.support.shipping import money
from tests.support.store import Answer, Store, running_store

SETTINGS = {"CARRIER_RATES": "shipengine", "CARRIER_API_KEY_NAME": "/tradewind/carrier-api-key"}
HOME = {"name": "Ann", "line1": "1 Pier", "city": "Austin", "region": "TX", "postal_code": "78756", "country": "US"}
ORIGIN = {"name": "Quay shop", "line1": "1 Quay", "city": "Portland", "postal_code": "04101", "country": "US"}
MINUTE = 60

OFFERED = [("Ups Ground", 750), ("Ups Air", 1999), ("Standard", 500)]
FALLBACK = [("Ups", 990), ("Standard", 500)]


def fresh(provider: Provider) -> Provider:
    """Return the provider as it is at first, with two rates."""
    for name, value in vars(Provider()).items():
        if name != "url":
            setattr(provider, name, value)
    provider.rates = [rate("ups_ground", 7.5, days=3), rate("ups_air", 19.99, days=1)]
    return provider


@contextmanager
def carrier_shop(stripe: LocalStripe, provider: Provider) -> Iterator[Store]:
    """Open a shop that asks carriers, has a price of its own for when they do not answer, and a flat method beside."""
    with running_store(stripe, **SETTINGS, CARRIER_API_BASE=provider.url) as store:
        aws.client("ssm").put_parameter(Name=SETTINGS["CARRIER_API_KEY_NAME"], Value=KEY, Type="SecureString")
        # In the middle of a window, so that offers hold for 45 minutes.
        store._offset = 15 * MINUTE - clock.epoch(clock.now()) % (30 * MINUTE)
        clock.set_offset(store._offset)
        variant = {"sku": "LAMP", "prices": [money(4500), money(4000, "EUR")], "weight_grams": 1500}
        assert (
            store.post("/v1/admin/products", {"title": "Lamp", "status": "active", "variants": [variant]}).status == 201
        )
        assert store.post("/v1/admin/stock/LAMP/receipts", {"location": "main", "quantity": 50}).status == 201
        carries(store)
        puts(store, "standard", prices=[money(500)], position=9)
        yield store


def puts(store: Store, method_id: str, **fields: Any) -> None:
    answer = store.put(f"/v1/admin/shipping-methods/{method_id}", {"title": method_id.capitalize(), **fields})
    assert answer.status == 200, answer.body


def carries(store: Store, method_id: str = "ups", **fields: Any) -> None:
    carrier = {"origin": ORIGIN, "accounts": ["se-123"], **fields.pop("carrier", {})}
    puts(
        store,
        method_id,
        **({"prices": [money(990), money(880, "EUR")], "kind": "carrier", "carrier": carrier} | fields),
    )


def cart(store: Store, quantity: int = 1, **address: Any) -> str:
    cart_id: str = store.post("/v1/carts", {}).body["id"]
    store.put(f"/v1/carts/{cart_id}/lines/LAMP", {"quantity": quantity})
    changed = store.patch(f"/v1/carts/{cart_id}", {"email": "ann@example.com", "shipping_address": {**HOME, **address}})
    assert changed.status == 200, changed.body
    return cart_id


def listed(store: Store, cart_id: str) -> list[dict[str, Any]]:
    answer = store.get(f"/v1/carts/{cart_id}/shipping-methods")
    assert answer.status == 200, answer.body
    items: list[dict[str, Any]] = answer.body["items"]
    return items


def shown(items: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(item["title"], item["price"]["amount"]) for item in items]


def choose(store: Store, cart_id: str, option_id: str | None) -> Answer:
    return store.patch(f"/v1/carts/{cart_id}", {"shipping_method": option_id})


def codes(store: Store, cart_id: str) -> list[str]:
    return [problem["code"] for problem in store.get(f"/v1/carts/{cart_id}").body["problems"]]


def quotes(store: Store) -> list[dict[str, Any]]:
    return [item for item in store.items("shipping") if item["pk"]["S"].startswith("quote#")]
