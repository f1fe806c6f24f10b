"""Load the demo shop into a store, through its admin API.

    python -m local.demo.seed --store-url http://127.0.0.1:8000 --staff-key KEY

What is there already is left as it is, so that it may be run again, also after it was interrupted.
"""

import argparse
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx

from local.demo.api import Refused, StaffApi
from local.demo.requests import category_body, product_body, shipping_method_body
from local.demo.shop import DemoCategory, DemoProduct, DemoShop, DemoVariant, load_shop

CONNECTIONS = 4
CONTROL_PORT = 8001
LOCATION = "main"

type Report = Callable[[int, int], None]
"""Told how many steps of how many are done."""


@dataclass(slots=True)
class Seeded:
    """What the store has now, and how much of it is new."""

    categories: int
    shipping_methods: int
    products: int
    skus: int
    changes: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        contents = (
            f"{self.products} products ({self.skus} SKUs) in {self.categories} categories, "
            f"{self.shipping_methods} shipping methods"
        )
        changed = f"{self.changes} changes" if self.changes else "nothing changed, all of it was there"
        return f"{contents}: {changed}, {self.seconds:.1f} s"


@dataclass
class Seeding:
    """One run: what it writes to, and how far it is."""

    api: StaffApi
    shop: DemoShop
    report: Report
    location: str = LOCATION
    done: int = 0
    changes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def steps(self) -> int:
        """Return how many steps there are in all."""
        shop = self.shop
        return len(list(shelves(shop))) + len(shop.shipping_methods) + len(shop.products) + len(shop.variants)

    def step(self, *, changes: int) -> None:
        """Count a step that is done."""
        with self._lock:
            self.done += 1
            self.changes += changes
            self.report(self.done, self.steps)

    def run(self) -> None:
        """Write all that is missing."""
        ids = self._categories()
        self._shipping_methods()
        existing = {product["slug"]: product for product in self.api.every("/v1/admin/products")}
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            load = partial(self._product, category_ids=ids, existing=existing)
            # The list shows the newest first: the last product of the files is made first.
            try:
                for _ in pool.map(load, reversed(self.shop.products)):
                    pass
            except BaseException:
                self.api.stop()
                raise

    def _categories(self) -> dict[str, str]:
        """Return the ids of all categories by slug, after making those that are missing, parents first."""
        ids = {str(found["slug"]): str(found["id"]) for found in self.api.every("/v1/admin/categories")}
        for position, category, parent in shelves(self.shop):
            is_missing = category.slug not in ids
            if is_missing:
                body = category_body(category, parent_id=ids[parent] if parent else None, position=position)
                key = f"seed:category:{category.slug}"
                ids[category.slug] = self.api.write("POST", "/v1/admin/categories", body, key=key).body["id"]
            self.step(changes=is_missing)
        return ids

    def _shipping_methods(self) -> None:
        existing = {method["id"] for method in self.api.get("/v1/admin/shipping-methods")["items"]}
        for position, method in enumerate(self.shop.shipping_methods):
            is_missing = method.id not in existing
            if is_missing:
                body = shipping_method_body(method, position=position)
                path = f"/v1/admin/shipping-methods/{method.id}"
                self.api.write("PUT", path, body, key=f"seed:shipping-method:{method.id}")
            self.step(changes=is_missing)

    def _product(
        self, product: DemoProduct, *, category_ids: dict[str, str], existing: dict[str, dict[str, Any]]
    ) -> None:
        is_new = False
        if product.slug not in existing:
            body = product_body(product, category_id=category_ids[product.category])
            is_new = self.api.write("POST", "/v1/admin/products", body, key=f"seed:product:{product.slug}").is_new
        self.step(changes=is_new)
        for variant in product.variants:
            self.step(changes=self._stock(variant, is_new=is_new))

    def _stock(self, variant: DemoVariant, *, is_new: bool) -> int:
        """Stock a SKU and say when it is low, each unless that was done before; return how much was changed.

        Stock is received on condition that there is none, which still holds when the key is long forgotten.
        """
        path = f"/v1/admin/stock/{variant.sku}"
        level: dict[str, Any] = {}
        if not is_new:
            levels = self.api.get(path)["levels"]
            level = next((level for level in levels if level["location"] == self.location), {})
        changes = 0
        if variant.stock and not level.get("received"):
            body = {
                "location": self.location,
                "quantity": variant.stock,
                "reference": "Opening stock",
                "expected_available": 0,
            }
            changes += self.api.write("POST", f"{path}/receipts", body, key=f"seed:stock:{variant.sku}").is_new
        if variant.low_stock is not None and level.get("low_stock_threshold") is None:
            threshold = f"{path}/levels/{self.location}/low-stock-threshold"
            body = {"threshold": variant.low_stock}
            changes += self.api.write("PUT", threshold, body, key=f"seed:low-stock:{variant.sku}").is_new
        return changes


