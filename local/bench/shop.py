"""The shop that is measured: 1,000 products of three variants each, in 20 categories."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import httpx

from local.demo.api import StaffApi
from local.running import RunningStore

CONNECTIONS = 4
STOCK = 1_000_000
REST_SECONDS = 120
SHIPPING = "standard"
VARIANTS = ("Small", "Medium", "Large")


@dataclass(frozen=True, slots=True)
class Shop:
    """What there is to ask for."""

    products: tuple[str, ...]
    categories: tuple[str, ...]
    skus: tuple[str, ...]


def fill(*, store: RunningStore, products: int, categories: int) -> Shop:
    """Put the products on sale, with stock for as long as anybody measures, and wait until all is quiet again."""
    store_url, staff_key = store.store_url, str(store.info["staff_key"])
    shop = Shop(
        products=tuple(f"product-{number:04}" for number in range(products)),
        categories=tuple(f"category-{number:02}" for number in range(categories)),
        skus=tuple(f"SKU-{number:04}-{size[0]}" for number in range(products) for size in VARIANTS),
    )
    with StaffApi(store_url=store_url, staff_key=staff_key, connections=CONNECTIONS) as api:
        method = {"title": "Standard", "prices": [_usd(590)], "countries": ["US"], "position": 0, "active": True}
        api.write("PUT", f"/v1/admin/shipping-methods/{SHIPPING}", method, key="shipping")
        shelves = [
            api.write("POST", "/v1/admin/categories", {"slug": slug, "title": slug.title()}, key=slug).body["id"]
            for slug in shop.categories
        ]
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            list(pool.map(partial(_product, api, shelves), range(products)))
            list(pool.map(partial(_stock, api), shop.skus))
    drained = httpx.post(
        f"{store.control_url}/_local/drain", params={"seconds": REST_SECONDS}, timeout=REST_SECONDS + 5
    )
    drained.raise_for_status()
    return shop


def _product(api: StaffApi, shelves: list[str], number: int) -> None:
    slug = f"product-{number:04}"
    body = {
        "slug": slug,
        "title": f"Product {number}",
        "description": "A thing that is made to be looked at, put into carts and bought. " * 4,
        "images": [{"url": f"/media/{slug}.jpg", "alt": f"Product {number}"}],
        "attributes": {"material": "oak", "origin": "Portland"},
        "category_ids": [shelves[number % len(shelves)]],
        "status": "active",
        "options": [{"name": "Size", "values": list(VARIANTS)}],
        "variants": [
            {"sku": f"SKU-{number:04}-{size[0]}", "options": {"Size": size}, "prices": [_usd(1_000 + number + step)]}
            for step, size in enumerate(VARIANTS)
        ],
    }
    api.write("POST", "/v1/admin/products", body, key=slug)


def _stock(api: StaffApi, sku: str) -> None:
    api.write("POST", f"/v1/admin/stock/{sku}/receipts", {"location": "main", "quantity": STOCK}, key=f"stock:{sku}")


def _usd(amount: int) -> dict[str, int | str]:
    return {"amount": amount, "currency": "USD"}
