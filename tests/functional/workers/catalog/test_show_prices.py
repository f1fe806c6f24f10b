"""The worker that brings price lists and rules to the pages of products."""

from typing import Any

import pytest

from commerce.catalog import operations, showing_prices
from commerce.kernel import clock
from commerce.kernel.transactions import commit
from tests.support.calls import counted
from tests.support.pricing import LISTS, later, page_variant, put_list
from tests.support.products import product, put_on_sale, variant
from tests.support.store import Store

WORKER = "catalog/show_prices"
OFF = {"off_basis_points": 1000}


def amounts(store: Store) -> set[int]:
    items = store.get("/v1/products?limit=100").body["items"]
    return {each["price"]["amount"] for item in items for each in item["variants"]}


class TestShowPrices:
    def test_has_nothing_to_do_in_a_shop_without_lists(self, store: Store) -> None:
        put_on_sale(store)

        with counted(store) as calls:
            assert store.invoke(WORKER) == {"seen": 0, "changed": 0}

        assert calls == {"GetItem": 1}

    def test_looks_at_every_product_once(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(showing_prices, "PAGE", 2)
        for number in range(5):
            put_on_sale(store, title=f"Tee {number}", skus=[f"TEE-{number}", f"TEE-{number}.XL"])
        put_list(store, adjustment=OFF)

        first, second = store.invoke(WORKER), store.invoke(WORKER)

        assert (first, second) == ({"seen": 5, "changed": 5}, {"seen": 0, "changed": 0})
        assert amounts(store) == {1710}

    def test_takes_two_reads_per_twenty_products_and_three_calls_per_change(self, store: Store) -> None:
        for number in range(3):
            put_on_sale(store, title=f"Tee {number}", skus=[f"TEE-{number}"], status="draft" if number else "active")
        put_list(store, adjustment=OFF)

        with counted(store) as calls:
            store.invoke(WORKER)

        # The progress and the lists before, the progress after; the product and then its SKUs before it is changed.
        assert calls == {"GetItem": 1, "BatchGetItem": 4, "Query": 1, "TransactWriteItems": 2}

    def test_writes_only_what_changes(self, store: Store) -> None:
        put_list(store, adjustment=OFF)
        put_on_sale(store)
        put_on_sale(store, title="Draft", skus=["DRAFT"], status="draft")

        assert store.invoke(WORKER) == {"seen": 2, "changed": 0}

    def test_goes_on_where_the_last_run_stopped(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(showing_prices, "PAGE", 2)
        monkeypatch.setattr(showing_prices, "MOST_PAGES", 2)
        for number in range(9):
            put_on_sale(store, title=f"Tee {number}", skus=[f"TEE-{number}"])
        put_list(store, adjustment=OFF)

        runs = [store.invoke(WORKER)["seen"] for _ in range(4)]

        assert runs == [4, 4, 1, 0]
        assert amounts(store) == {1710}

    def test_begins_anew_when_lists_change_in_the_middle(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(showing_prices, "PAGE", 2)
        monkeypatch.setattr(showing_prices, "MOST_PAGES", 1)
        for number in range(4):
            put_on_sale(store, title=f"Tee {number}", skus=[f"TEE-{number}"])
        put_list(store, adjustment=OFF)
        store.invoke(WORKER)
        put_list(store, adjustment={"off_basis_points": 2000})

        for _ in range(3):
            store.invoke(WORKER)

        assert amounts(store) == {1520}
        assert store.invoke(WORKER) == {"seen": 0, "changed": 0}

    def test_stops_when_lists_change_under_its_hands(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        put_on_sale(store)
        put_list(store, adjustment=OFF)

        def overtaken(writes: Any) -> None:
            monkeypatch.setattr(showing_prices, "commit", commit)
            store.delete(f"{LISTS}/summer")
            commit(writes)

        monkeypatch.setattr(showing_prices, "commit", overtaken)

        assert store.invoke(WORKER) == {"seen": 0, "changed": 0}
        assert amounts(store) == {1900}
        store.invoke(WORKER)
        assert store.invoke(WORKER) == {"seen": 0, "changed": 0}
        assert amounts(store) == {1900}

    def test_keeps_what_others_do_to_a_product_meanwhile(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        made = put_on_sale(store)
        put_list(store, adjustment=OFF)

        def overtaken(writes: Any) -> None:
            monkeypatch.setattr(showing_prices, "commit", commit)
            body = {"title": "Dock tee", "variants": [variant("TEE", 1000)]}
            store.patch(f"/v1/admin/products/{made['id']}", body)
            operations.record_availability(sku="TEE", available=7, revision=1, now=clock.now())
            commit(writes)

        monkeypatch.setattr(showing_prices, "commit", overtaken)

        store.invoke(WORKER)

        found = page_variant(store)
        assert (found["price"]["amount"], found["available"]) == (900, 7)
        assert store.get("/v1/products/harbor-tee").body["title"] == "Dock tee"

    def test_looks_again_after_a_week(self, store: Store) -> None:
        put_on_sale(store)
        put_list(store, adjustment=OFF)
        store.invoke(WORKER)
        later(store, days=6)
        early = store.invoke(WORKER)
        later(store, days=1.1)

        assert (early["seen"], store.invoke(WORKER)["seen"]) == (0, 1)

    def test_keeps_a_product_of_fifty_variants_within_its_row(self, store: Store) -> None:
        skus = [f"{number:02}".ljust(80, "x") for number in range(50)]
        put_on_sale(store, product(skus=[sku[:60] for sku in skus]))
        for number in range(10):
            put_list(store, f"list-{number}", adjustment={"off_basis_points": 100 * (number + 1)}, priority=number)

        assert store.invoke(WORKER) == {"seen": 1, "changed": 1}
        assert amounts(store) == {1710}