def shelves(shop: DemoShop) -> Iterable[tuple[int, DemoCategory, str | None]]:
    """Return every category with its position and its parent's slug, parents first."""

    def below(categories: list[DemoCategory], parent: str | None) -> Iterable[tuple[int, DemoCategory, str | None]]:
        for position, category in enumerate(categories):
            yield position, category, parent
            yield from below(category.children, category.slug)

    return below(shop.categories, None)


def seed(
    *,
    store_url: str,
    staff_key: str,
    location: str = LOCATION,
    report: Report = lambda _done, _steps: None,
    transport: httpx.BaseTransport | None = None,
) -> Seeded:
    """Load the demo shop into the store at this address, and return what was done.

    :raises Refused: when the store refuses a request; a later run goes on from there.
    """
    started = time.monotonic()
    shop = load_shop()
    with StaffApi(store_url=store_url, staff_key=staff_key, connections=CONNECTIONS, transport=transport) as api:
        seeding = Seeding(api=api, shop=shop, report=report, location=location)
        seeding.run()
    return Seeded(
        categories=len(list(shelves(shop))),
        shipping_methods=len(shop.shipping_methods),
        products=len(shop.products),
        skus=len(shop.variants),
        changes=seeding.changes,
        seconds=time.monotonic() - started,
    )


def progress_line(done: int, steps: int) -> None:
    """Show the progress on a terminal: one line that is written over; elsewhere a line every quarter."""
    text = f"Loading the demo shop: {done} of {steps}"
    if sys.stderr.isatty():
        print(f"\r{text}", end="\n" if done == steps else "", file=sys.stderr, flush=True)
    elif done * 4 // steps > (done - 1) * 4 // steps:
        print(text, file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Seed the store that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m local.demo.seed", description="Load the demo shop into a store.")
    parser.add_argument("--store-url", help="the store's address; without it, the running local store's")
    parser.add_argument("--staff-key", help="a staff key that may write; without it, the running local store's")
    parser.add_argument("--control-port", type=int, default=CONTROL_PORT, help="where the local store tells both")
    parser.add_argument("--location", default=LOCATION, help="the stock location to fill")
    parser.add_argument("--quiet", action="store_true", help="say nothing unless something goes wrong")
    given = parser.parse_args(arguments)
    try:
        store_url, staff_key = given.store_url, given.staff_key
        if not (store_url and staff_key):
            info = local_store(f"http://127.0.0.1:{given.control_port}")
            store_url, staff_key = store_url or info["store_url"], staff_key or info["staff_key"]
        report: Report = (lambda _done, _steps: None) if given.quiet else progress_line
        seeded = seed(store_url=store_url, staff_key=staff_key, location=given.location, report=report)
    except Refused as refusal:
        print(f"\nThe demo shop was not loaded completely. {refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped before the demo shop was complete; run it again to go on.", file=sys.stderr)
        return 130
    if not given.quiet:
        print(f"{load_shop().name}: {seeded}")
    return 0


def local_store(control_url: str) -> dict[str, Any]:
    """Return the addresses and keys of the running local store.

    :raises Refused: when none is running there.
    """
    request = f"GET {control_url}/_local/info"
    try:
        answer = httpx.get(f"{control_url}/_local/info", timeout=10, trust_env=False).raise_for_status()
    except httpx.HTTPError as error:
        problem = f"no local store answers there ({error}); start one with: make run"
        raise Refused(request, problem) from error
    info: dict[str, Any] = answer.json()
    return info


if __name__ == "__main__":
    sys.exit(main())
